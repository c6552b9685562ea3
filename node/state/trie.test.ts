import { createMPT, MerklePatriciaTrie, verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { bytesToHex, hexToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { keccak256 } from '../../protocol/keccak.ts'
import { isRemoval } from './record.ts'
import { type NodeChange, orderedTrieRoot, TrieEdit, trieProof, walkTrie } from './trie.ts'
import { type Child, EMPTY_ROOT } from './trie-node.ts'

/** A database of nodes that checks what an edit says about it. */
class Nodes {
  readonly records = new Map<string, Uint8Array>()
  readonly source = (path: Uint8Array) => this.records.get(bytesToHex(path))

  apply(changes: NodeChange[]): void {
    for (const { path, before, after } of changes) {
      const name = bytesToHex(path)
      expect(before && bytesToHex(before), `record before, at ${name}`).toBe(this.text(name))
      if (after === undefined) this.records.delete(name)
      else this.records.set(name, after)
    }
  }

  text(name: string): string | undefined {
    const record = this.records.get(name)
    return record && bytesToHex(record)
  }
}

/** Few distinct first nibbles and long common prefixes, so that splits and merges are frequent. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.integer({ min: 0, max: 31 }), fc.constantFrom(0, 1, 16, 17, 255)).map(([position, byte]) => {
    const bytes = new Uint8Array(32)
    bytes[position] = byte
    return bytes
  }),
)
/** Short values make embedded nodes. */
const value = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.uint8Array({ minLength: 30, maxLength: 90 }))
const block = fc.array(fc.tuple(key, fc.option(value)), { maxLength: 12 })

describe('a trie over the database', () => {
  it('has the root that @ethereumjs/mpt has, after every block of puts and deletions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 8 }), fc.boolean(), async (blocks, keepNodes) => {
        const oracle = await createMPT()
        const nodes = new Nodes()
        let root: Child | undefined
        for (const [number, changes] of blocks.entries()) {
          const edit = new TrieEdit(nodes.source, root)
          for (const [key, value] of changes) {
            if (value === null) {
              edit.del(key)
              await oracle.del(key)
            } else {
              edit.put(key, value)
              await oracle.put(key, value)
            }
          }
          const sealed = edit.seal(number)
          nodes.apply(sealed.changes)
          expect(sealed.rootHash).toBe(bytesToHex(oracle.root()))
          root = keepNodes ? sealed.root : sealed.root && hexToBytes(`0xa0${sealed.rootHash.slice(2)}`)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leaves no node behind when all keys are gone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { selector: (key) => bytesToHex(key), maxLength: 30 }), (keys) => {
        const nodes = new Nodes()
        const first = new TrieEdit(nodes.source, undefined)
        for (const key of keys) first.put(key, Uint8Array.of(1))
        const full = first.seal(0)
        nodes.apply(full.changes)
        const second = new TrieEdit(nodes.source, full.root)
        for (const key of keys) second.del(key)
        const empty = second.seal(1)
        nodes.apply(empty.changes)
        expect(empty.rootHash).toBe(EMPTY_ROOT)
        expect(empty.root).toBeUndefined()
        expect(nodes.records.size).toBe(0)
      }),
    )
  })

  it('does not change the trie that an edit began from', () => {
    fc.assert(
      fc.property(block, block, (first, second) => {
        const nodes = new Nodes()
        const base = new TrieEdit(nodes.source, undefined)
        for (const [key, value] of first) if (value !== null) base.put(key, value)
        const sealed = base.seal(0)
        nodes.apply(sealed.changes)
        const abandoned = new TrieEdit(nodes.source, sealed.root)
        for (const [key, value] of second) value === null ? abandoned.del(key) : abandoned.put(key, value)
        abandoned.seal(1)
        const again = new TrieEdit(nodes.source, sealed.root).seal(1)
        expect(again.rootHash).toBe(sealed.rootHash)
        expect(again.changes).toEqual([])
      }),
    )
  })

  it('writes nothing where values do not change', () => {
    const nodes = new Nodes()
    const edit = new TrieEdit(nodes.source, undefined)
    for (let i = 0; i < 50; i++) edit.put(keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1))
    const sealed = edit.seal(0)
    nodes.apply(sealed.changes)
    const second = new TrieEdit(nodes.source, sealed.root)
    for (let i = 0; i < 50; i++) second.put(keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1))
    second.del(keccak256(Uint8Array.of(99)))
    expect(second.seal(1).changes).toEqual([])
  })

  it('proves presence and absence as @ethereumjs/mpt verifies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 40 }),
        key,
        async (entries, absent) => {
          const nodes = new Nodes()
          const edit = new TrieEdit(nodes.source, undefined)
          const expected = new Map<string, Uint8Array>()
          for (const [key, value] of entries) {
            edit.put(key, value)
            expected.set(bytesToHex(key), value)
          }
          const { rootHash, changes } = edit.seal(0)
          nodes.apply(changes)
          for (const key of [...entries.map(([key]) => key), absent]) {
            const proof = trieProof(nodes.source, key)
            const trie = new MerklePatriciaTrie({ root: hexToBytes(rootHash) })
            const proved = await verifyMerkleProof(key, proof, { root: trie.root() })
            expect(proved && bytesToHex(proved)).toBe(
              expected.has(bytesToHex(key)) ? bytesToHex(expected.get(bytesToHex(key))!) : null,
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('names every node and key for a wipe', () => {
    const nodes = new Nodes()
    const edit = new TrieEdit(nodes.source, undefined)
    const keys = Array.from({ length: 100 }, (_, i) => keccak256(Uint8Array.of(i)))
    for (const key of keys) edit.put(key, Uint8Array.of(1, 2))
    nodes.apply(edit.seal(0).changes)
    const walk = walkTrie(nodes.source)
    expect(walk.nodes.map(({ path }) => bytesToHex(path)).sort()).toEqual([...nodes.records.keys()].sort())
    expect(walk.keys.map((key) => bytesToHex(key)).sort()).toEqual(keys.map((key) => bytesToHex(key)).sort())
    expect(walk.nodes.every(({ record }) => !isRemoval(record))).toBe(true)
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
