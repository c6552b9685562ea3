/** A worker process for tests in which a look for GPUs ends the process, as a broken driver does. */
import { KNOWN_ANSWERS } from '../work/known-answers.ts'
import { WORKER_PROTOCOL } from '../work/messages.ts'

if (process.argv[2] !== 'cpu') process.exit(3)
process.on('message', (message: { id: number }) => {
  process.send?.({ v: WORKER_PROTOCOL, type: 'done', id: message.id, result: KNOWN_ANSWERS })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid, device: { kind: 'cpu', name: 'toy' } })
