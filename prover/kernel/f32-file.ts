/** The f32 kernel in Node: its module read from disk, where prover/kernel/build.mjs put it, and its threads as worker threads. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { loadKernel } from './f32.ts'
import { type Kernel, type KernelOptions, kernelOf } from './kernel.ts'
import type { ThreadData } from './shared-work.ts'

/** The bytes of a module of build/. Throws an error that says how to build it where it is missing. */
async function readModule(name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(new URL(`./build/${name}`, import.meta.url)))
  } catch (error) {
    throw new Error(`prover/kernel/build/${name} is missing: run \`npm run build\``, { cause: error })
  }
}

/**
 * A kernel of `threads` threads (1 if absent), the calling one among them: its operations block it. The others do not
 * keep the process alive; close() stops them.
 */
export async function loadKernelFromFile(options: KernelOptions & { threads?: number } = {}): Promise<Kernel> {
  const { threads = 1 } = options
  if (threads === 1) return await loadKernel({ ...options, wasm: await readModule('f32.wasm') })
  const module = await WebAssembly.compile(await readModule('f32-shared.wasm'))
  return await kernelOf({ module, threads: { count: threads, start: startThreads } }, options)
}

async function startThreads(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
): Promise<() => Promise<void>> {
  const workers: Worker[] = []
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  try {
    for (let thread = 1; thread <= count; thread++) {
      const data: ThreadData = { module, memory, thread }
      workers.push(new Worker(new URL('./f32-thread.ts', import.meta.url), { workerData: data }))
    }
    await Promise.all(workers.map((worker) => once(worker, 'message')))
  } catch (error) {
    await stop()
    throw error
  }
  for (const worker of workers) worker.unref()
  return stop
}
