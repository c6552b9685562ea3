import { createMPT, verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { bytesToHex, hexToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { keccak256 } from '../../protocol/keccak.ts'
import { MemoryTrie, type TrieChange } from './testing/memory-trie.ts'
import { orderedTrieRoot, trieLeaf, updateTrie } from './trie.ts'
import { EMPTY_ROOT } from './trie-node.ts'
import { trieProof, trieRoot, walkTrie } from './trie-walk.ts'

/** Few distinct first nibbles and long common prefixes, so that splits and merges are frequent. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.integer({ min: 0, max: 31 }), fc.constantFrom(0, 1, 16, 17, 255)).map(([position, byte]) => {
    const bytes = new Uint8Array(32)
    bytes[position] = byte
    return bytes
  }),
)
/** Short values make nodes that stand in their parents. */
const value = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.uint8Array({ minLength: 30, maxLength: 90 }))
const block: fc.Arbitrary<TrieChange[]> = fc.array(fc.tuple(key, fc.option(value)), { maxLength: 12 })

describe('a trie over the database', () => {
  it('has the root that @ethereumjs/mpt has, after every block of new, changed and removed keys', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 8 }), fc.boolean(), async (blocks, keepNodes) => {
        const oracle = await createMPT()
        const trie = new MemoryTrie()
        for (const changes of blocks) {
          const { rootHash } = trie.change(changes)
          for (const [key, value] of changes) value === null ? await oracle.del(key) : await oracle.put(key, value)
          expect(rootHash).toBe(bytesToHex(oracle.root()))
          expect(trieRoot(trie.source)).toBe(rootHash)
          if (!keepNodes) trie.root = undefined
        }
      }),
      { numRuns: 400 },
    )
  })

  it('leaves no node behind when all keys are gone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { selector: (key) => bytesToHex(key), maxLength: 30 }), (keys) => {
        const trie = new MemoryTrie()
        trie.change(keys.map((key) => [key, Uint8Array.of(1)]))
        expect(trie.change(keys.map((key) => [key, null]))).toMatchObject({ rootHash: EMPTY_ROOT, root: undefined })
        expect(trie.paths).toEqual([])
      }),
    )
  })

  it('is what it was after an update that is given up', () => {
    fc.assert(
      fc.property(block, block, block, (first, abandoned, second) => {
        const [trie, other] = [new MemoryTrie(), new MemoryTrie()]
        const { rootHash } = trie.change(first)
        other.change(first)
        trie.prepare(abandoned)
        expect(trie.prepare([]).updated.rootHash).toBe(rootHash)
        expect(trie.change(second).rootHash).toBe(other.change(second).rootHash)
        expect(trie.records).toEqual(other.records)
      }),
    )
  })

  it('writes only the branches above a leaf whose value changes', () => {
    const trie = new MemoryTrie()
    const keys = Array.from({ length: 300 }, (_, i) => keccak256(Uint8Array.of(i & 255, i >> 8)))
    trie.change(keys.map((key) => [key, key]))
    const changed: number[] = []
    const leaf = trieLeaf(keys[7]!, keccak256(keys[7]!), true, keys[7]!)
    updateTrie(trie.source, [leaf], { number: 9, emit: (path, _, __, mask) => changed.push(path.length, mask) })
    const nibble = (depth: number) => (depth & 1 ? keys[7]![depth >> 1]! & 15 : keys[7]![depth >> 1]! >> 4)
    expect(changed).toEqual([2, 1, 0].flatMap((depth) => [depth, 1 << nibble(depth)]).slice(-changed.length))
  })

  it('proves presence and absence as @ethereumjs/mpt verifies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 40 }),
        key,
        async (entries, absent) => {
          const trie = new MemoryTrie()
          const { rootHash } = trie.change(entries)
          for (const key of [...entries.map(([key]) => key), absent]) {
            const proved = await verifyMerkleProof(key, trieProof(trie.source, key), { root: hexToBytes(rootHash) })
            const expected = trie.values.get(bytesToHex(key))
            expect(proved && bytesToHex(proved)).toBe(expected === undefined ? null : bytesToHex(expected))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is walked whole: every node, every key', () => {
    fc.assert(
      fc.property(block, (changes) => {
        const trie = new MemoryTrie()
        trie.change(changes)
        const walked = [...walkTrie(trie.source)]
        expect(walked.map(({ path }) => bytesToHex(path)).sort()).toEqual(trie.paths.sort())
        const keys = walked.flatMap(({ key }) => (key === undefined ? [] : [bytesToHex(key)]))
        expect(keys).toEqual([...trie.values.keys()].sort())
      }),
    )
  })
})

describe('the trie of a list', () => {
  it('of nothing has the empty root', () => {
    expect(orderedTrieRoot([])).toBe(EMPTY_ROOT)
  })

  it('has the root that @ethereumjs/mpt has, past one-byte indices', async () => {
    for (const count of [1, 2, 127, 128, 129, 300]) {
      const values = Array.from({ length: count }, (_, i) =>
        Uint8Array.from({ length: 1 + ((i * 7) % 120) }, (_, j) => (i + j) & 255),
      )
      const oracle = await createMPT()
      for (const [i, value] of values.entries()) await oracle.put(RLP.encode(i), value)
      expect(orderedTrieRoot(values)).toBe(bytesToHex(oracle.root()))
    }
  })
})
