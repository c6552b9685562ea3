/** A trie over records in memory, which holds every update to what it says about the records. */
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { isRemoval, versionOf } from '../record.ts'
import { type TrieNode, trieLeaf, type UpdatedTrie, updateTrie } from '../trie.ts'
import type { TrieSource } from '../trie-walk.ts'

export type TrieChange = [key: Uint8Array, value: Uint8Array | null]

export class MemoryTrie {
  readonly values = new Map<Hex, Uint8Array>()
  readonly records = new Map<Hex, Uint8Array>()
  readonly source: TrieSource<Uint8Array> = {
    record: (path) => this.records.get(bytesToHex(path)),
    leaf: (locator) => ({ key: locator, value: this.values.get(bytesToHex(locator))! }),
    encode: (value) => value,
  }
  root: TrieNode | undefined
  private number = 0

  /** Computes an update; `commit` makes it the state. Of several changes of a key the last one counts. */
  prepare(changes: TrieChange[]): { updated: UpdatedTrie; commit: () => void } {
    const final = new Map(changes.map(([key, value]) => [bytesToHex(key), value]))
    const leaves = Array.from(final, ([hex, value]) => {
      return trieLeaf(hexToBytes(hex), value ?? undefined, this.values.has(hex), hexToBytes(hex))
    })
    const written = new Map<Hex, Uint8Array>()
    const updated = updateTrie(this.source, leaves, {
      number: this.number,
      root: this.root,
      emit: (path, record, before) => {
        const name = bytesToHex(path)
        if (written.has(name)) throw new Error(`path ${name} is told twice`)
        if (before !== this.records.get(name)) throw new Error(`another record was at ${name}`)
        if (versionOf(record) !== (before === undefined ? 0 : versionOf(before) + 1))
          throw new Error(`the record at ${name} does not follow the one before`)
        written.set(name, record)
      },
    })
    const commit = () => {
      this.number++
      for (const [name, record] of written) this.records.set(name, record)
      for (const [key, value] of final) value === null ? this.values.delete(key) : this.values.set(key, value)
      this.root = updated.root
    }
    return { updated, commit }
  }

  change(changes: TrieChange[]): UpdatedTrie {
    const { updated, commit } = this.prepare(changes)
    commit()
    return updated
  }

  /** Paths at which there are nodes. */
  get paths(): Hex[] {
    return [...this.records].filter(([, record]) => !isRemoval(record)).map(([path]) => path)
  }
}
