/**
 * The worker process: loads artifacts, answers, scores. It is started by WorkerSupervisor, speaks messages.ts
 * over IPC, handles one job after another in the order of arrival, and leaves when its prover is gone.
 */
import { kernelScores } from '../attribute/scores.ts'
import { parseMessage, requestSchema, WORKER_PROTOCOL, type WorkerRequest, type WorkerResponse } from './messages.ts'
import { WorkerJobs } from './worker-jobs.ts'

function say(message: WorkerResponse): void {
  process.send?.(message)
}

async function handle(worker: WorkerJobs, request: WorkerRequest): Promise<void> {
  if (request.type === 'bye') process.exit(0)
  const { id } = request
  try {
    say({ v: WORKER_PROTOCOL, type: 'done', id, result: await worker.perform(request) })
  } catch (error) {
    say({ v: WORKER_PROTOCOL, type: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
}

const worker = new WorkerJobs({ scores: await kernelScores() })
// One after another: the supervisor bounds how many wait.
let turn = Promise.resolve()
process.on('message', (message) => {
  const request = parseMessage(requestSchema, message)
  turn = turn.then(() => handle(worker, request))
})
// Ctrl-C reaches the whole process group: the prover decides when its worker leaves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
say({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid })
