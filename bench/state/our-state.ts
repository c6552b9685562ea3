/** Our state on disk, as a node opens it, without the chain around it. */
import type { Hex } from 'viem'
import { StateDatabase } from '../../node/state/state-database.ts'
import type { StateDiff } from '../../node/state/state-diff.ts'
import { accountTrieAt, NEWEST } from '../../node/state/state-records.ts'
import { walkTrie } from '../../node/state/trie-walk.ts'
import { type LevelStore, openLevelStore } from '../../node/store/level-store.ts'

export class OurState {
  readonly #store: LevelStore
  readonly #state: StateDatabase

  private constructor(store: LevelStore, state: StateDatabase) {
    this.#store = store
    this.#state = state
  }

  static async open(path: string): Promise<OurState> {
    const store = await openLevelStore(path)
    return new OurState(store, await StateDatabase.open({ store }))
  }

  get root(): Hex {
    return this.#state.head!.stateRoot
  }

  /** One block: the accounts as execution would have read them, the root, then one atomic write. */
  async update(diff: StateDiff): Promise<Hex> {
    await this.#state.prefetch(diff.accounts.keys())
    const prepared = this.#state.prepare(diff, (this.#state.head?.number ?? -1n) + 1n)
    await this.#store.write(prepared.operations)
    this.#state.applied(prepared)
    return prepared.stateRoot
  }

  /** RLP of every node of the account trie. */
  *nodes(): Generator<Uint8Array> {
    for (const { rlp } of walkTrie(accountTrieAt(this.#store, NEWEST))) yield rlp
  }

  async close(): Promise<void> {
    await this.#state.close()
    await this.#store.close()
  }
}
