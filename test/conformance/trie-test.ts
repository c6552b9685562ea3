/**
 * One of Ethereum's trie tests: keys and values put in order (a null takes one out), and the root that comes of it. "Secure" tries
 * hash their keys. The tests of next and previous keys ask what no rule of consensus asks, and have no root.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { MemoryTrie } from '../../node/state/testing/memory-trie.ts'
import { EMPTY_ROOT } from '../../node/state/trie-node.ts'
import { keccak256 } from '../../protocol/keccak.ts'

const text = z.string()
const steps = z.union([
  z.array(z.tuple([text, text.nullable()])),
  z.record(text, text.nullable()).transform((record) => Object.entries(record)),
])

export const trieTestSchema = z.object({ in: steps, root: text })

/** Hexadecimal where it begins with 0x, otherwise the text itself. */
function bytesOf(value: string): Uint8Array {
  return value.startsWith('0x') ? Buffer.from(value.slice(2), 'hex') : Buffer.from(value)
}

export function trieTestRoot({ in: entries }: z.output<typeof trieTestSchema>, isSecure: boolean): Hex {
  const trie = new MemoryTrie()
  let root: Hex = EMPTY_ROOT
  for (const [key, value] of entries) {
    const at = isSecure ? keccak256(bytesOf(key)) : bytesOf(key)
    root = trie.change([[at, value === null ? null : bytesOf(value)]]).rootHash
  }
  return root
}
