import { type Hex, keccak256, stringToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { chunkContent } from '../../protocol/chunks.ts'
import { InMemoryChain, TEST_TEXTS } from '../testing/in-memory-chain.ts'
import { CorpusError, readCorpus } from './corpus.ts'

describe('a corpus', () => {
  it('holds the contents of its Datanets by contribution id', async () => {
    const corpus = await readCorpus(new InMemoryChain(), { datanets: [1n, 1n], block: 10n })
    expect(corpus.datanets).toEqual([1n])
    expect(corpus.documents.map(({ id }) => id)).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
    expect(corpus.documents[2]!.content).toEqual(stringToBytes(TEST_TEXTS[2]!))
  })

  it('leaves out what was withdrawn', async () => {
    const chain = new InMemoryChain()
    chain.withdrawnContributions.add(2n)
    const { documents } = await readCorpus(chain, { datanets: [1n], block: 10n })
    expect(documents.map(({ id }) => id)).toEqual([1n, 3n, 4n, 5n, 6n])
  })

  it('holds one document of each cluster: the earliest contribution that is left', async () => {
    const chain = new InMemoryChain()
    const all = await chain.contributions([1n])
    const copies = all.map((contribution) => ({ ...contribution, cluster: ClusterId(contribution.id > 3n ? 2n : 1n) }))
    chain.contributions = async () => copies.reverse()
    chain.withdrawnContributions.add(4n)
    const { documents } = await readCorpus(chain, { datanets: [1n], block: 10n })
    expect(documents.map(({ id }) => id)).toEqual([1n, 5n])
  })

  it('puts chunks together, and believes them by the root of their tree', async () => {
    const content = stringToBytes('a text of some length, '.repeat(6_000))
    const { root, chunks } = chunkContent(content)
    const held = new Map<Hex, Uint8Array>(chunks.map(({ hash, bytes }) => [hash, bytes]))
    const chain = new InMemoryChain()
    const of = (contentHash: Hex) => ({
      ...{ id: ContributionId(7n), datanet: DatanetId(1n), cluster: ClusterId(7n), contentHash },
      chunks: chunks.map(({ hash }) => hash),
    })
    chain.content = async (hash) => held.get(hash)
    chain.contributions = async () => [of(root)]
    const { documents } = await readCorpus(chain, { datanets: [1n], block: 10n })
    expect(documents.map((document) => document.content)).toEqual([content])
    chain.contributions = async () => [of(keccak256(content))]
    await expect(readCorpus(chain, { datanets: [1n], block: 10n })).rejects.toThrow(`content hashes to ${root}`)
  })

  it('refuses a content that does not hash to what the chain says', async () => {
    const chain = new InMemoryChain()
    chain.content = async () => stringToBytes('something else')
    const expected = keccak256(stringToBytes(TEST_TEXTS[0]!))
    await expect(readCorpus(chain, { datanets: [1n], block: 10n })).rejects.toThrow(`expected ${expected}`)
  })

  it('names the contribution whose content the node does not hold', async () => {
    const chain = new InMemoryChain()
    chain.content = async () => undefined
    await expect(readCorpus(chain, { datanets: [1n], block: 10n })).rejects.toThrow(CorpusError)
  })
})
