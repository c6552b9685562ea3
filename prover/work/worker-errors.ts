/** Why a worker did not do a job. */

/** The queue is full: try again later. */
export class WorkerBusyError extends Error {
  override name = 'WorkerBusyError'
}
/** The worker did a job and failed, failed its test, or died too often over it. */
export class WorkerFailedError extends Error {
  override name = 'WorkerFailedError'
}

/** Nobody could do this job: a field of it is wrong. */
export class JobInputError extends WorkerFailedError {
  override name = 'JobInputError'
  readonly field: string

  constructor(field: string, reason: string) {
    super(reason)
    this.field = field
  }
}

/** The device that the worker must use cannot be had: nothing that a restart mends. */
export class WorkerDeviceError extends WorkerFailedError {
  override name = 'WorkerDeviceError'
}
