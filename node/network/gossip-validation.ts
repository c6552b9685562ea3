/**
 * Whether a gossiped block is taken, dropped, or held against its sender (specs.optimism.io, p2p, "Block
 * validation"). Differs from the written rule in four places: blobGasUsed may be anything (Jovian uses it); a
 * block older than a minute is still taken where it is above our head, as after a halt the sequencer catches up with
 * old timestamps, and below it nobody's fault; a sixth block at one height is nobody's fault either, for L1 may reorganize
 * so often; and its height must be the one that its timestamp says, above the safe head.
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { HashedBlock } from '../execution/block.ts'
import { InvalidBlockError } from '../execution/invalid-block.ts'
import { envelopeSigner } from './block-signature.ts'
import { CompressionError } from './compression.ts'
import { checkedBlock, decodeEnvelope, PayloadError } from './execution-payload.ts'
import { decodeMessage } from './gossip-message.ts'

/** Seconds. */
const MAX_AGE = 60n
const MAX_AHEAD = 5n
/** Different blocks at one height that are taken; the sequencer replaces blocks when L1 reorganises. */
const MAX_BLOCKS_PER_HEIGHT = 5

export type Verdict =
  | { kind: 'accept'; block: HashedBlock }
  /** Not wanted, and nobody's fault. */
  | { kind: 'ignore'; reason: string }
  /** The sender should have known. */
  | { kind: 'reject'; reason: string }

/** What a verdict depends on beside the message. */
export type GossipView = {
  config: Pick<ChainConfig, 'l2ChainId' | 'unsafeBlockSigner' | 'blockTime' | 'genesis'>
  /** Seconds since 1970. */
  now: bigint
  unsafeHead: bigint
  safeHead: bigint
  /** Hash of our block at a height up to the unsafe head. */
  hashAt(height: bigint): Promise<Hex | undefined>
  seen: { has(height: bigint, hash: Hex): boolean; count(height: bigint): number }
}

const reject = (reason: string): Verdict => ({ kind: 'reject', reason })
const ignore = (reason: string): Verdict => ({ kind: 'ignore', reason })

/** Judges a message of the blocks topic. Changes nothing: the caller remembers what was accepted. */
export async function judgeMessage(data: Uint8Array, view: GossipView): Promise<Verdict> {
  const read = readMessage(data, view.config)
  return 'kind' in read ? read : await judgeBlock(read, view)
}

/** The signed block with a true hash, or the verdict on it. */
function readMessage(data: Uint8Array, config: GossipView['config']): HashedBlock | Verdict {
  try {
    const { signature, envelope } = decodeMessage(data)
    // The signature first: whoever has no key costs no more than one recovery.
    const signer = envelopeSigner(config.l2ChainId, envelope, signature)
    if (signer !== config.unsafeBlockSigner) {
      return reject(`signed by ${signer ?? 'nobody'}, not by the sequencer ${config.unsafeBlockSigner}`)
    }
    const claimed = decodeEnvelope(envelope)
    return (
      checkedBlock(claimed) ?? reject(`block ${claimed.block.header.number} does not hash to ${claimed.claimedHash}`)
    )
  } catch (error) {
    if (error instanceof CompressionError || error instanceof PayloadError || error instanceof InvalidBlockError) {
      return reject(error.message)
    }
    throw error
  }
}

async function judgeBlock(block: HashedBlock, view: GossipView): Promise<Verdict> {
  const { number, timestamp } = block.block.header
  const { l2Time } = view.config.genesis
  const due = BigInt(l2Time) + number * BigInt(view.config.blockTime)
  if (timestamp !== due) return reject(`block ${number} has timestamp ${timestamp}, its height says ${due}`)
  if (timestamp > view.now + MAX_AHEAD) return reject(`block ${number} has timestamp ${timestamp}, it is ${view.now}`)
  if (view.seen.has(number, block.hash)) return ignore(`block ${number} came before`)
  // All are the sequencer's own: after so many reorganizations in a row its peers are as honest as before.
  if (view.seen.count(number) >= MAX_BLOCKS_PER_HEIGHT)
    return ignore(`block ${number} is one more than ${MAX_BLOCKS_PER_HEIGHT} at its height`)
  if (number > view.unsafeHead) return { kind: 'accept', block }
  if ((await view.hashAt(number)) === block.hash) return ignore(`block ${number} is known`)
  // Where L1 was reorganized, the sequencer builds from a block long ago, and its peers may know of it before we do.
  if (number <= view.safeHead)
    return ignore(`block ${number} competes with a safe block, the safe head is ${view.safeHead}`)
  if (timestamp + MAX_AGE < view.now) return ignore(`block ${number} has timestamp ${timestamp}, it is ${view.now}`)
  return { kind: 'accept', block }
}
