/**
 * Errors that say what the caller must do (op-node's derive.Level). Everything that follows L1 or
 * imports blocks throws one of these; any other error is a defect and counts as critical.
 */
export type Severity = 'temporary' | 'reset' | 'critical'

export abstract class NodeError extends Error {
  abstract readonly severity: Severity
}

/** Try again later: an endpoint is down, data has not arrived. */
export class TemporaryError extends NodeError {
  override name = 'TemporaryError'
  readonly severity = 'temporary'
}

/** What was built on no longer holds: reset to the last common L1 origin. */
export class ResetError extends NodeError {
  override name = 'ResetError'
  readonly severity = 'reset'
}

/** Cannot go on; an operator must look. */
export class CriticalError extends NodeError {
  override name = 'CriticalError'
  readonly severity = 'critical'
}
