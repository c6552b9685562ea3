/**
 * The f32 kernel with threads in a browser, its threads web workers. The page must be isolated from other origins
 * (Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp), or there is no shared memory; and as
 * operations block their caller, which a page's main thread may not, it is to be loaded in a worker.
 */
import { fetchModule } from './f32.ts'
import { type Kernel, type KernelOptions, kernelOf } from './kernel.ts'
import type { ThreadData } from './shared-work.ts'

/** A kernel of `threads` threads, the calling one among them. Throws where memory cannot be shared. */
export async function loadKernelInWorker(options: KernelOptions & { threads: number }): Promise<Kernel> {
  if (!globalThis.crossOriginIsolated)
    throw new Error('threads need a page that is isolated from other origins: COOP same-origin and COEP require-corp')
  const module = await WebAssembly.compile(await fetchModule('f32-shared.wasm'))
  return await kernelOf({ module, threads: { count: options.threads, start: startThreads } }, options)
}

async function startThreads(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
): Promise<() => Promise<void>> {
  const workers: Worker[] = []
  const stop = async () => {
    for (const worker of workers) worker.terminate()
  }
  try {
    for (let thread = 1; thread <= count; thread++) {
      const worker = new Worker(new URL('./f32-web-thread.ts', import.meta.url), { type: 'module' })
      workers.push(worker)
      worker.postMessage({ module, memory, thread } satisfies ThreadData)
    }
    await Promise.all(workers.map(untilUp))
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

const untilUp = (worker: Worker) =>
  new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve()
    worker.onerror = ({ message }) => reject(new Error(`a kernel thread did not start: ${message}`))
  })
