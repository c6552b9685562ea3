/** Actions of random histories: L1 blocks, batches of requests, their draws, and draws that came too late. */
import fc from 'fast-check'
import { type Hex, parseEther } from 'viem'
import { type Leaf, leafNode } from '../../../protocol/leaf.ts'
import { leafAt } from '../../../protocol/sum-tree.ts'
import { batchPartLayout, batchPartPlace } from '../attribution/batch-records.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import { batchOf, pathOf } from './batch-stage.ts'
import { type Act, channelOf, type History, nonce, person, prover } from './history-world.ts'
import { THETA } from './ledger-stage.ts'

/** What a batch's leaves follow from, so that they can be made again out of what the chain knows of it. */
type Batch = { channel: Hex; first: bigint; count: number; fees: bigint; asOf: bigint }

/** The fees of k leaves are f, 2f … k·f. */
const triangle = (count: number): bigint => (BigInt(count) * BigInt(count + 1)) / 2n

function leavesOf({ stage, version }: History, { channel, first, count, fees, asOf }: Batch): Leaf[] {
  return Array.from({ length: count }, (_, i) => {
    const fee = (fees / triangle(count)) * BigInt(i + 1)
    const entries = i % 2 === 0 ? [{ row: 0, cluster: 1n, raw: Number(THETA) + 100 + i, scale: 100 }] : []
    return stage.leaf({ channel, version, asOf, entries, fee, n: first + BigInt(i) })
  })
}

function commitBatch(history: History, which: number, count: bigint, leaves: number, unit: bigint): bigint {
  const { stage, world } = history
  const { address } = history.provers[which]!
  const channel = channelOf(history, which, count)
  const { highest } = world.view((context) => readRecord(context, channelPlace(context, channel), channelLayout))
  const { settled } = world.send(address, 'channels', 'getChannel', [channel])
  const fees = unit * triangle(leaves)
  const batch = { channel, first: highest + 1n, count: leaves, fees, asOf: world.number }
  const { root, parts } = batchOf(leavesOf(history, batch))
  const vouchers = [stage.voucher(stage.payer, channel, settled + fees)]
  return world.send(address, 'attribution', 'settleBatch', [root, leaves, parts, vouchers])
}

/** Settles every leaf that is drawn, by who made the batch. */
function settleBatchDraws(history: History, id: bigint): void {
  const { world } = history
  const {
    prover,
    leaves: count,
    fees,
    committedIn,
    draws,
  } = world.send(history.provers[0]!.address, 'attribution', 'getBatch', [id])
  const which = history.provers.findIndex(({ address }) => address === prover.toLowerCase())
  const { address } = history.provers[Math.max(which, 0)]!
  const [channel, first] = [0n, 1n]
    .map((nonce) => channelOf(history, Math.max(which, 0), nonce))
    .map((channel): [Hex, bigint] => [
      channel,
      world.view((context) => readRecord(context, batchPartPlace(context, id, channel), batchPartLayout)).first,
    ])
    .toSorted(([, a], [, b]) => Number(b - a))[0]!
  const leaves = leavesOf(history, { channel, first, count, fees, asOf: committedIn })
  const nodes = leaves.map(leafNode)
  const positions = Array.from({ length: draws }, (_, draw) => world.send(address, 'attribution', 'drawOf', [id, draw]))
  const hits = Map.groupBy(positions.keys(), (draw) => leafAt(nodes, positions[draw]!))
  for (const [index, drawn] of hits) {
    const args = [id, drawn, leaves[index]!, pathOf(leaves, index)] as const
    history.attempt(() => world.send(address, 'attribution', 'settleDraws', args))
  }
}

/** One of the latest batches. */
function recentBatch({ world, provers }: History, back: bigint): bigint {
  const count = world.send(provers[0]!.address, 'attribution', 'batchCount', [])
  return count > back ? count - back : 1n
}

const seed = fc.bigInt({ min: 0n, max: 1n << 32n })
const back = fc.constantFrom(0n, 0n, 1n, 2n)

const epochs = fc.tuple(fc.bigInt({ min: 1n, max: 9n }), seed).map(
  ([count, seed]): Act =>
    (history) =>
      history.openEpochs(count, seed),
)

/** A batch; it is left as it is, or drawn and settled at once, or so late that who comes first forfeits it. */
const batch = fc
  .record({
    prover,
    nonce,
    leaves: fc.integer({ min: 1, max: 5 }),
    unit: fc.oneof(
      fc.bigInt({ min: 0n, max: 5_000_000_000n }),
      fc.bigInt({ min: 1n, max: 5n }).map((hundredths) => hundredths * parseEther('0.01')),
    ),
    next: fc.constantFrom('wait', 'settle', 'settle', 'forfeit'),
    who: person,
    seed,
  })
  .map(
    ({ prover, nonce, leaves, unit, next, who, seed }): Act =>
      (history) => {
        const id = commitBatch(history, prover, nonce, leaves, unit)
        if (next === 'wait') return
        history.openEpochs(9n, seed)
        if (next === 'settle') return settleBatchDraws(history, id)
        history.world.pass(40n)
        history.world.send(history.people[who]!.address, 'attribution', 'forfeitDraws', [id])
      },
  )

const settlesDraws = back.map(
  (back): Act =>
    (history) =>
      settleBatchDraws(history, recentBatch(history, back)),
)

const forfeits = fc.tuple(person, back).map(
  ([who, back]): Act =>
    (history) => {
      const id = recentBatch(history, back)
      history.world.send(history.people[who]!.address, 'attribution', 'forfeitDraws', [id])
    },
)

export const batchActs: fc.Arbitrary<Act> = fc.oneof(
  { weight: 2, arbitrary: epochs },
  { weight: 4, arbitrary: batch },
  { weight: 2, arbitrary: settlesDraws },
  { weight: 1, arbitrary: forfeits },
)
