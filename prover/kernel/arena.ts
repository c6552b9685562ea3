/**
 * Room for tensors in the kernel's memory: a stack. What was allocated after a mark goes when the mark is released.
 * The memory grows in steps as it fills, up to a budget, and never shrinks.
 */
const PAGE = 65_536
/** One page short of 4 GiB, so that no address past an end wraps to 0. */
export const MOST_BYTES = 4 * 1024 ** 3 - PAGE
const GROWTH_STEP = 16 * 1024 ** 2
/** A cache line. */
const ALIGNMENT = 64

/** Where the stack stood. */
export type Mark = { readonly top: number }

/** More was asked for than the kernel's budget or the machine allows. */
export class MemoryBudgetError extends RangeError {
  override name = 'MemoryBudgetError'
}

export type ArenaOptions = {
  /** First byte that tensors may take. */
  start: number
  /** The whole memory may grow to so many bytes. */
  memoryBytes: number
}

export class Arena {
  readonly #memory: WebAssembly.Memory
  readonly #options: ArenaOptions
  #top: number

  constructor(modules: { memory: WebAssembly.Memory }, options: ArenaOptions) {
    const { memoryBytes, start } = options
    if (!(memoryBytes >= start && memoryBytes <= MOST_BYTES)) {
      throw new RangeError(`memoryBytes is ${memoryBytes}, must be ${start} to ${MOST_BYTES}`)
    }
    this.#memory = modules.memory
    this.#options = options
    this.#top = aligned(start)
    this.#reserve(this.#top)
  }

  /** First free byte. */
  get top(): number {
    return this.#top
  }

  /** Bytes at a multiple of 64; what they hold is not defined. Throws MemoryBudgetError. */
  allocate(bytes: number): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`cannot allocate ${bytes} bytes`)
    const address = this.#top
    const top = aligned(address + bytes)
    this.#reserve(top)
    this.#top = top
    return address
  }

  mark(): Mark {
    return { top: this.#top }
  }

  /** Frees all that was allocated since. Throws where the mark itself is gone already. */
  release(mark: Mark): void {
    if (mark.top > this.#top) throw new RangeError('the mark was released already')
    this.#top = mark.top
  }

  #reserve(bytes: number): void {
    const { memoryBytes } = this.#options
    const size = this.#memory.buffer.byteLength
    if (bytes <= size) return
    if (bytes > memoryBytes) {
      throw new MemoryBudgetError(
        `the kernel's memory needs ${bytes} bytes, its budget is ${memoryBytes}: release tensors, cut the work smaller or raise memoryBytes`,
      )
    }
    const goal = Math.min(Math.max(bytes, size + GROWTH_STEP), memoryBytes)
    try {
      this.#memory.grow(Math.ceil((goal - size) / PAGE))
    } catch (error) {
      throw new MemoryBudgetError(`the machine gives the kernel no ${goal} bytes of memory`, { cause: error })
    }
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
