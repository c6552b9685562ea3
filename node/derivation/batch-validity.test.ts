import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import type { L2BlockRef } from '../execution/block.ts'
import type { SingularBatch } from './batch.ts'
import { type BatchContext, checkBatch } from './batch-validity.ts'
import { refOf } from './testing/list-stage.ts'

const config = { ...sampleConfig(), seqWindowSize: 10, maxSequencerDrift: 600 }
/** Safe head at time 1000 on L1 block 100 of time 990; L1 block 101 has time 1002. */
const epoch = refOf(100n, 990n)
const nextEpoch = refOf(101n, 1002n)
const parent: L2BlockRef = {
  hash: `0x${'aa'.repeat(32)}`,
  number: 50n,
  parentHash: `0x${'a9'.repeat(32)}`,
  timestamp: 1000n,
  l1Origin: epoch,
  sequenceNumber: 3n,
}
const good: SingularBatch = { parentHash: parent.hash, epoch, timestamp: 1002n, transactions: [Uint8Array.of(2)] }
const judge = (batch: Partial<SingularBatch>, context: Partial<BatchContext> = {}) =>
  checkBatch(config, { ...good, ...batch }, { parent, epoch, nextEpoch, inclusion: refOf(105n), ...context })
const reason = (batch: Partial<SingularBatch>, context: Partial<BatchContext> = {}) => {
  const validity = judge(batch, context)
  return validity.kind === 'drop' ? validity.reason : validity.kind
}

describe('a batch', () => {
  it('that follows the safe head is accepted, on its epoch or the next', () => {
    expect(judge({})).toEqual({ kind: 'accept' })
    expect(judge({ epoch: nextEpoch })).toEqual({ kind: 'accept' })
    expect(judge({ transactions: [0xc0, 0xf8, 0, 1, 2, 4].map((type) => Uint8Array.of(type)) })).toEqual({
      kind: 'accept',
    })
  })

  it('of an older time is of the past, whatever else it says', () => {
    expect(judge({ timestamp: 1000n, parentHash: epoch.hash })).toEqual({ kind: 'past' })
  })

  it('that leaves a gap is dropped, where older rules waited', () =>
    expect(reason({ timestamp: 1004n })).toMatch(/gap/))

  it('on another parent is dropped', () => expect(reason({ parentHash: epoch.hash })).toMatch(/not the safe head/))

  it('counts up to the last block of its sequencing window', () => {
    expect(judge({}, { inclusion: refOf(110n) })).toEqual({ kind: 'accept' })
    expect(reason({}, { inclusion: refOf(111n) })).toMatch(/window of L1 block 100 ended before 111/)
  })

  it('of an older epoch, of one too far ahead, or of another L1 chain is dropped', () => {
    expect(reason({ epoch: refOf(99n) })).toMatch(/neither 100 nor 101/)
    expect(reason({ epoch: refOf(102n) })).toMatch(/neither 100 nor 101/)
    expect(reason({ epoch: { number: 101n, hash: epoch.hash } })).toMatch(/is not/)
  })

  it('before its L1 origin is dropped', () => {
    expect(reason({ epoch: nextEpoch }, { nextEpoch: refOf(101n, 1003n) })).toMatch(/precedes/)
  })

  it('too far after its L1 origin may hold no transactions, and must adopt the next origin where it could', () => {
    const late = { epoch: refOf(100n, 401n), nextEpoch: refOf(101n, 1003n) }
    expect(reason({}, late)).toMatch(/drifts too far/)
    expect(judge({ transactions: [] }, late)).toEqual({ kind: 'accept' })
    expect(reason({ transactions: [] }, { ...late, nextEpoch: refOf(101n, 1002n) })).toMatch(/without adopting/)
    expect(judge({}, { ...late, epoch: refOf(100n, 402n) })).toEqual({ kind: 'accept' })
  })

  it.each([
    ['empty', new Uint8Array(0), /transaction 0 is empty/],
    ['a deposit', Uint8Array.of(0x7e), /transaction 0 is a deposit/],
    ['of blobs', Uint8Array.of(3), /of type 3/],
    ['of a future type', Uint8Array.of(5), /of type 5/],
  ])('with a transaction that is %s is dropped', (_, raw, expected) => {
    expect(reason({ transactions: [raw] })).toMatch(expected)
  })
})
