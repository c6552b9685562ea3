/** What random histories begin with, and what their actions are drawn from. */
import fc from 'fast-check'
import { type Hex, parseEther, toFunctionSelector } from 'viem'
import { NATIVE_ABI } from '../../../genesis/abi/native.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { PARAMETERS, type ParameterName } from '../../../genesis/parameters.ts'
import { ClusterId, ContributionId } from '../../../genesis/units.ts'
import { encodeManifestItem, type ManifestItem, manifestLeaf, manifestRoot } from '../../../protocol/manifest.ts'
import { merkleProof, merkleRoot } from '../../../protocol/merkle.ts'
import { channelIdOf } from '../../../protocol/request.ts'
import { DIMS, encodeRow, type Row, rowLeaf } from '../../../protocol/row.ts'
import { wordHex } from '../../execution/bytes.ts'
import type { NativeResult } from '../../execution/native.ts'
import { hexOf } from '../calls/face.ts'
import { l1Number } from '../payouts/randomness.ts'
import { randomSigns } from './dispute-stage.ts'
import { CallFailed, type CallOptions, type Contract, GOVERNOR, World } from './ledger-harness.ts'
import { type Actor, actor, essay, Stage, VERSION_BOND, word } from './ledger-stage.ts'

/** A contract that calls: it has no key, so it signs nothing. */
export const CONTRACT: Actor = { address: '0xc0de000000000000000000000000000000000001', key: new Uint8Array(32) }

const NAMES = new Map(
  Object.entries(NATIVE_ABI).flatMap(([contract, abi]) =>
    abi.flatMap((item): [string, string][] => {
      if (item.type !== 'function') return []
      return [[`${contract}${toFunctionSelector(item)}`, `${contract}.${item.name}`]]
    }),
  ),
)

/** Counts what has gone well, by contract and function. */
class CountingWorld extends World {
  readonly wentWell = new Map<string, number>()

  override raw(from: Address, contract: Contract, data: Uint8Array, options: CallOptions = {}): NativeResult {
    const result = super.raw(from, contract, data, options)
    const name = NAMES.get(`${contract}${hexOf(data.subarray(0, 4))}`)
    if (result.ok && name !== undefined) this.wentWell.set(name, (this.wentWell.get(name) ?? 0) + 1)
    return result
  }
}

/** Signs of a version's rows. */
const SIGNS = [0, 1, 2].map(randomSigns)

/** What a history begins with. */
export class History {
  readonly world = new CountingWorld()
  readonly stage = new Stage(this.world)
  readonly secondProver = actor(40)
  readonly people: Actor[]
  readonly provers: Actor[]
  /** A row for each of the first three contributions; every version publishes them. */
  readonly rows: Row[]
  readonly manifest: ManifestItem[]
  /** Of the first version, which all leaves are of; and of those that actions publish. */
  readonly run: bigint
  readonly version: bigint

  constructor() {
    const { stage, world } = this
    for (const { address } of [this.secondProver, CONTRACT]) world.fund(address, parseEther('10000'))
    this.provers = [stage.prover, this.secondProver]
    this.people = [stage.alice, stage.bob, stage.carol, stage.owner, stage.validator, stage.payer, CONTRACT]
    this.people.push(...this.provers)
    // So that commitments expire, and share units are released, within a history.
    this.#set('commitLifetime', 60n)
    this.#set('batchPeriod', 40n)
    const datanets = [stage.createDatanet(), stage.createDatanet()]
    const made = [stage.alice, stage.bob, stage.carol].map((who, i) =>
      stage.contribute(who, datanets[i & 1]!, essay(30 + i)),
    )
    this.rows = made.map(({ contribution, cluster }, index) => {
      const ids = { contribution: ContributionId(contribution), cluster: ClusterId(cluster) }
      return { index, ...ids, scale: 100 + index, signs: SIGNS[index]! }
    })
    this.manifest = this.rows.map(({ index, contribution }) => {
      const { contentHash } = world.send(GOVERNOR, 'datanets', 'getContribution', [contribution])
      return { index, contribution, contentHash, start: 0, end: 60 }
    })
    stage.stake(stage.prover, STAKE_ROLE.prover, parseEther('1000'))
    stage.stake(stage.validator, STAKE_ROLE.validator, parseEther('100'))
    // A boundary of stakes lies behind, so that committees can be drawn.
    world.epoch(320n)
    this.run = stage.openRun(datanets, manifestRoot(this.manifest)).run
    this.version = this.publish()
    world.pass(2n)
    stage.stake(this.secondProver, STAKE_ROLE.prover, parseEther('40'))
    for (const { address } of this.provers)
      world.send(stage.payer.address, 'channels', 'open', [address], { value: parseEther('1') })
    world.wentWell.clear()
  }

  #set(name: ParameterName, value: bigint): void {
    this.world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS[name].id, value])
  }

  /** Publishes the rows, and attests them. */
  publish(): bigint {
    const { owner, validator } = this.stage
    const hashes = { adapterHash: word(0), curvatureHash: word(0), artifactHash: word(9) }
    const shape = {
      featureRoot: merkleRoot(this.rows.map(rowLeaf)),
      rows: this.rows.length,
      dims: DIMS,
      medianScale: 100,
    }
    const publication = { run: this.run, ...hashes, ...shape }
    const version = this.world.send(owner.address, 'models', 'publishVersion', [publication], { value: VERSION_BOND })
    this.world.send(validator.address, 'models', 'attest', [version])
    return version
  }

  rowHex(index: number): Hex {
    return hexOf(encodeRow(this.rows[index]!))
  }

  /** A row with its path. */
  evidence(index: number): { row: Hex; path: Hex[] } {
    return { row: this.rowHex(index), path: merkleProof(this.rows.map(rowLeaf), index) }
  }

  /** What a row speaks of, with its path. */
  item(index: number): [manifestItem: Hex, manifestPath: Hex[]] {
    const bytes = hexOf(encodeManifestItem(this.manifest[index]!))
    return [bytes, merkleProof(this.manifest.map(manifestLeaf), index)]
  }

  /** Opens the next L1 blocks, two seconds each. */
  openEpochs(count: bigint, seed: bigint): void {
    for (let opened = 0n; opened < count; opened++) {
      this.world.pass(2n)
      const next = this.world.view(l1Number) + 1n
      this.world.epoch(next, wordHex(seed + next))
    }
  }

  /** All wei there is. */
  get wei(): bigint {
    return [...this.stage.world.balances.values()].reduce((total, balance) => total + balance, 0n)
  }

  /** Runs a call; one that fails is a step too. */
  attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error
    }
  }
}

/** One call, as the caller's transaction or inside a frame. Throws {@link CallFailed}. */
export type Act = (history: History) => void

export const person = fc.nat({ max: 8 })
export const prover = fc.nat({ max: 1 })
export const datanet = fc.constantFrom(1n, 2n)
export const wei = fc.oneof(
  fc.bigInt({ min: 0n, max: 5_000_000_000n }),
  fc.bigInt({ min: 1n, max: 10n }).map((count) => count * parseEther('0.1')),
)
export const nonce = fc.constantFrom(0n, 0n, 0n, 1n)

export const channelOf = (history: History, which: number, count: bigint): Hex =>
  channelIdOf(history.stage.payer.address, history.provers[which]!.address, count)

/** Tenths of an OPEN, so that fees, ceilings and deposits meet each other's bounds. */
export const tenths = (most: bigint) => fc.bigInt({ min: 1n, max: most }).map((count) => count * parseEther('0.1'))
