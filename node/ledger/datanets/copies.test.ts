/** Invariants 3 and 7 at their bounds: 64 identities with one text, a text cut into pieces; and batches of thousands. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { type Actor, actor, essay, Stage, THETA } from '../testing/ledger-stage.ts'

/** What k people have earned together who contributed the texts, and whose clusters all answer one question of two. */
function earned(texts: readonly string[]): { total: bigint; units: bigint } {
  const stage = new Stage()
  const { world } = stage
  const datanet = stage.createDatanet()
  const people: Actor[] = texts.map((_, i) => actor(100 + i))
  const clusters = new Set<bigint>()
  for (const [i, text] of texts.entries()) {
    world.fund(people[i]!.address, parseEther('1'))
    clusters.add(stage.contribute(people[i]!, datanet, text).cluster)
  }
  const { cluster: others } = stage.contribute(stage.bob, datanet, essay(200))
  const version = stage.liveVersion([datanet])
  const listed = [...clusters, others]
  const entries = listed.map((cluster, row) => ({ row, cluster, raw: Number(THETA) + 100, scale: 100 }))
  stage.settle(stage.leaf({ channel: stage.openChannel(), version, fee: parseEther('1'), entries }))
  world.pass(24n)
  world.mature()
  world.pass(12n)
  const sum = (read: (account: `0x${string}`) => bigint) =>
    people.reduce((total, { address }) => total + read(address), 0n)
  const paid = sum((address) => world.send(address, 'attribution', 'earnedOf', [address]))
  const income = sum((address) => world.send(address, 'attribution', 'incomeOf', [datanet, address]))
  expect(world.audit()).toEqual([])
  return {
    total: paid + income,
    units: sum((address) => world.send(address, 'datanets', 'sharesOf', [datanet, address])[0]),
  }
}

describe('k copies by k identities', () => {
  const text = essay(1)
  const alone = earned([text])

  it.each([2, 3, 5, 8, 16, 33, 64])('earn together what one earns: k = %d', (k) => {
    const copies = Array.from({ length: k }, (_, i) => (i === 0 ? text : `${text} ${String(i).padStart(2, '0')}`))
    expect(earned(copies)).toEqual(alone)
  })
})

describe('a text cut into pieces', () => {
  it('is minted no more share units than the whole, but for a unit a piece', () => {
    const words = essay(3, 256).split(' ')
    const whole = earned([words.join(' ')]).units
    for (const pieces of [2, 4, 8]) {
      const each = words.length / pieces
      const texts = Array.from({ length: pieces }, (_, i) => words.slice(i * each, (i + 1) * each).join(' '))
      const { units } = earned(texts)
      expect(units).toBeLessThanOrEqual(whole + BigInt(pieces))
    }
  })
})

describe('a batch', () => {
  it('of thousands of requests settles in calls of forty at a bounded price a leaf, and pays every fee out', () => {
    const stage = new Stage()
    const { world, prover } = stage
    const datanet = stage.createDatanet()
    const { cluster } = stage.contribute(stage.alice, datanet, essay(1))
    const version = stage.liveVersion([datanet])
    const channel = stage.openChannel(parseEther('10'))
    const fee = 10n ** 12n
    const entries = [{ row: 0, cluster, raw: Number(THETA) + 1, scale: 100 }]
    const voucher = stage.voucher(stage.payer, channel, parseEther('10'))
    const prices = new Set<bigint>()
    for (let first = 0; first < 2_000; first += 40) {
      const leaves = Array.from({ length: 40 }, (_, i) =>
        stage.leaf({ channel, version, n: BigInt(first + i), fee, entries }),
      )
      expect(world.send(prover.address, 'attribution', 'settle', [leaves, [voucher]])).toBe(40n)
      prices.add(world.gasUsed / 40n)
    }
    // Four and a half new slots a request, besides what it shares with its batch.
    for (const price of prices) expect(price).toBeLessThan(260_000n)
    expect(world.send(prover.address, 'channels', 'getChannel', [channel]).settled).toBe(2_000n * fee)
    expect(world.balance(NATIVE.attribution)).toBe(2_000n * fee)
    expect(world.send(prover.address, 'staking', 'stakeOf', [prover.address, 1]).locked).toBe(8_000n * fee)
    expect(world.audit()).toEqual([])
  }, 120_000)
})
