/** One more thread of the f32 kernel in Node: says that it is up, then serves until it is terminated. */
import { parentPort, workerData } from 'node:worker_threads'
import type { F32Exports } from './f32-exports.ts'
import { serve, type ThreadData } from './shared-work.ts'

const { module, memory, thread }: ThreadData = workerData
const instance = new WebAssembly.Instance(module, { env: { memory } })
parentPort!.postMessage('up')
serve(instance.exports as F32Exports, memory, thread)
