/**
 * Blobs from beacon nodes, each proved by its versioned hash: `GET /eth/v1/beacon/blobs/{block_id}` of the Beacon API, or the
 * older `/eth/v1/beacon/blob_sidecars/{block_id}` where no endpoint has them there.
 * A beacon names blocks by slot; anvil serves the first path with the block number in its place.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { TemporaryError } from '../errors.ts'
import { hexToBytes } from '../execution/bytes.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import { bytes } from './json-fields.ts'
import { blobVersionedHash } from './kzg.ts'
import type { L1BlockRef } from './source.ts'

const BLOB_BYTES = 131_072
/** More than any schedule allows in one block. */
const MAX_BLOBS = 128

export type BlobId = 'slot' | 'block-number'

const decimal = z
  .string()
  .regex(/^[0-9]+$/)
  .transform(BigInt)
const genesisSchema = z.object({ data: z.object({ genesis_time: decimal }) })
const specSchema = z.object({ data: z.object({ SECONDS_PER_SLOT: decimal.refine((seconds) => seconds > 0n) }) })
const blobsSchema = z.object({ data: z.array(bytes(BLOB_BYTES)).max(MAX_BLOBS) })

const sidecarsSchema = z.object({ data: z.array(z.object({ blob: bytes(BLOB_BYTES) })).max(MAX_BLOBS) })

type SlotClock = { genesisTime: bigint; secondsPerSlot: bigint }

/** By chain id: Ethereum, Sepolia and Hoodi need nobody's word for it. */
const SLOT_CLOCKS: Record<number, SlotClock> = {
  1: { genesisTime: 1_606_824_023n, secondsPerSlot: 12n },
  11155111: { genesisTime: 1_655_733_600n, secondsPerSlot: 12n },
  560048: { genesisTime: 1_742_213_400n, secondsPerSlot: 12n },
}

export class Beacon {
  readonly #pool: EndpointPool
  readonly #blobId: BlobId
  readonly #knowsClock: boolean
  #clock: SlotClock | undefined

  constructor(
    { pool }: { pool: EndpointPool },
    { blobId, l1ChainId }: { blobId: BlobId; l1ChainId?: number | undefined },
  ) {
    this.#pool = pool
    this.#blobId = blobId
    this.#clock = l1ChainId === undefined ? undefined : SLOT_CLOCKS[l1ChainId]
    this.#knowsClock = this.#clock !== undefined
  }

  /** The block's blobs with these versioned hashes, in their order. Throws a TemporaryError where no endpoint has them all. */
  async blobs(block: L1BlockRef, hashes: Hex[]): Promise<Uint8Array[]> {
    const id = await this.#idOf(block)
    try {
      return await this.#blobsAt(`/eth/v1/beacon/blobs/${id}?versioned_hashes=${hashes.join(',')}`, hashes, blobsOf)
    } catch (error) {
      if (!(error instanceof TemporaryError)) throw error
      return await this.#sidecars(id, hashes, error)
    }
  }

  async #sidecars(id: bigint, hashes: Hex[], before: TemporaryError): Promise<Uint8Array[]> {
    try {
      return await this.#blobsAt(`/eth/v1/beacon/blob_sidecars/${id}`, hashes, sidecarBlobsOf)
    } catch (error) {
      if (!(error instanceof TemporaryError)) throw error
      // The slot may be wrong because an endpoint told a wrong time: ask again.
      if (!this.#knowsClock) this.#clock = undefined
      throw new TemporaryError(`${before.message}; ${error.message}`)
    }
  }

  #blobsAt(path: string, hashes: Hex[], read: (answer: unknown) => Hex[]): Promise<Uint8Array[]> {
    return this.#pool.get(path, async (answer) => {
      const blobs = read(answer)
      const found = await blobsByHash(blobs.map(hexToBytes), hashes)
      const missing = hashes.filter((hash) => !found.has(hash))
      if (missing.length > 0)
        throw new Error(
          `of its ${blobs.length} blobs none has hash ${missing[0]} (${missing.length} of ${hashes.length} are missing)`,
        )
      return hashes.map((hash) => found.get(hash)!)
    })
  }

  async #idOf(block: L1BlockRef): Promise<bigint> {
    if (this.#blobId === 'block-number') return block.number
    const { genesisTime, secondsPerSlot } = await this.#slotClock()
    return (block.timestamp - genesisTime) / secondsPerSlot
  }

  async #slotClock(): Promise<SlotClock> {
    this.#clock ??= {
      genesisTime: (await this.#pool.get('/eth/v1/beacon/genesis', (answer) => genesisSchema.parse(answer))).data
        .genesis_time,
      secondsPerSlot: (await this.#pool.get('/eth/v1/config/spec', (answer) => specSchema.parse(answer))).data
        .SECONDS_PER_SLOT,
    }
    return this.#clock
  }
}

const blobsOf = (answer: unknown): Hex[] => blobsSchema.parse(answer).data
const sidecarBlobsOf = (answer: unknown): Hex[] => sidecarsSchema.parse(answer).data.map(({ blob }) => blob)

/** Stops as soon as all are found: a commitment costs tens of milliseconds. */
async function blobsByHash(blobs: Uint8Array[], wanted: Hex[]): Promise<Map<Hex, Uint8Array>> {
  const missing = new Set(wanted)
  const found = new Map<Hex, Uint8Array>()
  for (const blob of blobs) {
    if (missing.size === 0) break
    const hash = await blobVersionedHash(blob)
    if (missing.delete(hash)) found.set(hash, blob)
  }
  return found
}
