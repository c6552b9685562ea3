/**
 * The worker process: loads artifacts, answers, scores, tunes. It is started by WorkerSupervisor, speaks messages.ts
 * over IPC, handles one job after another in the order of arrival, and leaves when its prover is gone.
 *
 *     node worker.ts [auto | gpu | cpu] [threads of the f32 kernel]
 */
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { TuneEvent } from '../tune/tuning.ts'
import { type JobRequest, parseMessage, requestSchema, WORKER_PROTOCOL, type WorkerResponse } from './messages.ts'
import { DeviceRefusedError, ScoresDevice } from './scores-device.ts'
import { DEVICE_CHOICES } from './worker-device.ts'
import { JobInputError } from './worker-errors.ts'
import { WorkerJobs } from './worker-jobs.ts'

function say(message: WorkerResponse): void {
  process.send?.(message)
}

async function openScores(): Promise<ScoresDevice> {
  const choice = DEVICE_CHOICES.find((known) => known === process.argv[2]) ?? 'auto'
  try {
    return await ScoresDevice.open(choice)
  } catch (error) {
    if (!(error instanceof DeviceRefusedError)) throw error
    const refused: WorkerResponse = { v: WORKER_PROTOCOL, type: 'refused', reason: error.message }
    return await new Promise(() => process.send?.(refused, () => process.exit(1)))
  }
}

/** Ends of the jobs that are waiting or in hand. */
const ends = new Map<number, AbortController>()

async function handle(worker: WorkerJobs, request: JobRequest, signal: AbortSignal): Promise<void> {
  const { id } = request
  const progress = (event: TuneEvent) => say({ v: WORKER_PROTOCOL, type: 'progress', id, event })
  try {
    signal.throwIfAborted()
    say({ v: WORKER_PROTOCOL, type: 'done', id, result: await worker.perform(request, { signal, progress }) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const field = error instanceof JobInputError ? error.field : undefined
    say({ v: WORKER_PROTOCOL, type: 'failed', id, message, ...(field && { field }) })
  } finally {
    ends.delete(id)
  }
}

async function leave(): Promise<never> {
  await scores.close()
  process.exit(0)
}

// Ctrl-C reaches the whole process group: the prover decides when its worker leaves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
const scores = await openScores()
scores.events.on('changed', (device) => say({ v: WORKER_PROTOCOL, type: 'device', device }))
const kernel = await loadKernelFromFile({ threads: Number(process.argv[3] ?? 1) })
const worker = new WorkerJobs({ scores: scores.engine, kernel })
// One after another: the supervisor bounds how many wait.
let turn: Promise<unknown> = Promise.resolve()
process.on('message', (message) => {
  const request = parseMessage(requestSchema, message)
  if (request.type === 'cancel') ends.get(request.id)?.abort(new Error('the job was cancelled'))
  else if (request.type === 'bye') {
    for (const end of ends.values()) end.abort(new Error('the worker is leaving'))
    turn = turn.then(leave)
  } else {
    const end = new AbortController()
    ends.set(request.id, end)
    turn = turn.then(() => handle(worker, request, end.signal))
  }
})
say({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid, device: scores.device })
