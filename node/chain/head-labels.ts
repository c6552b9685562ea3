/**
 * The three heads, in memory and in the store (table `labels`: name -> block number u64 | block hash).
 * finalized <= safe <= unsafe, all on the canonical chain. Opening checks that blocks, labels and state tell
 * one story: they were written together, so a contradiction is damage that no retry mends.
 */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import { CriticalError } from '../errors.ts'
import type { HashedBlock } from '../execution/block.ts'
import { hexKey, keyNumber, nameKey, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import type { BlockStore } from './block-store.ts'
import type { HeadLabel } from './reads.ts'

export type Heads = Record<HeadLabel, HashedBlock>

export const HEAD_LABELS: readonly HeadLabel[] = ['unsafe', 'safe', 'finalized']

export function labelOperation(label: HeadLabel, { hash, block }: HashedBlock): StoreOperation {
  const value = new Uint8Array(40)
  value.set(numberKey(block.header.number))
  value.set(hexKey(hash), 8)
  return { type: 'put', table: TABLES.labels, key: nameKey(label), value }
}

function readLabel(store: Store, label: HeadLabel): { number: bigint; hash: Hex } | undefined {
  const value = store.get(TABLES.labels, nameKey(label))
  if (value === undefined) return undefined
  return { number: keyNumber(value.subarray(0, 8)), hash: toHex(value.subarray(8, 40)) }
}

/** undefined where the store is new. Throws {@link CriticalError} naming what contradicts what. */
export function openHeads(
  modules: { store: Store; blocks: BlockStore },
  state: { number: bigint; stateRoot: Hex } | undefined,
): Heads | undefined {
  const { store, blocks } = modules
  if (HEAD_LABELS.every((label) => readLabel(store, label) === undefined)) {
    if (state === undefined) return undefined
    throw new CriticalError(`database damaged: it holds the state of block ${state.number}, but no head labels`)
  }
  const [unsafe, safe, finalized] = HEAD_LABELS.map((label) => openHead(store, blocks, label))
  const heads: Heads = { unsafe: unsafe!, safe: safe!, finalized: finalized! }
  checkOrder(heads)
  checkState(heads.unsafe, state)
  return heads
}

function openHead(store: Store, blocks: BlockStore, label: HeadLabel): HashedBlock {
  const found = readLabel(store, label)
  if (found === undefined) throw new CriticalError(`database damaged: the ${label} head label is missing`)
  const canonical = blocks.canonicalHash(found.number)
  if (canonical !== found.hash) {
    throw new CriticalError(
      `database damaged: the ${label} head is block ${found.number} (${found.hash}), the canonical chain holds ${canonical ?? 'nothing'} there`,
    )
  }
  const block = blocks.byHash(found.hash)
  if (block !== undefined) return block
  throw new CriticalError(`database damaged: block ${found.number} (${found.hash}) of the ${label} head is missing`)
}

function checkOrder({ unsafe, safe, finalized }: Heads): void {
  const [last, middle, first] = [unsafe, safe, finalized].map(({ block }) => block.header.number)
  if (first! <= middle! && middle! <= last!) return
  throw new CriticalError(`database damaged: heads out of order: finalized ${first}, safe ${middle}, unsafe ${last}`)
}

function checkState({ block: { header } }: HashedBlock, state: { number: bigint; stateRoot: Hex } | undefined): void {
  if (state?.number === header.number && state.stateRoot === header.stateRoot) return
  const held = state === undefined ? 'no state' : `the state of block ${state.number} with root ${state.stateRoot}`
  throw new CriticalError(
    `database damaged: the unsafe head is block ${header.number} with state root ${header.stateRoot}, but the store holds ${held}`,
  )
}
