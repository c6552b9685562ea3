/** Licences and their terms, and the line of models: what they allow, and where wei flows by them. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { essay, OPEN_DATANET, PRICE, Stage, VERSION_BOND, word } from '../testing/ledger-stage.ts'

const { licence } = OPEN_DATANET

function licensed(terms: object, priced = true) {
  const stage = new Stage()
  const { world, owner, alice } = stage
  const datanet = world.send(owner.address, 'datanets', 'create', [
    { ...OPEN_DATANET, licence: { ...licence, ...terms } },
  ])
  stage.contribute(alice, datanet, essay(1))
  const base = world.send(owner.address, 'models', 'registerBase', [word(1), 'retrieval', word(2), ''])
  const price = priced ? PRICE : 0n
  const model = world.send(owner.address, 'models', 'createModel', [base, [datanet], price, price, 'answers'])
  const opens = () =>
    world.fails(owner.address, 'models', 'openRun', [model, word(3), word(4), 5n, [datanet], [10_000]])
  const buy = (rows: bigint, value: bigint) =>
    world.send(owner.address, 'datanets', 'buyLicence', [datanet, model, rows], { value })
  return { stage, world, datanet, model, opens, buy }
}

/** Makes the run's version live; everybody who must be is staked. */
function live(stage: Stage, run: bigint, rows = 10): bigint {
  const { world, prover, validator } = stage
  if (world.send(prover.address, 'staking', 'totalStake', [STAKE_ROLE.prover]) === 0n) {
    stage.stake(prover, STAKE_ROLE.prover, parseEther('1000'))
    stage.stake(validator, STAKE_ROLE.validator, parseEther('100'))
  }
  const version = stage.publish(run, rows)
  world.send(validator.address, 'models', 'attest', [version])
  world.pass(2n)
  return version
}

describe('a licence', () => {
  it('must be there before a run is opened; its fee becomes income of the share holders', () => {
    const { stage, world, datanet, model, opens, buy } = licensed({ feePerRow: 7n * 10n ** 15n })
    expect(opens()).toBe('LicenceMissing')
    buy(100n, 7n * 10n ** 17n)
    expect(world.audit()).toEqual([])
    stage.runOver(model, [datanet])
    world.pass(24n)
    world.mature()
    world.pass(12n)
    const income = world.send(stage.alice.address, 'attribution', 'incomeOf', [datanet, stage.alice.address])
    expect(7n * 10n ** 17n - income).toBeLessThan(2n)
    expect(world.audit()).toEqual([])
  })

  it('covers so many rows and no more; what is bought later adds to it for later runs', () => {
    const { stage, world, datanet, model, buy } = licensed({ feePerRow: 1n })
    buy(10n, 10n)
    const run = stage.runOver(model, [datanet])
    buy(5n, 5n)
    const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
    const publish = (of: bigint, rows: number) =>
      world.fails(
        stage.owner.address,
        'models',
        'publishVersion',
        [{ run: of, ...hashes, rows, dims: 32_768, medianScale: 1 }],
        {
          value: VERSION_BOND,
        },
      )
    expect(publish(run, 11)).toBe('RowsNotLicensed')
    stage.publish(run, 10)
    const later = stage.runOver(model, [datanet])
    expect(publish(later, 16)).toBe('RowsNotLicensed')
    stage.publish(later, 15)
  })

  it('ends; another purchase renews it', () => {
    const { stage, world, datanet, model, opens, buy } = licensed({ feePerRow: 1n, expiry: 100n })
    buy(1n, 1n)
    world.pass(100n)
    stage.runOver(model, [datanet])
    world.pass(1n)
    expect(opens()).toBe('LicenceExpired')
    buy(1n, 1n)
    stage.runOver(model, [datanet])
  })

  it('that forbids commerce serves models without a price only, bought or not', () => {
    const terms = { feePerRow: 1n, commercialUse: false }
    const shop = licensed(terms)
    expect(
      shop.world.fails(shop.stage.owner.address, 'datanets', 'buyLicence', [shop.datanet, shop.model, 1n], {
        value: 1n,
      }),
    ).toBe('LicenceForbids')
    expect(licensed({ commercialUse: false }).opens()).toBe('LicenceForbids')
    const gift = licensed(terms, false)
    gift.buy(1n, 1n)
    gift.stage.runOver(gift.model, [gift.datanet])
  })

  it("'s revenue share comes out of the owner's part and goes to the share holders", () => {
    const { stage, world, datanet, model, buy } = licensed({ revenueShareBps: 2_500 })
    buy(1_000n, 0n)
    const version = live(stage, stage.runOver(model, [datanet]))
    const before = world.send(stage.alice.address, 'attribution', 'pendingOf', [stage.owner.address])
    stage.settle(stage.leaf({ channel: stage.openChannel(), version, fee: parseEther('1') }))
    const after = world.send(stage.alice.address, 'attribution', 'pendingOf', [stage.owner.address])
    expect(after - before).toBe(parseEther('0.15'))
    const credit = world.events().find(({ name, args }) => name === 'Credited' && args.role === 1)!
    expect(credit.args).toMatchObject({ cluster: datanet, amount: parseEther('0.45') + parseEther('0.05') })
    expect(world.audit()).toEqual([])
  })
})

describe('a model that builds on a version', () => {
  it('pays a share up its line, at most four models, each a share of what it receives', () => {
    const { stage, world, datanet, model } = licensed({})
    const owners = [stage.owner, stage.alice, stage.bob, stage.carol, stage.payer, stage.validator]
    const base = 1n
    let parent = live(stage, stage.runOver(model, [datanet]))
    let run = 0n
    for (const owner of owners.slice(1)) {
      const args = [base, [datanet], PRICE, PRICE, 'child'] as const
      const child = world.send(owner.address, 'models', 'createModel', args)
      run = world.send(owner.address, 'models', 'openRunOn', [parent, child, word(3), word(4), 5n, [datanet], [10_000]])
      const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
      const publication = { run, ...hashes, rows: 1, dims: 32_768, medianScale: 1 }
      parent = world.send(owner.address, 'models', 'publishVersion', [publication], { value: VERSION_BOND })
      world.send(stage.validator.address, 'models', 'attest', [parent])
      world.pass(2n)
    }
    expect(world.send(stage.owner.address, 'models', 'lineageOf', [run])).toEqual([5n, [5n, 4n, 3n, 2n]])
    const mark = world.logs.length
    stage.settle(stage.leaf({ channel: stage.openChannel(), version: parent, fee: parseEther('1') }))
    const paid = world
      .events(mark)
      .filter(({ name, args }) => name === 'Credited' && args.role === 2)
      .map(({ args }) => [(args.recipient as string).toLowerCase(), args.amount])
    // Of 0.2: nine tenths stay, a tenth goes up, and so on; the first model of six is beyond the fourth ancestor.
    expect(paid).toEqual([
      [stage.validator.address, parseEther('0.18')],
      [stage.payer.address, parseEther('0.018')],
      [stage.carol.address, parseEther('0.0018')],
      [stage.bob.address, parseEther('0.00018')],
      [stage.alice.address, parseEther('0.00002')],
    ])
    expect(world.audit()).toEqual([])
  })
})
