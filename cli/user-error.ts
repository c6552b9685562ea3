/** A mistake that the person at the command line can mend: printed as one line, exit code 1, no stack. */
export class UserError extends Error {
  override name = 'UserError'
}

/** A defect's message with its stack; a known failure's in one line. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = error instanceof UserError || KNOWN.has(error.name)
  return known ? error.message : (error.stack ?? error.message)
}

/** Errors of lower rooms that speak to the operator already. */
const KNOWN = new Set([
  'AnvilError',
  'ChainConfigError',
  'CheckpointError',
  'ChildProcessError',
  'ContractArtifactError',
  'CorpusError',
  'CriticalError',
  'DivergedError',
  'L1DeploymentError',
  'ModelFileError',
  'StoreError',
  'StoryError',
])
