/** What should never stand in a batch inbox, and who might put it there. */
import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateSync } from 'node:zlib'
import { bytesToHex, createPublicClient, type Hex, http, keccak256, type PrivateKeyAccount, parseGwei } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { SingularBatch } from '../../node/derivation/batch.ts'
import { encodeBlob } from '../../node/derivation/blob.ts'
import {
  channelFrames,
  channelItem,
  compressChannel,
  randomChannelId,
  spanChannelItem,
} from '../../node/derivation/channel.ts'
import { encodeFrames, type Frame } from '../../node/derivation/frame.ts'
import { blobSidecar, wrapBlobTransaction } from '../../sequencer/blob-transaction.ts'
import type { ChaosL1 } from './chaos-l1.ts'
import type { L2Ref } from './chaos-node.ts'

const FRAME_BYTES = 100_000
const OTHER_CHAIN = 902n

/** Payloads that derivation must drop, by what is wrong with each. */
export async function garbage(): Promise<Record<string, Uint8Array>> {
  const frame = (more: Partial<Frame> = {}): Frame => ({
    ...{ channel: randomChannelId(), number: 0, data: randomBytes(50), isLast: true },
    ...more,
  })
  const channel = (data: Uint8Array) => encodeFrames([frame({ data })])
  const whole = encodeFrames([frame()])
  const zeros = Buffer.alloc(30_000_000)
  return {
    'of no bytes': new Uint8Array(),
    'of a version alone': Uint8Array.of(0),
    'of an unknown version': Buffer.concat([Uint8Array.of(7), whole.subarray(1)]),
    'of random bytes': Buffer.concat([Uint8Array.of(0), randomBytes(500)]),
    'a frame that is cut off': whole.subarray(0, whole.length - 3),
    'a good frame and half another': Buffer.concat([whole, whole.subarray(1, 12)]),
    'a frame that says it is longer': Buffer.concat([
      whole.subarray(0, 19),
      Uint8Array.of(255, 255, 255, 255),
      whole.subarray(23),
    ]),
    'a frame that does not begin its channel': encodeFrames([frame({ number: 5 })]),
    'a channel that never ends': encodeFrames([frame({ isLast: false })]),
    'the same frame twice': encodeFrames([
      frame({ channel: `0x${'ab'.repeat(16)}`, isLast: false }),
      frame({ channel: `0x${'ab'.repeat(16)}`, isLast: false }),
    ]),
    'a channel of unknown compression': channel(Uint8Array.of(3, 1, 2, 3)),
    'a channel that does not decompress': channel(Buffer.concat([Uint8Array.of(1), randomBytes(200)])),
    'a channel without batches': channel(Buffer.concat([Uint8Array.of(1), brotliCompressSync(new Uint8Array())])),
    'a channel of zeros, a thousand times as large as it looks': channel(deflateSync(zeros)),
    'a channel with a batch of an unknown version': channel(deflateSync(Uint8Array.of(0x82, 9, 9))),
  }
}

/** A good batch of this chain that makes the block after `parent` without the user's transactions. */
export function emptyBatchAfter(config: ChainConfig, parent: L2Ref): SingularBatch {
  const { number, hash } = parent.l1origin
  return {
    parentHash: parent.hash as Hex,
    epoch: { number: BigInt(number), hash: hash as Hex },
    timestamp: BigInt(parent.timestamp + config.blockTime),
    transactions: [],
  }
}

export async function payloadOf(batch: SingularBatch): Promise<Uint8Array> {
  return framed(channelItem(batch))
}

/** Batches that are well formed, and another chain's. */
export async function batchesOfAnotherChain(config: ChainConfig, parent: L2Ref): Promise<Record<string, Uint8Array>> {
  const foreign = keccak256('0x5eed')
  const batch = emptyBatchAfter(config, parent)
  const span = {
    relTimestamp: batch.timestamp - BigInt(config.genesis.l2Time),
    l1OriginNumber: batch.epoch.number,
    parentCheck: foreign.slice(0, 42) as Hex,
    l1OriginCheck: batch.epoch.hash.slice(0, 42) as Hex,
    blocks: [{ originChanged: false, transactions: [] }],
  }
  return {
    'a singular batch on a block that we do not have': await payloadOf({ ...batch, parentHash: foreign }),
    'a singular batch of an L1 block that we do not have': await payloadOf({
      ...batch,
      epoch: { ...batch.epoch, hash: foreign },
    }),
    'a span batch on a block that we do not have': await framed(spanChannelItem(span, OTHER_CHAIN)),
    'a span batch of a far future': await framed(spanChannelItem({ ...span, relTimestamp: 1n << 40n }, OTHER_CHAIN)),
  }
}

async function framed(item: Uint8Array): Promise<Uint8Array> {
  return encodeFrames(channelFrames(randomChannelId(), await compressChannel([item], 'brotli'), FRAME_BYTES))
}

/** Sends payloads to the inbox from an account, one transaction each, after what the account has pending. */
export class Intruder {
  readonly #modules: { l1: ChaosL1; config: ChainConfig; account: PrivateKeyAccount }

  constructor(modules: { l1: ChaosL1; config: ChainConfig; account: PrivateKeyAccount }) {
    this.#modules = modules
  }

  async sendCalldata(payloads: Uint8Array[]): Promise<void> {
    const { l1, account } = this.#modules
    let nonce = await this.#nonce()
    for (const payload of payloads) {
      const gas = 100_000n + 50n * BigInt(payload.length)
      const request = { ...this.#common, data: bytesToHex(payload), nonce: nonce++, gas, type: 'eip1559' } as const
      await l1.send(await account.signTransaction(request))
    }
  }

  async sendBlobs(blobs: Uint8Array[]): Promise<void> {
    const { l1, account } = this.#modules
    const sidecar = await blobSidecar(blobs, '4844')
    const signed = await account.signTransaction({
      ...this.#common,
      ...{ type: 'eip4844', nonce: await this.#nonce(), gas: 21_000n },
      ...{ maxFeePerBlobGas: parseGwei('10'), blobVersionedHashes: sidecar.versionedHashes },
    })
    await l1.send(wrapBlobTransaction(signed, sidecar))
  }

  get #common() {
    const { config } = this.#modules
    const fees = { maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: parseGwei('1') }
    return { chainId: config.l1ChainId, to: config.batchInboxAddress, ...fees }
  }

  #nonce(): Promise<number> {
    const { l1, account } = this.#modules
    const client = createPublicClient({ transport: http(l1.url), cacheTime: 0 })
    return client.getTransactionCount({ address: account.address, blockTag: 'pending' })
  }
}

/** Blobs that hold no payload, or garbage in the right form. */
export async function garbageBlobs(): Promise<Uint8Array[]> {
  const noData = new Uint8Array(131_072)
  noData.fill(1, 1, 5)
  return [noData, encodeBlob(randomBytes(1_000)), encodeBlob((await garbage())['a channel that does not decompress']!)]
}
