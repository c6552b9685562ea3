/**
 * Blobs from beacon nodes (Beacon API, `GET /eth/v1/beacon/blobs/{block_id}`), each proved by its versioned hash.
 * A beacon names blocks by slot; anvil serves the same path with the block number in its place.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
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
const specSchema = z.object({ data: z.object({ SECONDS_PER_SLOT: decimal }) })
const blobsSchema = z.object({ data: z.array(bytes(BLOB_BYTES)).max(MAX_BLOBS) })

type SlotClock = { genesisTime: bigint; secondsPerSlot: bigint }

export class Beacon {
  readonly #pool: EndpointPool
  readonly #blobId: BlobId
  #clock: SlotClock | undefined

  constructor({ pool }: { pool: EndpointPool }, { blobId }: { blobId: BlobId }) {
    this.#pool = pool
    this.#blobId = blobId
  }

  /** The block's blobs with these versioned hashes, in their order. Throws a TemporaryError where no endpoint has them all. */
  async blobs(block: L1BlockRef, hashes: Hex[]): Promise<Uint8Array[]> {
    const id = await this.#idOf(block)
    return this.#pool.get(`/eth/v1/beacon/blobs/${id}?versioned_hashes=${hashes.join(',')}`, async (answer) => {
      const found = await blobsByHash(blobsSchema.parse(answer).data.map(hexToBytes), hashes)
      return hashes.map((hash) => {
        const blob = found.get(hash)
        if (blob === undefined) throw new Error(`blob ${hash} of L1 block ${block.number} is not in the answer`)
        return blob
      })
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
