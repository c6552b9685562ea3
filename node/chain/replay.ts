/** A replay bundle executed again from itself alone, and how what comes out differs from what was claimed and what was recorded. */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import type { HashedBlock, Header, Receipt } from '../execution/block.ts'
import { type ExecutedBlock, executeBlock } from '../execution/execute-block.ts'
import { headerHash } from '../execution/header.ts'
import { InvalidBlockError } from '../execution/invalid-block.ts'
import type { NativeContracts } from '../execution/native.ts'
import { encodeReceipts } from '../execution/receipt.ts'
import { StateDatabase } from '../state/state-database.ts'
import type { ReadReplayBundle } from './replay-bundle.ts'
import { WitnessGapError, witnessStore } from './state-witness.ts'

/** Why no block came out: the rule it breaks, or that execution asked for state which the bundle lacks. */
export type Refusal = { refused: string }

export type Replayed = {
  number: bigint
  reason: string
  /** What the block's sender claimed; undefined for a block derived from L1, which claims nothing. */
  expected: (Header & { hash: Hex }) | undefined
  /** What the node that wrote the bundle computed. */
  recorded: (Header & { hash: Hex }) | undefined
  computed: (Header & { hash: Hex }) | Refusal
  /** Fields of the header in which what was computed now is not what was claimed. */
  differences: (keyof Header)[]
  /** Whether what was computed now is what the node recorded: the bundle shows what happened there. */
  reproduced: boolean
  /** The first receipt that differs from the recorded ones. */
  firstDifferingReceipt: { index: number; recorded: Receipt | undefined; computed: Receipt | undefined } | undefined
}

export async function replay(modules: { natives: NativeContracts }, bundle: ReadReplayBundle): Promise<Replayed> {
  const { parent, claimed, computed: recorded, reason } = bundle
  const computed = await execute(modules, bundle)
  const expected = claimed && { ...claimed.header, hash: headerHash(claimed.header) }
  const common = {
    number: parent.block.header.number + 1n,
    reason,
    expected,
    recorded: recorded && summary(recorded),
  }
  if ('refused' in computed) {
    const reproduced = recorded === undefined && computed.refused === reason
    return { ...common, computed, differences: [], reproduced, firstDifferingReceipt: undefined }
  }
  return {
    ...common,
    computed: summary(computed),
    differences: claimed === undefined ? [] : headerDifferences(claimed.header, computed.block.header),
    reproduced: computed.hash === recorded?.hash,
    firstDifferingReceipt: recorded && firstDifference(recorded.receipts, computed.receipts),
  }
}

async function execute(
  { natives }: { natives: NativeContracts },
  { config, parent, attributes, witness }: ReadReplayBundle,
): Promise<ExecutedBlock | Refusal> {
  try {
    const state = await StateDatabase.open({ store: witnessStore(witness) })
    return await executeBlock({ config, natives, state }, parent, attributes)
  } catch (error) {
    if (error instanceof InvalidBlockError || error instanceof WitnessGapError) return { refused: error.message }
    throw error
  }
}

const summary = ({ hash, block }: HashedBlock) => ({ ...block.header, hash })

/** Names of the fields that are not equal, in the header's order. */
export function headerDifferences(claimed: Header, computed: Header): (keyof Header)[] {
  return (Object.keys(computed) as (keyof Header)[]).filter((field) => claimed[field] !== computed[field])
}

function firstDifference(recorded: Receipt[], computed: Receipt[]): Replayed['firstDifferingReceipt'] {
  const count = Math.max(recorded.length, computed.length)
  for (let index = 0; index < count; index++) {
    const pair = { recorded: recorded[index], computed: computed[index] }
    if (canonical(pair.recorded) !== canonical(pair.computed)) return { index, ...pair }
  }
  return undefined
}

function canonical(receipt: Receipt | undefined): Hex | undefined {
  return receipt && toHex(encodeReceipts([receipt]))
}
