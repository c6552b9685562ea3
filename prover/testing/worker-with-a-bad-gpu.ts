/** A worker process for tests that passes its test on a GPU and dies there over its first job; on the CPU it works. */
import { KNOWN_ANSWERS } from '../work/known-answers.ts'
import { WORKER_PROTOCOL } from '../work/messages.ts'

const kind = process.argv[2] === 'cpu' ? 'cpu' : 'gpu'
const ANSWER = { text: 'by the CPU', engine: 'toy', notice: '', hits: [] }

process.on('message', (message: { id: number; type: string }) => {
  if (message.type === 'bye') process.exit(0)
  if (message.type !== 'prove' && kind === 'gpu') process.kill(process.pid, 'SIGKILL')
  const result = message.type === 'prove' ? KNOWN_ANSWERS : ANSWER
  process.send?.({ v: WORKER_PROTOCOL, type: 'done', id: message.id, result })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid, device: { kind, name: 'toy' } })
