/**
 * A Merkle tree that also adds up wei (docs/protocol.md, "Batches"): whoever knows its root knows what all leaves come
 * to, and a path shows which of these wei are the leaf's. It has the shape of merkle.ts's.
 *
 *     leaf     (keccak(0x00 ‖ record), wei)
 *     node     (keccak(0x01 ‖ left 32 ‖ its wei u128 ‖ right 32 ‖ its wei u128), the sum of both)
 *     wei      of leaf i are the positions [Σ of the leaves before, + its own)
 */
import type { Hex } from 'viem'
import { ByteWriter } from './byte-cursor.ts'
import { fromHex, toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

/** A node: its hash, and what its leaves come to in wei. */
export type SumNode = { hash: Hex; sum: bigint }

const MOST_WEI = (1n << 128n) - 1n

function parent(left: SumNode, right: SumNode): SumNode {
  const sum = left.sum + right.sum
  if (sum > MOST_WEI) throw new RangeError(`the leaves come to ${sum} wei, more than 128 bits`)
  const writer = new ByteWriter().uint(1, 1).hex(left.hash, 32).uint(left.sum, 16).hex(right.hash, 32)
  return { hash: toHex(keccak256(writer.uint(right.sum, 16).finish())), sum }
}

/** All levels, the leaves first. */
function levels(leaves: readonly SumNode[]): SumNode[][] {
  if (leaves.length === 0) throw new RangeError('a tree has at least one leaf')
  const all = [[...leaves]]
  for (let level = all[0]!; level.length > 1; level = all.at(-1)!) {
    const next: SumNode[] = []
    for (let i = 0; i + 1 < level.length; i += 2) next.push(parent(level[i]!, level[i + 1]!))
    if (level.length % 2 === 1) next.push(level.at(-1)!)
    all.push(next)
  }
  return all
}

/** The root over leaves with their hashes and wei. */
export function sumRoot(leaves: readonly SumNode[]): SumNode {
  return levels(leaves).at(-1)![0]!
}

/** Siblings on the way from leaf `index` to the root, lowest first. Throws RangeError where there is no such leaf. */
export function sumProof(leaves: readonly SumNode[], index: number): SumNode[] {
  if (!(index in leaves)) throw new RangeError(`no leaf ${index} among ${leaves.length}`)
  let at = index
  return levels(leaves).flatMap((level) => {
    const sibling = level.length > 1 ? level[at ^ 1] : undefined
    at >>>= 1
    return sibling ? [sibling] : []
  })
}

/** The index of the leaf whose wei `position` is one of. Throws RangeError where it lies beyond the last. */
export function leafAt(leaves: readonly SumNode[], position: bigint): number {
  let before = 0n
  for (const [index, { sum }] of leaves.entries()) {
    if (position < before + sum) return index
    before += sum
  }
  throw new RangeError(`position ${position} lies beyond ${before} wei`)
}

/** The first position of leaf `index` of `count` under `root`; undefined where the proof does not lead there. */
export function provenStart(claim: {
  root: SumNode
  leaf: SumNode
  index: number
  count: number
  proof: readonly SumNode[]
}): bigint | undefined {
  const { root, leaf, index, count, proof } = claim
  if (!Number.isInteger(index) || index < 0 || index >= count || count > 2 ** 32 || proof.length > 32) return undefined
  if ([leaf, ...proof].some(({ sum }) => sum < 0n || sum > root.sum)) return undefined
  let node = leaf
  let start = 0n
  let used = 0
  for (let at = index, width = count; width > 1; at = Math.floor(at / 2), width = Math.ceil(width / 2)) {
    const isRight = at % 2 === 1
    if (!isRight && at + 1 >= width) continue
    const sibling = proof[used++]
    if (!sibling || fromHex(sibling.hash).length !== 32) return undefined
    if (isRight) start += sibling.sum
    if (node.sum + sibling.sum > root.sum) return undefined
    node = isRight ? parent(sibling, node) : parent(node, sibling)
  }
  const leads = used === proof.length && node.hash === root.hash && node.sum === root.sum
  return leads ? start : undefined
}

/** Position `draw` of a batch of `total` wei: keccak(randomness u192 ‖ batch u64 ‖ draw u8) mod total. */
export function drawnPosition(drawn: { randomness: bigint; batch: bigint; draw: number; total: bigint }): bigint {
  const { randomness, batch, draw, total } = drawn
  const bytes = new ByteWriter().uint(randomness, 24).uint(batch, 8).uint(draw, 1).finish()
  return BigInt(toHex(keccak256(bytes))) % total
}

/** The draws that a batch's record says are open, a bit each from the lowest. */
export function openDraws(open: bigint): number[] {
  return Array.from(open.toString(2))
    .toReversed()
    .flatMap((bit, draw) => (bit === '1' ? [draw] : []))
}
