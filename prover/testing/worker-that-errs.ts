/** A worker process for tests whose known answers are wrong: a supervisor must never use it. */
import { KNOWN_ANSWERS } from '../work/known-answers.ts'
import { WORKER_PROTOCOL } from '../work/messages.ts'

const wrong = `0x${'00'.repeat(32)}`
process.on('message', (message: { id: number }) => {
  const result = Object.fromEntries(Object.keys(KNOWN_ANSWERS).map((name) => [name, wrong]))
  process.send?.({ v: WORKER_PROTOCOL, type: 'done', id: message.id, result })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid, device: { kind: 'cpu', name: 'none' } })
