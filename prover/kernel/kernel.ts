/**
 * The f32 reference kernel as an object: module, memory, arena, and how an operation is run. Browser-safe; f32-file.ts
 * starts it in Node with threads.
 *
 * Memory: 64 KiB with the noticeboard of shared-work.ts ‖ 512 KiB for each thread's panels ‖ tensors (arena.ts)
 */
import { Arena, MOST_BYTES } from './arena.ts'
import type { F32Exports, PartArguments, PartName } from './f32-exports.ts'
import { type SharedWork, sharedWork } from './shared-work.ts'

/** Goes up whenever a bit of any operation's result changes; vectors/f32.json holds the bits. */
export const KERNEL_VERSION = 1

const PAGE = 65_536
const ROOMS_AT = PAGE
/** As in assembly/product.ts. */
export const ROOM_BYTES = 524_288
export const MOST_THREADS = 64
/** About so many multiply-adds are done before a sleeping thread has come. */
const SHARE_FROM = 400_000

export type Kernel = {
  /** Threads that take part, the calling one among them. */
  readonly threads: number
  readonly memory: WebAssembly.Memory
  readonly arena: Arena
  readonly exports: F32Exports
  /** Address of the first thread's room for panels. */
  readonly rooms: number
  /** First address that a tensor can have. */
  readonly firstByte: number
  /** Runs all units of an operation, on all threads where `work` (multiply-adds, roughly) is worth it. Blocks until it is done. */
  run<Name extends PartName>(name: Name, args: PartArguments<Name>, units: number, work: number): void
  /** Stops the threads. The memory stays readable. */
  close(): Promise<void>
}

export type KernelOptions = {
  /** The whole memory may grow to so many bytes; one page short of 4 GiB if absent. */
  memoryBytes?: number
  /** Work (multiply-adds, roughly) from which threads share an operation; the bits do not depend on it. */
  shareFrom?: number
}

/** Starts threads 1 … count that `serve` the module over the memory; resolves with how to stop them. */
export type StartThreads = (
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
) => Promise<() => Promise<void>>

/** A kernel of a compiled module: f32.wasm, or f32-shared.wasm where there are threads to start. */
export async function kernelOf(
  modules: { module: WebAssembly.Module; threads?: { count: number; start: StartThreads } },
  options: KernelOptions,
): Promise<Kernel> {
  const { module, threads } = modules
  const count = threads?.count ?? 1
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS)
    throw new RangeError(`threads is ${count}, must be 1 to ${MOST_THREADS}`)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: threads !== undefined })
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  const exports = instance.exports as F32Exports
  const firstByte = ROOMS_AT + count * ROOM_BYTES
  const arena = new Arena({ memory }, { start: firstByte, memoryBytes: options.memoryBytes ?? MOST_BYTES })
  const stop = threads && count > 1 ? await threads.start(module, memory, count - 1) : undefined
  const share: SharedWork | undefined = stop && sharedWork(exports, memory, count)
  const shareFrom = options.shareFrom ?? SHARE_FROM
  let closed = false
  return {
    threads: count,
    memory,
    arena,
    exports,
    rooms: ROOMS_AT,
    firstByte,
    run: (name, args, units, work) => {
      if (closed) throw new Error('the kernel is closed')
      if (units === 0) return
      if (share && units > 1 && work >= shareFrom) share(name, args, units)
      else runAlone(exports[name], args, units)
    },
    close: async () => {
      closed = true
      await stop?.()
    },
  }
}

function runAlone(part: (...args: number[]) => void, args: readonly number[], units: number): void {
  part(...args, 0, units, 0)
}
