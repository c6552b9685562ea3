import { keccak256, stringToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
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
