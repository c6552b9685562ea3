/** Lists of beacon nodes of every kind: those that lack an endpoint, have lost blobs, lie about blobs or about time. */

import type { Hex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { TemporaryError } from '../errors.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { Beacon } from './beacon.ts'
import { EndpointPool } from './endpoint-pool.ts'
import { blobVersionedHash } from './kzg.ts'

const blobs = [1, 2].map((value) => new Uint8Array(131_072).fill(value, 1, 2))
const lie = new Uint8Array(131_072).fill(3, 1, 2)
const block = {
  hash: `0x${'aa'.repeat(32)}`,
  parentHash: `0x${'bb'.repeat(32)}`,
  number: 7n,
  timestamp: 1_240n,
} as const
let hashes: Hex[]

beforeAll(async () => {
  hashes = await Promise.all(blobs.map(blobVersionedHash))
})

type Answers = { [path: string]: unknown }
const hex = (bytes: Uint8Array[]) => bytes.map((blob) => bytesToHex(blob))
const time = { '/eth/v1/beacon/genesis': { genesis_time: '1000' }, '/eth/v1/config/spec': { SECONDS_PER_SLOT: '12' } }
const modern = (held: Uint8Array[]): Answers => ({ ...time, '/eth/v1/beacon/blobs/20': hex(held) })
const older = (held: Uint8Array[]): Answers => ({
  ...time,
  '/eth/v1/beacon/blob_sidecars/20': held.map((blob, index) => ({ index: String(index), blob: bytesToHex(blob) })),
})

/** Beacon nodes by name, each with what it answers; 404 to the rest. */
function beacons(nodes: Record<string, Answers>, l1ChainId?: number) {
  const asked: string[] = []
  const failures: string[] = []
  const fetch = async (url: string) => {
    const { host, pathname } = new URL(url)
    asked.push(`${host}${pathname}`)
    const data = nodes[host]?.[pathname]
    return data === undefined ? new Response('no such path', { status: 404 }) : Response.json({ data })
  }
  const onFailure = (endpoint: string, _: string, reason: string) => failures.push(`${endpoint}: ${reason}`)
  const urls = Object.keys(nodes).map((host) => `http://${host}`)
  const pool = new EndpointPool({ fetch, onFailure }, { urls, timeout: 1_000, maxResponseBytes: 10_000_000 })
  return { beacon: new Beacon({ pool }, { blobId: 'slot', l1ChainId }), asked, failures }
}

describe('a list of beacon nodes', () => {
  it('gives blobs as sidecars where none knows the newer path', async () => {
    const { beacon } = beacons({ first: older([...blobs].reverse()) })
    expect(hex(await beacon.blobs(block, hashes))).toEqual(hex(blobs))
  })

  it('goes on to the next where one has lost blobs', async () => {
    const { beacon, failures } = beacons({ forgetful: modern([blobs[0]!]), archive: modern(blobs) })
    expect(hex(await beacon.blobs(block, hashes))).toEqual(hex(blobs))
    expect(failures).toEqual([`forgetful: of its 1 blobs none has hash ${hashes[1]} (1 of 2 are missing)`])
  })

  it('names one that lies, and leaves it', async () => {
    const { beacon, asked, failures } = beacons({ liar: modern([lie, blobs[0]!]), honest: modern(blobs) })
    await beacon.blobs(block, hashes)
    expect(failures[0]).toMatch(/^liar: of its 2 blobs none has hash/)
    asked.length = 0
    await beacon.blobs(block, hashes)
    expect(asked).toEqual(['honest/eth/v1/beacon/blobs/20'])
    expect(failures).toHaveLength(1)
  })

  it('says how each failed where no one has the blobs', async () => {
    const { beacon } = beacons({ liar: older([lie]), silent: time })
    const failed = beacon.blobs(block, hashes)
    await expect(failed).rejects.toThrow(TemporaryError)
    await expect(failed).rejects.toThrow(/liar: HTTP status 404.*silent: HTTP.*liar: of its 1 blobs none/)
  })

  it('is asked for the time again where the first answer led nowhere', async () => {
    const nodes = {
      late: { ...time, '/eth/v1/beacon/genesis': { genesis_time: '400' } } as Answers,
      honest: modern(blobs),
    }
    const { beacon } = beacons(nodes)
    await expect(beacon.blobs(block, hashes)).rejects.toThrow(/blobs\/70/)
    delete nodes.late['/eth/v1/beacon/genesis']
    expect(hex(await beacon.blobs(block, hashes))).toEqual(hex(blobs))
  })

  it('is refused a clock that stands still', async () => {
    const still = { ...modern(blobs), '/eth/v1/config/spec': { SECONDS_PER_SLOT: '0' } }
    await expect(beacons({ still }).beacon.blobs(block, hashes)).rejects.toThrow(TemporaryError)
  })

  it('is not asked for the time on chains whose clock is known', async () => {
    const { beacon, asked } = beacons({ sepolia: { '/eth/v1/beacon/blobs/20': hex(blobs) } }, 11155111)
    await beacon.blobs({ ...block, timestamp: 1_655_733_600n + 240n }, hashes)
    expect(asked).toEqual(['sepolia/eth/v1/beacon/blobs/20'])
  })
})
