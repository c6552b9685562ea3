/** Which blocks came by gossip, by height: a bounded memory of the last heights. */
import type { Hex } from 'viem'

const MAX_HEIGHTS = 1000

export class SeenBlocks {
  readonly #byHeight = new Map<bigint, Set<Hex>>()

  has(height: bigint, hash: Hex): boolean {
    return this.#byHeight.get(height)?.has(hash) ?? false
  }

  /** How many different blocks were seen at a height. */
  count(height: bigint): number {
    return this.#byHeight.get(height)?.size ?? 0
  }

  /** Forgets the height that was added first where there are more than 1,000. */
  add(height: bigint, hash: Hex): void {
    const hashes = this.#byHeight.get(height) ?? new Set()
    hashes.add(hash)
    this.#byHeight.set(height, hashes)
    if (this.#byHeight.size > MAX_HEIGHTS) {
      for (const oldest of this.#byHeight.keys()) {
        this.#byHeight.delete(oldest)
        break
      }
    }
  }
}
