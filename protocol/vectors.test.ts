/**
 * The frozen vectors: bytes and numbers of the protocol as they stand. A change to one of these files is a
 * new protocol version (docs/protocol.md).
 */
import { readFileSync } from 'node:fs'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Address } from '../genesis/addresses.ts'
import { ClusterId, ContributionId, Wei } from '../genesis/units.ts'
import { challengeCommitment, sameSubject } from './challenge.ts'
import { chunkContent, chunkLeaf } from './chunks.ts'
import { claimHash, encodeClaim } from './claim.ts'
import { contributionCommitment } from './commitment.ts'
import { selectEntries } from './entries.ts'
import { fromHex, toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'
import { encodeLeaf, leafHash } from './leaf.ts'
import { medianScale, queryFeature, rowFeature, seedSigns } from './lexical.ts'
import { cutWindows, encodeManifestItem, manifestRoot } from './manifest.ts'
import { merkleLeaf, merkleProof, merkleRoot } from './merkle.ts'
import { bandKeys, matchingValues, minhash } from './minhash.ts'
import { buildRarity, encodeRarity } from './ngrams.ts'
import { queryHash } from './query.ts'
import { receiptDigest, saltedHash } from './receipt.ts'
import { channelIdOf, requestId } from './request.ts'
import { encodeRow, rowLeaf, SIGN_BYTES } from './row.ts'
import { rawScore, threshold } from './score.ts'
import { entryWeights, splitByWeights, splitFee } from './shares.ts'
import { lexicalTokens, tokenIds } from './tokens.ts'
import { voucherDigest } from './voucher.ts'

const utf8 = new TextEncoder()
const idsOf = (text: string) => tokenIds(lexicalTokens(utf8.encode(text)))
const word = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`
const account = (byte: number): Address => `0x${byte.toString(16).padStart(2, '0').repeat(20)}`

const TEXTS = [
  'The quick brown fox jumps over the lazy dog.',
  'A quick brown dog outpaces a lazy fox; Größe 数据!',
  'function transfer(address to, uint256 value) public returns (bool) { _transfer(msg.sender, to, value); return true; }',
]
const QUERY = 'which function does transfer(address to, uint256 value)?'

const receipt = {
  channel: word(0xc1),
  n: 3n,
  version: 4n,
  fee: 5_000_000_000_000_000n,
  promptTokens: 6,
  outputTokens: 700,
  promptHash: word(0xd1),
  outputHash: word(0xd2),
  openable: true,
}
const leaf = {
  ...receipt,
  asOf: 1234n,
  queryHash: word(0xd3),
  entries: [
    { row: 7, cluster: 8n, raw: 300_000, scale: 3768 },
    { row: 2, cluster: 9n, raw: -1, scale: 1 },
  ],
}

/** What each file must hold, computed by the code. */
const COMPUTED: Record<string, () => unknown> = {
  tokens: () => TEXTS.map((text) => ({ text, tokens: lexicalTokens(utf8.encode(text)) })),
  lexical: () => {
    const windows = TEXTS.map(idsOf)
    const rarity = buildRarity(windows)
    const query = queryFeature(idsOf(QUERY), rarity, 7n)!
    const rows = windows.map((ids) => rowFeature(ids, rarity, 7n)!)
    return {
      texts: TEXTS,
      seed: '7',
      seedSignsHash: toHex(keccak256(seedSigns(7n))),
      rarity: toHex(encodeRarity(rarity)),
      rows: rows.map(({ scale, signs }) => ({
        scale,
        signsHash: toHex(keccak256(signs)),
        head: toHex(signs.slice(0, 16)),
      })),
      medianScale: medianScale(rows.map(({ scale }) => scale)),
      query: { text: QUERY, hash: queryHash(query), head: [...query.slice(0, 16)] },
      raws: rows.map(({ signs }) => rawScore(signs, query)),
      theta: String(threshold(5n, 32_768)),
    }
  },
  minhash: () =>
    ['', 'short', ...TEXTS].map((text) => {
      const values = minhash(utf8.encode(text))
      return {
        text,
        values: [...values],
        bands: bandKeys(values),
        matchesFirst: matchingValues(values, minhash(utf8.encode(TEXTS[0]!))),
      }
    }),
  merkle: () => {
    const records = ['0x', '0x01', '0x0203', '0x04', '0x05'] as const
    const leaves = records.map((record) => merkleLeaf(fromHex(record)))
    return {
      records,
      leaves: leaves.map(toHex),
      roots: leaves.map((_, count) => merkleRoot(leaves.slice(0, count))).concat(merkleRoot(leaves)),
      proofs: leaves.map((_, index) => merkleProof(leaves, index)),
    }
  },
  rows: () => {
    const row = {
      index: 1,
      contribution: ContributionId(2n),
      cluster: ClusterId(3n),
      scale: 4,
      signs: Uint8Array.from({ length: SIGN_BYTES }, (_, i) => i & 0xff),
    }
    const items = [0, 1, 2].map((index) => ({
      index,
      contribution: ContributionId(9n),
      contentHash: word(0xab),
      ...cutWindows(1200)[index]!,
    }))
    return {
      rowHead: toHex(encodeRow(row).slice(0, 32)),
      rowLeaf: toHex(rowLeaf(row)),
      manifest: items.map((item) => toHex(encodeManifestItem(item))),
      manifestRoot: manifestRoot(items),
    }
  },
  payments: () => ({
    channel: channelIdOf(account(0xa1), account(0xb2), 2n),
    request: requestId(word(0xc1), 3n),
    voucher: { chainId: 7, channel: word(0xc1), maxClaimableAmount: '1000', digest: digestOfVoucher() },
    receipt: { chainId: 7, ...printable(receipt), digest: toHex(receiptDigest(7, receipt)) },
    saltedHash: saltedHash(word(0x11), Uint32Array.of(1, 2, 0xffffffff)),
    commitment: contributionCommitment({
      owner: account(0xa1),
      datanet: 5n,
      contentHash: word(0xab),
      salt: word(0x5a),
    }),
  }),
  leaf: () => ({ leaf: printable(leaf), encoded: toHex(encodeLeaf(leaf)), hash: leafHash(leaf) }),
  shares: () => {
    const theta = threshold(5n, 32_768)
    const entries = selectEntries({
      rows: [9, 8, 9, 7].map((cluster, i) => ({
        cluster: ClusterId(BigInt(cluster)),
        scale: 100 + i,
        withdrawn: i === 3,
      })),
      raws: Int32Array.of(40_000, 90_000, 41_000, 99_000),
      theta,
      maxEntries: 32,
    })
    const bps = {
      contributors: 4500n,
      modelOwner: 2000n,
      compute: 1500n,
      stakers: 1000n,
      curators: 500n,
      treasury: 500n,
    }
    return printable({
      theta,
      entries,
      weights: entryWeights(entries, theta),
      split: splitByWeights(1_000_003n, entryWeights(entries, theta)),
      fee: splitFee(Wei(1_000_003n), bps),
    })
  },
  disputes: () => {
    const claim = {
      ...{ lane: 1n, maturesAt: 1_000_000n, thresholdZ: 5n, maxEntries: 32, maxScaleFactor: 4n },
      credits: [
        { kind: 1, id: BigInt(account(0xb2)), amount: 20_000n },
        { kind: 3, id: 7n, amount: 1n << 100n },
      ],
    }
    return printable({
      claim: { ...claim, encoded: toHex(encodeClaim(claim)), hash: claimHash(encodeClaim(claim)) },
      commitment: challengeCommitment({ challenger: account(0xa1), subject: word(0xc1), salt: word(0x5a) }),
      sameSubject: sameSubject(4n, 2, 7),
    })
  },
  chunks: () => {
    const content = Uint8Array.from({ length: 120_000 }, (_, i) => (i * 2_654_435_761) >>> 24)
    const { size, root, minhash: values, chunks } = chunkContent(content)
    return {
      content: 'byte i is the highest of the 32-bit product of i and 2654435761',
      ...{ size, root, minhash: [...values] },
      chunks: chunks.map(({ bytes, hash, minhash: own, proof }) => ({
        ...{ length: bytes.length, hash, leaf: toHex(chunkLeaf(hash, own)), proof },
      })),
    }
  },
}

function digestOfVoucher(): Hex {
  return toHex(voucherDigest(7, { channel: word(0xc1), maxClaimableAmount: 1000n }))
}

/** The value with its big integers as decimal strings. */
function printable<T extends object>(value: T): object {
  return JSON.parse(JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field)))
}

describe('frozen vectors', () => {
  it.each(Object.keys(COMPUTED))('%s.json', (name) => {
    const frozen: unknown = JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8'))
    expect(COMPUTED[name]!()).toEqual(frozen)
  })
})
