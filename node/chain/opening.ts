/**
 * Opening a chain: a new store gets block 0; one that was used must hold the block 0 that the config names, and heads
 * that agree with blocks and state.
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { CriticalError } from '../errors.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { BlockStore } from './block-store.ts'
import { type GenesisRecord, genesisBlock } from './genesis-block.ts'
import { HEAD_LABELS, type Heads, labelOperation, openHeads } from './head-labels.ts'
import { safeHeadOperation } from './safe-head-index.ts'

/** Throws {@link CriticalError} that names what contradicts what. */
export async function openBlocks(modules: {
  config: ChainConfig
  store: Store
  state: StateDatabase
}): Promise<{ blocks: BlockStore; heads: Heads }> {
  const { config, store, state } = modules
  const blocks = new BlockStore({ store }, { chainId: BigInt(config.l2ChainId) })
  const heads = openHeads({ store, blocks }, state.head)
  if (heads !== undefined) {
    checkGenesis(config, blocks.canonicalHash(0n))
    return { blocks, heads }
  }
  const genesis = genesisBlock(config, state)
  checkGenesis(config, genesis.hash)
  await store.write(genesisOperations(config, blocks, genesis), { sync: true })
  state.applied(genesis.state)
  const head = { hash: genesis.hash, block: genesis.block }
  return { blocks, heads: { unsafe: head, safe: head, finalized: head } }
}

function checkGenesis(config: ChainConfig, hash: Hex | undefined): void {
  if (hash === config.genesis.l2.hash) return
  throw new CriticalError(
    `genesis.l2.hash of chain config "${config.name}" is ${config.genesis.l2.hash}, but block 0 is ${hash ?? 'missing'}: use the config that the data directory was made with, or another data directory`,
  )
}

function genesisOperations(config: ChainConfig, blocks: BlockStore, genesis: GenesisRecord): StoreOperation[] {
  const l1 = { number: BigInt(config.genesis.l1.number), hash: config.genesis.l1.hash }
  return [
    ...genesis.state.operations,
    ...blocks.insertion(genesis, []),
    ...HEAD_LABELS.map((label) => labelOperation(label, genesis)),
    safeHeadOperation({ l1, l2: { number: 0n, hash: genesis.hash } }),
  ]
}
