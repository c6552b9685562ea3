import { type Hex, hexToBytes, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Leaf } from '../../protocol/leaf.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { buildRetrievalVersion } from '../attribute/retrieval-run.ts'
import { InMemoryChain } from '../testing/in-memory-chain.ts'
import { get, paidQuestion, post, runningGateway } from '../testing/running-gateway.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import type { AuditReads } from './audit-reads.ts'
import { auditSettlements, describeDifference } from './auditor.ts'
import type { Opening } from './leaf-audit.ts'

type Texts = { prompt: string; answer: string; promptSalt: Hex; outputSalt: Hex; query: Hex }

/** One honest settled answer, and an audit's reads over it; `change` alters the leaf before it is read. */
async function settledAnswer(change: (leaf: Leaf) => Leaf = (leaf) => leaf, question: { openable?: boolean } = {}) {
  const chain = new InMemoryChain()
  const gateway = await runningGateway(chain, await temporaryDirectory())
  await post(
    gateway.url,
    await paidQuestion(chain, 0n, { prompt: 'Which tokens have an allowance and a timelock?', ...question }),
  )
  await gateway.settler.settleAll()
  const reads: AuditReads = {
    contributions: (datanets) => chain.contributions(datanets),
    withdrawn: () => chain.withdrawn(),
    content: (hash) => chain.content(hash),
    settledLeaves: async () => chain.settledLeaves.map((settled) => ({ ...settled, leaf: change(settled.leaf) })),
    version: (version) => chain.version(version),
    prices: async () => [await chain.prices()],
    entryRules: () => chain.rules(),
    maxScaleFactor: async () => (await chain.rules()).maxScaleFactor,
    fetchArtifact: async () => {
      throw new Error('nothing is fetched of a retrieval version')
    },
    opening: async (request): Promise<Opening> => {
      const { query, ...texts } = (await get(gateway.url, `/v1/openings/${request}`)).body as Texts
      return { ...texts, query: new Int8Array(hexToBytes(query)) }
    },
  }
  return { chain, reads }
}

const changeEntry =
  (i: number, change: (entry: Leaf['entries'][number]) => Leaf['entries'][number]) => (leaf: Leaf) => ({
    ...leaf,
    entries: leaf.entries.map((entry, index) => (index === i ? change(entry) : entry)),
  })

describe('an audit', () => {
  it('finds the same integers in an honest leaf', async () => {
    const { chain, reads } = await settledAnswer()
    expect(chain.settledLeaves[0]!.leaf.entries.length).toBeGreaterThan(1)
    expect(await auditSettlements(reads)).toEqual({ audited: 1, equal: 1, closed: 0, differences: [] })
  })

  const lies: [string, (leaf: Leaf) => Leaf, RegExp][] = [
    ['a raw score one too high', changeEntry(0, (entry) => ({ ...entry, raw: entry.raw + 1 })), /raw of row/],
    [
      'an omitted entry',
      (leaf) => ({ ...leaf, entries: leaf.entries.slice(1) }),
      /entry 0: settled row .* recomputed row/,
    ],
    ['an invented entry', changeEntry(1, (entry) => ({ ...entry, row: 5, cluster: 6n })), /row 5/],
    [
      'a row that the version does not have',
      changeEntry(0, (entry) => ({ ...entry, row: 99 })),
      /the version has 6 rows/,
    ],
    ['another scale', changeEntry(0, (entry) => ({ ...entry, scale: entry.scale + 1 })), /entry 0/],
    ['another cluster', changeEntry(0, (entry) => ({ ...entry, cluster: 3n })), /entry 0/],
    ['another count of tokens', (leaf) => ({ ...leaf, outputTokens: leaf.outputTokens + 1 }), /outputTokens/],
    ['another fee', (leaf) => ({ ...leaf, fee: leaf.fee + 1n }), /fee/],
    ['another prompt', (leaf) => ({ ...leaf, promptHash: keccak256('0x') }), /promptHash/],
  ]

  it.each(lies)('catches %s', async (_, change, words) => {
    const report = await auditSettlements((await settledAnswer(change)).reads)
    expect(report).toMatchObject({ audited: 1, equal: 0 })
    expect(report.differences.map(describeDifference).join('\n')).toMatch(words)
  })

  it('catches a foreign query, even where its entries are honest for it', async () => {
    const { chain, reads } = await settledAnswer()
    const { artifact } = await buildRetrievalVersion(chain, { datanets: [1n], block: 10n, maxScaleFactor: 4n })
    const foreign = answerQuery(artifact, {
      prompt: textTokenIds('vesting wallet'),
      answer: textTokenIds('a schedule'),
    })
    const [settled] = await reads.settledLeaves()
    reads.settledLeaves = async () => [{ ...settled!, leaf: { ...settled!.leaf, queryHash: answerQueryHash(foreign) } }]
    const { equal, differences } = await auditSettlements(reads)
    expect(equal).toBe(0)
    expect(differences.map(({ what }) => what)).toEqual(['queryHash'])
  })

  it('catches a version whose rows are not those of the contents', async () => {
    const { chain, reads } = await settledAnswer()
    chain.published = { ...chain.published!, featureRoot: keccak256('0x01') }
    const { equal, differences } = await auditSettlements(reads)
    expect(equal).toBe(0)
    expect(differences).toEqual([expect.objectContaining({ subject: 'version 1', what: 'featureRoot' })])
  })

  it('catches a prover that does not open what it was allowed to', async () => {
    const { reads } = await settledAnswer()
    reads.opening = async () => ({ refused: '404 was not answered here' })
    expect(await auditSettlements(reads)).toMatchObject({ audited: 1, equal: 0, differences: [{ what: 'opening' }] })
  })

  it('counts what may not be opened, and recomputes nothing of it', async () => {
    const { reads } = await settledAnswer(undefined, { openable: false })
    expect(await auditSettlements(reads)).toEqual({ audited: 0, equal: 0, closed: 1, differences: [] })
  })
})
