/** A request that the gateway refuses: which field, what it was, why, and what would mend it. Nothing was written. */
export class RequestError extends Error {
  override name = 'RequestError'
  /** HTTP status. */
  readonly status: number
  readonly field: string
  readonly value: unknown
  /** Further figures for the caller, such as the ceiling that would do. */
  readonly details: Record<string, unknown>

  constructor(
    status: number,
    fault: { field: string; value: unknown; reason: string; details?: Record<string, unknown> },
  ) {
    super(fault.reason)
    this.status = status
    this.field = fault.field
    this.value = fault.value
    this.details = fault.details ?? {}
  }
}
