/** Merkle nodes that stay in memory between blocks. */
import type { Address } from '../../genesis/addresses.ts'
import type { TrieNode, UpdatedTrie } from './trie.ts'

/** Tries are hardly ever deeper: sixteen million keys make seven levels. */
const MAX_DEPTH = 8

export class LiveTries {
  #accounts: TrieNode | undefined
  readonly #storage = new Map<Address, TrieNode>()
  readonly #limit: number
  #nodes = 0
  /** Nodes that no block has led through since then go first. */
  #since = 0

  /** About `limit` nodes are held. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get accounts(): TrieNode | undefined {
    return this.#accounts
  }

  storage(address: Address): TrieNode | undefined {
    return this.#storage.get(address)
  }

  /** Nodes that were read below a root that is held: they are there whether or not the block comes to be. */
  read(updated: UpdatedTrie): void {
    this.#nodes += updated.loaded
  }

  setAccounts({ root, grown }: UpdatedTrie): void {
    this.#accounts = root
    this.#nodes += grown
  }

  setStorage(address: Address, { root, grown }: UpdatedTrie): void {
    if (root === undefined) this.#storage.delete(address)
    else this.#storage.set(address, root)
    this.#nodes += grown
  }

  clear(): void {
    this.#accounts = undefined
    this.#storage.clear()
    this.#nodes = 0
  }

  /**
   * Lets go of nodes where there are too many: first those that no block has led through since the last time, then the
   * deepest, of which each serves the fewest keys. `number`: the newest block.
   */
  bound(number: number): void {
    if (this.#nodes <= this.#limit) return
    const since = this.#since
    this.#since = number
    this.#keep((node) => node.used > since)
    for (let depth = MAX_DEPTH; this.#nodes > this.#limit && depth > 0; depth--) this.#keep((_, at) => at < depth)
    if (this.#nodes > this.#limit) this.clear()
  }

  #keep(wanted: (node: TrieNode, depth: number) => boolean): void {
    this.#nodes = this.#accounts === undefined ? 0 : keptBelow(this.#accounts, wanted, 0)
    for (const [address, root] of this.#storage) {
      if (wanted(root, 1)) this.#nodes += keptBelow(root, wanted, 1)
      else this.#storage.delete(address)
    }
  }
}

/** Drops children that are not wanted, with all below them; returns how many nodes stay. */
function keptBelow(node: TrieNode, wanted: (node: TrieNode, depth: number) => boolean, depth: number): number {
  let kept = 1
  const { children } = node
  for (let i = 0; children !== undefined && i < children.length; i++) {
    const child = children[i]
    if (child === undefined) continue
    if (wanted(child, depth + 1)) kept += keptBelow(child, wanted, depth + 1)
    else children[i] = undefined
  }
  return kept
}
