/**
 * The worker process: loads artifacts, answers, scores. It is started by WorkerSupervisor, speaks messages.ts
 * over IPC, handles one job after another in the order of arrival, and leaves when its prover is gone.
 *
 *     node worker.ts [auto | gpu | cpu]
 */
import { parseMessage, requestSchema, WORKER_PROTOCOL, type WorkerRequest, type WorkerResponse } from './messages.ts'
import { DeviceRefusedError, ScoresDevice } from './scores-device.ts'
import { DEVICE_CHOICES } from './worker-device.ts'
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

async function handle(worker: WorkerJobs, request: WorkerRequest): Promise<void> {
  if (request.type === 'bye') {
    await scores.close()
    process.exit(0)
  }
  const { id } = request
  try {
    say({ v: WORKER_PROTOCOL, type: 'done', id, result: await worker.perform(request) })
  } catch (error) {
    say({ v: WORKER_PROTOCOL, type: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
}

// Ctrl-C reaches the whole process group: the prover decides when its worker leaves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
const scores = await openScores()
scores.events.on('changed', (device) => say({ v: WORKER_PROTOCOL, type: 'device', device }))
const worker = new WorkerJobs({ scores: scores.engine })
// One after another: the supervisor bounds how many wait.
let turn = Promise.resolve()
process.on('message', (message) => {
  const request = parseMessage(requestSchema, message)
  turn = turn.then(() => handle(worker, request))
})
say({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid, device: scores.device })
