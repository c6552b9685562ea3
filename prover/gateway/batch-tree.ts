/**
 * A batch as the chain sees it (docs/protocol.md, "Batches"): the tree of sums over its leaves, by channel and then by
 * number, and which numbers of which channels these are.
 */
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import type { BatchPart } from '../../client/index.ts'
import { decodeLeaf, encodeLeaf, type Leaf, leafNode } from '../../protocol/leaf.ts'
import { leafAt, type SumNode, sumProof, sumRoot } from '../../protocol/sum-tree.ts'

/** Its leaves in their order. */
export type BatchTree = { root: Hex; fees: bigint; leaves: readonly Leaf[]; nodes: readonly SumNode[] }

const before = (a: Leaf, b: Leaf) => (a.channel === b.channel ? a.n < b.n : a.channel < b.channel)

/** The tree over leaves, which it sorts. Throws RangeError where there is none. */
export function batchTree(unsorted: readonly Leaf[]): BatchTree {
  const leaves = [...unsorted].sort((a, b) => (before(a, b) ? -1 : 1))
  const nodes = leaves.map(leafNode)
  const { hash: root, sum: fees } = sumRoot(nodes)
  return { root, fees, leaves, nodes }
}

/** By ascending channel. */
export function batchParts({ leaves }: BatchTree): BatchPart[] {
  return [...Map.groupBy(leaves, ({ channel }) => channel)].map(([channel, own]) => ({
    channel,
    first: own[0]!.n,
    last: own.at(-1)!.n,
    fees: own.reduce((total, { fee }) => total + fee, 0n),
  }))
}

/** Draws by the index of the leaf that they hit. */
export function drawnLeaves({ nodes }: BatchTree, positions: ReadonlyMap<number, bigint>): Map<number, number[]> {
  return Map.groupBy(positions.keys(), (draw) => leafAt(nodes, positions.get(draw)!))
}

/** The path of a leaf to the root. */
export const batchProof = ({ nodes }: BatchTree, index: number): SumNode[] => sumProof(nodes, index)

/** The leaves as they are written down, and back. */
export const leafBytes = ({ leaves }: BatchTree): Hex[] => leaves.map((leaf) => bytesToHex(encodeLeaf(leaf)))
export const treeOf = (leaves: readonly Hex[]): BatchTree =>
  batchTree(leaves.map((bytes) => decodeLeaf(hexToBytes(bytes))))
