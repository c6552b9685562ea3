/** One more thread of the f32 kernel in a browser: says that it is up, then serves until it is terminated. */
import type { F32Exports } from './f32-exports.ts'
import { serve, type ThreadData } from './shared-work.ts'

addEventListener('message', ({ data }: MessageEvent<ThreadData>) => {
  const { module, memory, thread } = data
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  postMessage('up')
  serve(instance.exports as F32Exports, memory, thread)
})
