/**
 * Whether a singular batch may become the next block (specs.optimism.io, "Derivation", Batch Queue, in its order of
 * rules, with Holocene's 'past' and without 'future' and 'undecided': the stage asks only when the next L1 block is known).
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L2BlockRef } from '../execution/block.ts'
import { DEPOSIT_TYPE } from '../execution/transaction.ts'
import type { L1BlockRef } from '../l1/source.ts'
import type { SingularBatch } from './batch.ts'

export type BatchValidity = { kind: 'accept' } | { kind: 'past' } | { kind: 'drop'; reason: string }

/** What a batch is judged by. */
export type BatchContext = {
  /** Safe head: the block that the batch must follow. */
  parent: L2BlockRef
  /** The parent's L1 origin and the L1 block after it. */
  epoch: L1BlockRef
  nextEpoch: L1BlockRef
  /** The L1 block in which the batch's channel was completed. */
  inclusion: L1BlockRef
}

const drop = (reason: string): BatchValidity => ({ kind: 'drop', reason })

/** Type 3 (blobs) is for L1 alone; 4 is allowed since Isthmus. Legacy transactions begin with an RLP list (0xc0 and up). */
function isSequenced(raw: Uint8Array): boolean {
  const first = raw[0]
  return first !== undefined && (first >= 0xc0 || first === 0 || first === 1 || first === 2 || first === 4)
}

export function checkBatch(config: ChainConfig, batch: SingularBatch, context: BatchContext): BatchValidity {
  const { parent, inclusion } = context
  const timestamp = parent.timestamp + BigInt(config.blockTime)
  if (batch.timestamp > timestamp) return drop(`timestamp ${batch.timestamp} leaves a gap after ${parent.timestamp}`)
  if (batch.timestamp < timestamp) return { kind: 'past' }
  if (batch.parentHash !== parent.hash) return drop(`parent ${batch.parentHash} is not the safe head ${parent.hash}`)
  if (batch.epoch.number + BigInt(config.seqWindowSize) < inclusion.number)
    return drop(`the sequencing window of L1 block ${batch.epoch.number} ended before ${inclusion.number}`)
  return checkEpoch(config, batch, context)
}

function checkEpoch(config: ChainConfig, batch: SingularBatch, { epoch, nextEpoch }: BatchContext): BatchValidity {
  const origin = [epoch, nextEpoch].find((block) => block.number === batch.epoch.number)
  if (origin === undefined)
    return drop(`L1 origin ${batch.epoch.number} is neither ${epoch.number} nor ${nextEpoch.number}`)
  if (batch.epoch.hash !== origin.hash) return drop(`L1 origin ${batch.epoch.hash} is not ${origin.hash}`)
  if (batch.timestamp < origin.timestamp)
    return drop(`timestamp ${batch.timestamp} precedes its L1 origin's ${origin.timestamp}`)
  if (batch.timestamp > origin.timestamp + BigInt(config.maxSequencerDrift)) {
    if (batch.transactions.length > 0)
      return drop(`timestamp ${batch.timestamp} drifts too far from its L1 origin for transactions`)
    if (origin === epoch && batch.timestamp >= nextEpoch.timestamp)
      return drop(`timestamp ${batch.timestamp} drifts too far without adopting L1 block ${nextEpoch.number}`)
  }
  const wrong = batch.transactions.findIndex((raw) => !isSequenced(raw))
  if (wrong !== -1) {
    const type = batch.transactions[wrong]![0]
    return drop(
      `transaction ${wrong} is ${type === undefined ? 'empty' : type === DEPOSIT_TYPE ? 'a deposit' : `of type ${type}`}`,
    )
  }
  return { kind: 'accept' }
}
