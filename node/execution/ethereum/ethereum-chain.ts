/**
 * Blocks of one Ethereum chain and all its branches, in memory, over one state database: the state follows whichever block is to
 * be executed on, back to where branches part and forth again. Before the merge the branch with the most difficulty is the head's;
 * after it, the last one that came.
 */
import type { Hex } from 'viem'
import type { PreparedState, StateDatabase } from '../../state/state-database.ts'
import type { Store } from '../../store/store.ts'
import { decodeEthereumBlock, type EthereumBlock } from './block.ts'
import { type BrokenRuleError, brokenRule } from './block-rule.ts'
import { type Ancestry, type ExecutedEthereumBlock, executeEthereumBlock } from './execute-block.ts'
import type { ForkSchedule } from './fork-schedule.ts'
import { OMMER_GENERATIONS } from './ommers.ts'

type Known = { block: EthereumBlock; totalDifficulty: bigint }

/** `state` stands at the genesis block. */
export type EthereumChainModules = { store: Store; state: StateDatabase; schedule: ForkSchedule }

export class EthereumChain {
  readonly #modules: EthereumChainModules
  readonly #blocks = new Map<Hex, Known>()
  #head: Known
  /** The block whose state the database holds. */
  #current: Known

  constructor(modules: EthereumChainModules, options: { genesis: EthereumBlock }) {
    const { genesis } = options
    this.#modules = modules
    this.#head = { block: genesis, totalDifficulty: genesis.header.difficulty }
    this.#current = this.#head
    this.#blocks.set(genesis.hash, this.#head)
  }

  get head(): EthereumBlock {
    return this.#head.block
  }

  /** Takes a block whose parent is known. Throws {@link BrokenRuleError} where it breaks a rule, the head as it was. */
  async insert(bytes: Uint8Array): Promise<ExecutedEthereumBlock> {
    const block = decodeEthereumBlock(bytes)
    const parent = this.#blocks.get(block.header.parentHash)
    if (parent === undefined) throw unknownParent(block.header.parentHash)
    await this.#moveTo(parent)
    const executed = await executeEthereumBlock(this.#modules, this.#ancestryAfter(parent), block)
    const known = { block, totalDifficulty: parent.totalDifficulty + block.header.difficulty }
    await this.#write(executed.state, known)
    this.#blocks.set(block.hash, known)
    const isMerged = block.header.difficulty === 0n
    if (isMerged || known.totalDifficulty > this.#head.totalDifficulty) this.#head = known
    return executed
  }

  /** Makes the head's state the database's, and gives it. */
  async headState(): Promise<StateDatabase> {
    await this.#moveTo(this.#head)
    return this.#modules.state
  }

  #ancestryAfter(parent: Known): Ancestry {
    const forebears = this.#upFrom(parent, OMMER_GENERATIONS)
    const hashes = new Map([[parent.block.header.number, parent.block.hash]])
    let last = parent
    return {
      forebears: forebears.map(({ block }) => block),
      parentTotalDifficulty: parent.totalDifficulty,
      hashOf: (number) => {
        while (!hashes.has(number)) {
          last = this.#parentOf(last)
          hashes.set(last.block.header.number, last.block.hash)
        }
        return hashes.get(number)!
      },
    }
  }

  #upFrom(from: Known, generations: number): Known[] {
    const found = [from]
    while (found.length < generations && found.at(-1)!.block.header.number > 0n)
      found.push(this.#parentOf(found.at(-1)!))
    return found
  }

  #parentOf({ block }: Known): Known {
    const parent = this.#blocks.get(block.header.parentHash)
    if (parent === undefined) throw new Error(`block ${block.header.number} has no known parent`)
    return parent
  }

  /** Undoes blocks back to the last common one, then executes those of the other branch. */
  async #moveTo(target: Known): Promise<void> {
    const ahead: Known[] = []
    let ours = this.#current
    let theirs = target
    while (ours.block.hash !== theirs.block.hash) {
      const isAhead = theirs.block.header.number >= ours.block.header.number
      if (isAhead) {
        ahead.unshift(theirs)
        theirs = this.#parentOf(theirs)
      } else {
        ours = this.#parentOf(ours)
      }
    }
    if (ours !== this.#current) await this.#write(this.#modules.state.revertTo(ours.block.header.number), ours)
    for (const known of ahead) {
      const ancestry = this.#ancestryAfter(this.#parentOf(known))
      const { state } = await executeEthereumBlock(this.#modules, ancestry, known.block)
      await this.#write(state, known)
    }
  }

  async #write(prepared: PreparedState, known: Known): Promise<void> {
    const { store, state } = this.#modules
    await store.write(prepared.operations)
    state.applied(prepared)
    this.#current = known
  }
}

function unknownParent(hash: Hex): BrokenRuleError {
  const rule = BigInt(hash) === 0n ? 'UNKNOWN_PARENT_ZERO' : 'UNKNOWN_PARENT'
  return brokenRule(rule, `no block is known with the parent's hash ${hash}`)
}
