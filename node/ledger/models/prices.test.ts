/** A model's prices: announced, in force after their notice, and what a settlement may charge by them. */
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'
import { OPEN_DATANET, PRICE, Stage, word } from '../testing/ledger-stage.ts'

/** Seconds, on a development network; the memory of old prices is two seconds for each block of maxLeafAge. */
const NOTICE = 10n
const MEMORY = 7_200n

function priced() {
  const stage = new Stage()
  const { world, owner, prover } = stage
  const datanet = stage.createDatanet()
  const version = stage.liveVersion([datanet])
  const { model } = world.send(owner.address, 'models', 'getVersion', [version])
  const channel = stage.openChannel(parseEther('1000'))
  const set = (pricePer1kIn: bigint, pricePer1kOut: bigint) =>
    world.send(owner.address, 'models', 'setPrices', [model, pricePer1kIn, pricePer1kOut])
  const prices = () => world.send(owner.address, 'models', 'pricesOf', [model])
  let n = 0n
  /** Settles an answer of 10 tokens to a prompt of 10; says whether it was. */
  const settles = (fee: bigint): boolean => {
    n += 1n
    const mark = world.logs.length
    const leaf = stage.leaf({ channel, version, n, fee, promptTokens: 10, outputTokens: 10 })
    const voucher = stage.voucher(stage.payer, channel, parseEther('1000'))
    const settled = world.send(prover.address, 'attribution', 'settle', [[leaf], [voucher]])
    if (settled === 1n) return true
    const skipped = world.events(mark).find(({ name }) => name === 'LeafSkipped')!
    expect(skipped.args.reason).toBe(LEAF_SKIP_REASON.overPrice)
    return false
  }
  return { stage, world, owner, model, version, set, prices, settles }
}

describe("a model's prices", () => {
  it('change after their notice, without another call', () => {
    const { world, owner, model, set, prices } = priced()
    const from = set(7n, 9n)
    expect(from).toBe(world.now + NOTICE)
    const announced = { nextPer1kIn: 7n, nextPer1kOut: 9n, from }
    expect(prices()).toEqual({ pricePer1kIn: PRICE, pricePer1kOut: PRICE, ...announced })
    expect(world.events().at(-1)).toMatchObject({
      name: 'PricesAnnounced',
      args: { model, pricePer1kIn: 7n, pricePer1kOut: 9n, from },
    })
    world.pass(NOTICE - 1n)
    expect(world.send(owner.address, 'models', 'getModel', [model])).toMatchObject({ pricePer1kIn: PRICE })
    world.pass(1n)
    const standing = { pricePer1kIn: 7n, pricePer1kOut: 9n }
    expect(prices()).toEqual({ ...standing, nextPer1kIn: 7n, nextPer1kOut: 9n, from: 0n })
    expect(world.send(owner.address, 'models', 'getModel', [model])).toMatchObject(standing)
  })

  it('that were announced last replace those that were announced before, notice and all', () => {
    const { world, set, prices } = priced()
    set(7n, 9n)
    world.pass(NOTICE - 1n)
    const from = set(8n, 8n)
    world.pass(NOTICE - 1n)
    expect(prices()).toMatchObject({ pricePer1kIn: PRICE, nextPer1kIn: 8n, from })
    world.pass(1n)
    expect(prices()).toMatchObject({ pricePer1kIn: 8n, from: 0n })
  })

  it("are the owner's to change", () => {
    const { stage, world, model } = priced()
    expect(world.fails(stage.alice.address, 'models', 'setPrices', [model, 1n, 1n])).toBe('NotModelOwner')
    expect(world.fails(stage.owner.address, 'models', 'setPrices', [99n, 1n, 1n])).toBe('UnknownModel')
  })

  it('cannot be asked for what a Datanet gave to free models only, nor announced before a run', () => {
    const stage = new Stage()
    const { world, owner } = stage
    const licence = { ...OPEN_DATANET.licence, commercialUse: false }
    const gift = world.send(owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, licence }])
    const base = world.send(owner.address, 'models', 'registerBase', [word(1), 'retrieval', word(2), ''])
    const model = world.send(owner.address, 'models', 'createModel', [base, [gift], 0n, 0n, 'free'])
    const run = stage.runOver(model, [gift])
    expect(run).toBe(1n)
    expect(world.fails(owner.address, 'models', 'setPrices', [model, 0n, 1n])).toBe('LicenceForbids')
    world.send(owner.address, 'models', 'setPrices', [model, 0n, 0n])

    const open = stage.createDatanet()
    const mixed = world.send(owner.address, 'models', 'createModel', [base, [open, gift], 0n, 0n, 'mixed'])
    expect(world.fails(owner.address, 'models', 'setPrices', [mixed, 1n, 0n])).toBe('LicenceForbids')
    const paid = world.send(owner.address, 'models', 'createModel', [base, [open], 0n, 0n, 'to be paid'])
    world.send(owner.address, 'models', 'setPrices', [paid, 1n, 0n])
  })
})

describe('a settled fee', () => {
  it('is at most what the prices give, each part rounded up', () => {
    const { set, settles, world } = priced()
    set(1_001n, 50n)
    world.pass(NOTICE + MEMORY)
    expect(settles(12n + 1n)).toBe(false)
    expect(settles(11n + 1n)).toBe(true)
    expect(settles(1n)).toBe(true)
  })

  it('may be the old one while an answer made before a cut is young enough, and no longer', () => {
    const { set, settles, world } = priced()
    const old = (20n * PRICE) / 1_000n
    set(1_000n, 1_000n)
    world.pass(NOTICE)
    expect(settles(old + 1n)).toBe(false)
    expect(settles(old)).toBe(true)
    world.pass(MEMORY - 1n)
    expect(settles(old)).toBe(true)
    world.pass(1n)
    expect(settles(old)).toBe(false)
    expect(settles(20n)).toBe(true)
  })

  it('is not by a price that is only announced', () => {
    const { set, settles, world } = priced()
    const old = (20n * PRICE) / 1_000n
    set(2n * PRICE, 2n * PRICE)
    world.pass(NOTICE - 1n)
    expect(settles(old + 1n)).toBe(false)
    world.pass(1n)
    expect(settles(2n * old)).toBe(true)
  })

  it('is nothing where the model asks nothing: free answers are not settled', () => {
    const { set, settles, world } = priced()
    set(0n, 0n)
    world.pass(NOTICE + MEMORY)
    expect(settles(1n)).toBe(false)
  })

  it('that was honest when it was asked is settled within the age of a leaf, whatever changes follow', () => {
    const step = fc.record({ wait: fc.bigInt({ min: 1n, max: 4_000n }), price: fc.bigInt({ min: 1n, max: 50n }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.bigInt({ min: 0n, max: 30n }), (steps, notice) => {
        const { set, settles, world, prices } = priced()
        world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.priceNotice.id, notice])
        set(PRICE / 1_000n, PRICE / 1_000n)
        world.pass(notice + MEMORY)
        const asked: { at: bigint; fee: bigint }[] = []
        for (const { wait, price } of steps) {
          const { pricePer1kIn, pricePer1kOut } = prices()
          const part = (each: bigint) => (10n * each + 999n) / 1_000n
          asked.push({ at: world.now, fee: part(pricePer1kIn) + part(pricePer1kOut) })
          set(price * 1_000n, price * 1_000n)
          world.pass(wait)
          for (const { at, fee } of asked) if (world.now - at < MEMORY) expect(settles(fee)).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })
})
