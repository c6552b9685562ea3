import { type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CREDIT_ROLE, LEAF_SKIP_REASON, VOUCHER_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { decodeLeaf, type Leaf, leafHash } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { bytesOf } from '../calls/face.ts'
import type { SignedVoucher } from '../channels/voucher-check.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'
import { essay, Stage, THETA, word } from '../testing/ledger-stage.ts'

const raw = (above: number) => Number(THETA) + above

/** Two contributions of alice's and bob's, a live version over them, a channel of 10 OPEN. */
function staged() {
  const stage = new Stage()
  const datanet = stage.createDatanet()
  const alices = stage.contribute(stage.alice, datanet, essay(1))
  const bobs = stage.contribute(stage.bob, datanet, essay(2))
  const version = stage.liveVersion([datanet])
  const channel = stage.openChannel()
  const entries = [
    { row: 0, cluster: alices.cluster, raw: raw(300), scale: 100 },
    { row: 5, cluster: bobs.cluster, raw: raw(100), scale: 100 },
  ]
  const leaf = (changes: Partial<Leaf> = {}) => stage.leaf({ channel, version, entries, ...changes })
  return { stage, world: stage.world, datanet, alices, bobs, version, channel, entries, leaf }
}

function settle(stage: Stage, leaves: Leaf[], vouchers: SignedVoucher[], from = stage.prover) {
  const mark = stage.world.logs.length
  const settled = stage.world.send(from.address, 'attribution', 'settle', [leaves, vouchers])
  return { settled, events: stage.world.events(mark) }
}

const ceiling = parseEther('10')

describe('a settlement', () => {
  it('records the request, moves the fee out of the escrow and locks stake', () => {
    const { stage, world, channel, version, leaf } = staged()
    const one = leaf({ n: 3n })
    const { settled, events } = settle(stage, [one], [stage.voucher(stage.payer, channel, ceiling)])
    expect(settled).toBe(1n)
    const request = requestId(channel, 3n)
    const recorded = world.send(stage.alice.address, 'attribution', 'getSettlement', [request])
    expect(recorded).toMatchObject({
      version,
      fee: one.fee,
      leafHash: leafHash(one),
      lockedStake: 4n * one.fee,
      matured: false,
    })
    expect(world.send(stage.alice.address, 'attribution', 'requestAt', [0n])).toBe(request)
    expect(world.send(stage.alice.address, 'attribution', 'settlementCount', [])).toBe(1n)
    expect(world.send(stage.alice.address, 'channels', 'isSettled', [channel, 3n])).toBe(true)
    expect(world.send(stage.alice.address, 'channels', 'isSettled', [channel, 4n])).toBe(false)
    expect(world.send(stage.alice.address, 'channels', 'getChannel', [channel])).toMatchObject({
      settled: one.fee,
      ceiling,
    })
    expect(world.balance(NATIVE.attribution)).toBe(one.fee)
    const event = events.find(({ name }) => name === 'Settled')!
    expect(decodeLeaf(bytesOf(event.args.leaf as Hex))).toEqual(one)
  })

  it('splits the fee to the wei, by role', () => {
    const { stage, channel, leaf } = staged()
    const fee = 10_007n
    const { events } = settle(stage, [leaf({ fee })], [stage.voucher(stage.payer, channel, ceiling)])
    const credited = events.filter(({ name }) => name === 'Credited').map(({ args }) => [args.role, args.amount])
    // Contributors 4503, of which half by entries (2251 as 3:1) and the rest to the Datanet.
    expect(credited).toEqual([
      [CREDIT_ROLE.contributor, 1_688n],
      [CREDIT_ROLE.contributor, 563n],
      [CREDIT_ROLE.datanet, 2_252n],
      [CREDIT_ROLE.modelOwner, 2_001n],
      [CREDIT_ROLE.compute, 1_501n],
      [CREDIT_ROLE.stakers, 1_000n],
      [CREDIT_ROLE.curators, 500n],
      [CREDIT_ROLE.treasury, 502n],
    ])
  })

  it('without entries gives all of the contributors’ pool to the Datanets', () => {
    const { stage, channel, leaf, datanet } = staged()
    const { events } = settle(
      stage,
      [leaf({ fee: 10_000n, entries: [] })],
      [stage.voucher(stage.payer, channel, ceiling)],
    )
    const credited = events.filter(
      ({ args }) => args.role === CREDIT_ROLE.datanet || args.role === CREDIT_ROLE.contributor,
    )
    expect(credited.map(({ args }) => [args.recipient, args.cluster, args.amount])).toEqual([
      [expect.stringMatching(new RegExp(NATIVE.datanets, 'i')), datanet, 4_500n],
    ])
  })

  it('pays a cluster that was withdrawn after asOf to the treasury', () => {
    const { stage, world, channel, leaf, alices } = staged()
    const asOf = world.number
    world.pass(2n)
    world.send(stage.alice.address, 'datanets', 'withdraw', [alices.contribution])
    const { events } = settle(stage, [leaf({ fee: 10_000n, asOf })], [stage.voucher(stage.payer, channel, ceiling)])
    const first = events.find(({ name }) => name === 'Credited')!
    expect(first.args).toMatchObject({ role: CREDIT_ROLE.treasury, cluster: alices.cluster, amount: 1_688n })
    expect(world.send(stage.alice.address, 'attribution', 'pendingOf', [stage.alice.address])).toBe(0n)
  })

  it('is for staked provers', () => {
    const { stage, world, leaf } = staged()
    expect(world.fails(stage.alice.address, 'attribution', 'settle', [[leaf()], []])).toBe('NotProver')
  })
})

describe('a leaf is skipped, and the others settled, when', () => {
  const cases: [name: keyof typeof LEAF_SKIP_REASON, spoil: (scene: ReturnType<typeof staged>) => Leaf][] = [
    ['unknownChannel', ({ leaf }) => leaf({ channel: word(5) })],
    ['badFee', ({ leaf }) => leaf({ fee: 0n })],
    ['overCeiling', ({ leaf }) => leaf({ fee: parseEther('5') + 1n })],
    ['unknownVersion', ({ leaf }) => leaf({ version: 9n })],
    ['versionNotLive', ({ leaf, stage }) => leaf({ version: stage.publish(1n) })],
    ['staleAsOf', ({ leaf, world }) => leaf({ asOf: world.number + 1n })],
    ['badEntryOrder', ({ leaf, entries }) => leaf({ entries: [...entries].reverse() })],
    [
      'badEntryOrder',
      ({ leaf, entries }) => leaf({ entries: [entries[0]!, { ...entries[1]!, row: entries[0]!.row }] }),
    ],
    ['badEntryOrder', ({ leaf, entries }) => leaf({ entries: [{ ...entries[0]!, row: 1_000 }] })],
    ['badEntryOrder', ({ leaf, entries }) => leaf({ entries: [{ ...entries[0]!, scale: 0 }] })],
    ['badEntryCluster', ({ leaf, entries }) => leaf({ entries: [{ ...entries[0]!, cluster: 99n }] })],
    [
      'badEntryCluster',
      ({ leaf, entries, stage }) => {
        const elsewhere = stage.contribute(stage.carol, stage.createDatanet(), essay(7)).cluster
        return leaf({ entries: [{ ...entries[0]!, cluster: elsewhere }] })
      },
    ],
    ['belowThreshold', ({ leaf, entries }) => leaf({ entries: [{ ...entries[0]!, raw: raw(0) }] })],
    ['tooManyEntries', ({ leaf, entries }) => leaf({ entries: Array.from({ length: 33 }, () => entries[0]!) })],
    [
      'stakeTooSmall',
      ({ leaf, stage, world }) => {
        world.send(stage.prover.address, 'staking', 'unstake', [STAKE_ROLE.prover, parseEther('989')])
        return leaf({ fee: parseEther('4') })
      },
    ],
    ['badScale', ({ leaf, entries }) => leaf({ entries: [{ ...entries[0]!, scale: 401 }] })],
    [
      'withdrawnCluster',
      ({ leaf, stage, world, alices }) => {
        world.send(stage.alice.address, 'datanets', 'withdraw', [alices.contribution])
        return leaf()
      },
    ],
  ]
  it.each(cases)('%s', (name, spoil) => {
    const scene = staged()
    const bad = { ...spoil(scene), n: 1n }
    const good = scene.leaf({ n: 2n, entries: [] })
    const voucher = scene.stage.voucher(scene.stage.payer, scene.channel, parseEther('5'))
    const { settled, events } = settle(scene.stage, [bad, good], [voucher])
    expect(settled).toBe(1n)
    const request = requestId(bad.channel, 1n)
    expect(events.find((event) => event.name === 'LeafSkipped')!.args).toEqual({
      request,
      reason: LEAF_SKIP_REASON[name],
    })
    expect(scene.world.send(scene.stage.alice.address, 'attribution', 'getSettlement', [request])).toMatchObject({
      settledAt: 0n,
    })
  })

  it('its request has been settled, in this batch or before', () => {
    const { stage, leaf, channel } = staged()
    const { settled, events } = settle(stage, [leaf(), leaf()], [stage.voucher(stage.payer, channel, ceiling)])
    expect(settled).toBe(1n)
    expect(events.at(-1)!.args.reason).toBe(LEAF_SKIP_REASON.alreadySettled)
    expect(settle(stage, [leaf({ fee: 1n })], []).events[0]!.args.reason).toBe(LEAF_SKIP_REASON.alreadySettled)
  })

  it('the deposit does not cover it, whatever the ceiling', () => {
    const { stage, leaf, channel } = staged()
    const voucher = stage.voucher(stage.payer, channel, parseEther('1000'))
    const leaves = [
      leaf({ n: 0n, fee: parseEther('6') }),
      leaf({ n: 1n, fee: parseEther('6') }),
      leaf({ n: 2n, fee: parseEther('4') }),
    ]
    const { settled, events } = settle(stage, leaves, [voucher])
    expect(settled).toBe(2n)
    expect(events.find(({ name }) => name === 'LeafSkipped')!.args.reason).toBe(LEAF_SKIP_REASON.overDeposit)
  })

  it('the ceiling does not cover it with what was settled before', () => {
    const { stage, leaf, channel } = staged()
    const leaves = [leaf({ n: 0n, fee: 600n }), leaf({ n: 1n, fee: 401n }), leaf({ n: 2n, fee: 400n })]
    const { settled, events } = settle(stage, leaves, [stage.voucher(stage.payer, channel, 1_000n)])
    expect(settled).toBe(2n)
    expect(events.find(({ name }) => name === 'LeafSkipped')!.args.reason).toBe(LEAF_SKIP_REASON.overCeiling)
  })

  it('the channel is another receiver’s', () => {
    const { stage, leaf } = staged()
    stage.stake(stage.carol, STAKE_ROLE.prover, parseEther('10'))
    expect(settle(stage, [leaf()], [], stage.carol).events[0]!.args.reason).toBe(LEAF_SKIP_REASON.notReceiver)
  })

  it('the channel has closed', () => {
    const { stage, world, leaf, channel } = staged()
    settle(stage, [leaf({ n: 1n })], [stage.voucher(stage.payer, channel, ceiling)])
    world.send(stage.payer.address, 'channels', 'close', [channel])
    expect(settle(stage, [leaf({ n: 2n })], []).settled).toBe(1n)
    world.pass(12n)
    expect(settle(stage, [leaf({ n: 3n })], []).events[0]!.args.reason).toBe(LEAF_SKIP_REASON.channelClosed)
  })

  it('asOf is too old', () => {
    const { stage, world, leaf } = staged()
    const asOf = world.number
    world.number += 3_601n
    expect(
      settle(stage, [leaf({ asOf })], [stage.voucher(stage.payer, leaf().channel, ceiling)]).events[0]!.args.reason,
    ).toBe(LEAF_SKIP_REASON.staleAsOf)
  })
})

describe('a voucher', () => {
  it('raises the ceiling, and never lowers it', () => {
    const { stage, world, channel } = staged()
    settle(stage, [], [stage.voucher(stage.payer, channel, 7n), stage.voucher(stage.payer, channel, 5n)])
    expect(world.send(stage.payer.address, 'channels', 'getChannel', [channel])).toMatchObject({ ceiling: 7n })
  })

  it('of an authorized key counts to its cap, until its expiry', () => {
    const { stage, world, channel } = staged()
    const reasons = (voucher: SignedVoucher) => settle(stage, [], [voucher]).events.map(({ args }) => args.reason)
    expect(reasons(stage.voucher(stage.bob, channel, 5n))).toEqual([VOUCHER_SKIP_REASON.signerNotAuthorized])
    world.send(stage.payer.address, 'channels', 'authorizeSigner', [channel, stage.bob.address, 100n, world.now + 10n])
    expect(reasons(stage.voucher(stage.bob, channel, 101n))).toEqual([VOUCHER_SKIP_REASON.overSignerCap])
    expect(reasons(stage.voucher(stage.bob, channel, 100n))).toEqual([])
    world.pass(11n)
    world.send(stage.payer.address, 'channels', 'authorizeSigner', [channel, stage.bob.address, 200n, world.now - 1n])
    expect(reasons(stage.voucher(stage.bob, channel, 150n))).toEqual([VOUCHER_SKIP_REASON.signerExpired])
    expect(world.send(stage.payer.address, 'channels', 'getChannel', [channel])).toMatchObject({ ceiling: 100n })
  })

  it('that is not a signature, or of another channel or receiver, is skipped', () => {
    const { stage, channel } = staged()
    const good = stage.voucher(stage.payer, channel, 5n)
    const reasons = (voucher: SignedVoucher, from = stage.prover) =>
      settle(stage, [], [voucher], from).events.map(({ args }) => args.reason)
    expect(reasons({ ...good, signature: '0x1234' })).toEqual([VOUCHER_SKIP_REASON.badSignature])
    expect(reasons({ ...good, signature: `0x${'0'.repeat(130)}` })).toEqual([VOUCHER_SKIP_REASON.badSignature])
    expect(reasons({ ...good, channel: word(5) })).toEqual([VOUCHER_SKIP_REASON.unknownChannel])
    expect(reasons({ ...good, maxClaimableAmount: 6n })).toEqual([VOUCHER_SKIP_REASON.signerNotAuthorized])
    stage.stake(stage.carol, STAKE_ROLE.prover, parseEther('10'))
    expect(reasons(good, stage.carol)).toEqual([VOUCHER_SKIP_REASON.notReceiver])
  })
})

it('parameters set after a settlement do not change what it pays', () => {
  const { stage, world, leaf, channel } = staged()
  settle(stage, [leaf()], [stage.voucher(stage.payer, channel, ceiling)])
  const pending = () => world.send(stage.alice.address, 'attribution', 'pendingOf', [stage.alice.address])
  const before = pending()
  world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.contributorsBps.id, 0n])
  world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.unmeasuredQualityBps.id, 0n])
  expect(pending()).toBe(before)
  world.pass(24n)
  world.mature()
  expect(world.send(stage.alice.address, 'attribution', 'earnedOf', [stage.alice.address])).toBe(before)
})
