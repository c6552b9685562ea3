/** For refusals.test.ts: wrong arguments of batches. */
import { parseEther } from 'viem'
import type { Leaf } from '../../../protocol/leaf.ts'
import { DRAWS, pathOf } from './batch-stage.ts'
import { word } from './ledger-stage.ts'
import { type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'
import type { RefusalStage } from './refusal-stage.ts'

type Part = { channel: `0x${string}`; first: bigint; last: bigint; fees: bigint }

/** A batch of the prover's open channel, but for the changes. */
const batch =
  (changes: (stage: RefusalStage, part: Part) => { parts?: readonly Part[]; leaves?: number }, error: string): Row =>
  (stage) => {
    const part = { channel: stage.channel, first: 100n, last: 101n, fees: 10_000n }
    const { parts = [part], leaves = 2 } = changes(stage, part)
    const vouchers = parts.map(({ channel, fees }) => stage.voucher(stage.payer, channel, fees + parseEther('1')))
    return { args: [word(1), leaves, parts, vouchers], error, from: stage.prover }
  }

/** The leaf that a draw of the drawn batch hits, with its path, but for the changes. */
const draws =
  (
    changes: (stage: RefusalStage) => {
      id?: bigint
      draws?: number[]
      leaf?: Partial<Leaf>
      index?: number
      path?: object
    },
    error: string,
  ): Row =>
  (stage) => {
    const { drawn, leaves, hit } = stage.batches
    const { id = drawn, draws: list = [hit.draw], leaf, index = hit.index, path } = changes(stage)
    const args = [id, list, { ...leaves[index]!, ...leaf }, { ...pathOf(leaves, index), ...path }]
    return { args, error, from: stage.prover }
  }

export const BATCHES: Rows = {
  settleBatch: [
    refuses([word(1), 1, [], []], 'NotProver'),
    batch((_, part) => ({ parts: [{ ...part, channel: word(5) }] }), 'ChannelRefused'),
    batch((stage, part) => ({ parts: [{ ...part, channel: stage.closed }] }), 'ChannelRefused'),
    batch((_, part) => ({ parts: [{ ...part, first: 1n }] }), 'ChannelRefused'),
    batch((_, part) => ({ parts: [{ ...part, fees: 0n }] }), 'ChannelRefused'),
    batch((_, part) => ({ parts: [{ ...part, fees: parseEther('1000') }] }), 'ChannelRefused'),
    batch((_, part) => ({ parts: [{ ...part, last: 99n }] }), 'InvalidField parts'),
    batch((_, part) => ({ parts: [part, part] }), 'InvalidField parts'),
    batch((_, part) => ({ parts: [{ ...part, fees: BigInt(DRAWS) - 1n }] }), 'InvalidField parts'),
    batch(() => ({ leaves: 0 }), 'InvalidField leaves'),
    batch(() => ({ leaves: 3 }), 'InvalidField leaves'),
    batch(
      (stage, part) => ({ parts: [{ ...part, channel: stage.richChannel, fees: parseEther('2000') }] }),
      'StakeTooSmall',
    ),
  ],
  settleDraws: [
    draws(() => ({ id: UNKNOWN }), 'UnknownBatch'),
    (stage) => ({ ...draws(() => ({}), 'NotBatchProver')(stage), from: stage.bob }),
    draws((stage) => ({ id: stage.batches.late }), 'BatchOver'),
    draws(() => ({ leaf: { n: 90n } }), 'InvalidField leaf'),
    draws(() => ({ path: { sums: [] } }), 'InvalidField path'),
    draws(() => ({ leaf: { promptTokens: 9 } }), 'InvalidField path'),
    draws(() => ({ draws: [] }), 'InvalidField draws'),
    draws(() => ({ draws: [DRAWS] }), 'InvalidField draw'),
    draws(({ batches: { hit } }) => ({ draws: [hit.draw, hit.draw] }), 'DrawNotOpen'),
    draws(({ batches: { hit } }) => ({ index: 1 - hit.index }), 'DrawElsewhere'),
    ({ batches: { pending, pendingLeaves }, prover }) => ({
      args: [pending, [0], pendingLeaves[0]!, pathOf(pendingLeaves, 0)],
      ...{ error: 'DrawPending', from: prover },
    }),
    ({ batches: { settled, settledLeaves }, prover }) => ({
      args: [settled, [0], settledLeaves[0]!, pathOf(settledLeaves, 0)],
      ...{ error: 'LeafRefused', from: prover },
    }),
  ],
  forfeitDraws: [
    refuses([UNKNOWN], 'UnknownBatch'),
    (stage) => ({ args: [stage.batches.settled], error: 'BatchOver' }),
    (stage) => ({ args: [stage.batches.drawn], error: 'TooEarly' }),
    (stage) => ({ args: [stage.batches.undrawn], error: 'DrawPending' }),
  ],
  drawOf: [
    refuses([UNKNOWN, 0], 'UnknownBatch'),
    (stage) => ({ args: [stage.batches.drawn, DRAWS], error: 'InvalidField draw' }),
    (stage) => ({ args: [stage.batches.pending, 0], error: 'DrawPending' }),
  ],
  getBatch: TOTAL,
  batchCount: TOTAL,
}
