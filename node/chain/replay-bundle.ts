/**
 * What an operator sends with a bug report when executing a block gives another result than its sender or L1
 * claimed: parent, input, what was expected and what came out, as one JSON file. The state before the block is
 * in the node's own database; the bundle names it by its root.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { toHex } from '../../protocol/hex.ts'
import type { Block, HashedBlock, PayloadAttributes, Receipt } from '../execution/block.ts'

export type ReplayBundle = {
  reason: string
  parent: HashedBlock
  attributes: PayloadAttributes
  /** The block as it was claimed; absent for a derived block, which claims no hash. */
  claimed: Block | undefined
  /** What our execution gave; absent where it refused the block. */
  computed: (HashedBlock & { receipts: Receipt[] }) | undefined
}

/** Writes the bundle and returns its path. A bundle for the same block and reason replaces the earlier one. */
export async function writeReplayBundle(directory: string, config: ChainConfig, bundle: ReplayBundle): Promise<string> {
  await mkdir(directory, { recursive: true })
  const number = bundle.parent.block.header.number + 1n
  const subject = bundle.computed?.hash ?? bundle.parent.hash
  const path = join(directory, `block-${number}-${subject.slice(2, 14)}.json`)
  const chain = { name: config.name, l2ChainId: config.l2ChainId, genesis: config.genesis.l2.hash }
  await writeFile(path, `${JSON.stringify({ chain, ...bundle }, plain, 2)}\n`)
  return path
}

/** Bytes as hex, big integers as decimal strings: JSON has neither. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? toHex(value) : value
}
