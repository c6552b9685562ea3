/**
 * Random histories of calls for property tests: many people and contracts, two provers, two Datanets, time, and frames
 * of calls that revert as a whole. An action knows nothing but the world it finds, so the same actions on the same
 * world do the same.
 */
import fc from 'fast-check'
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { DatanetId } from '../../../genesis/units.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { hexOf } from '../calls/face.ts'
import { batchActs } from './batch-history.ts'
import { disputeActs } from './dispute-history.ts'
import { type Act, channelOf, datanet, type History, nonce, person, prover, tenths, wei } from './history-world.ts'
import { GOVERNOR } from './ledger-harness.ts'
import { COMMIT_BOND, essay, THETA, utf8, word } from './ledger-stage.ts'
import { versionActs } from './version-history.ts'

const TEXTS = [0, 1, 2].flatMap((seed) => [essay(seed), `${essay(seed)} copied`, essay(seed).slice(3)])
const SALT = word(7)

export type Action =
  | { kind: 'call'; act: Act }
  /** A contract that makes the calls, swallowing what fails, and then ends well or reverts. */
  | { kind: 'frame'; actions: Action[]; reverts: boolean }
  | { kind: 'time'; seconds: bigint }

class FrameReverts extends Error {
  override name = 'FrameReverts'
}

/** Plays actions; a frame that reverts leaves no trace. */
export function play(history: History, actions: readonly Action[], afterEach: () => void = () => {}): void {
  for (const action of actions) {
    if (action.kind === 'time') history.stage.world.pass(action.seconds)
    if (action.kind === 'call') history.attempt(() => action.act(history))
    if (action.kind === 'frame') playFrame(history, action.actions, action.reverts)
    afterEach()
  }
}

function playFrame(history: History, actions: readonly Action[], reverts: boolean): void {
  const { world } = history.stage
  const { now, number } = world
  try {
    world.frame(() => {
      play(
        history,
        actions.filter(({ kind }) => kind !== 'time'),
      )
      if (reverts) throw new FrameReverts()
    })
  } catch (error) {
    if (!(error instanceof FrameReverts)) throw error
    Object.assign(world, { now, number })
  }
}

/** The same actions without the frames that revert. */
export function surviving(actions: readonly Action[], inFrame = false): Action[] {
  return actions.flatMap((action): Action[] => {
    if (action.kind === 'time') return inFrame ? [] : [action]
    if (action.kind === 'call') return [action]
    return action.reverts ? [] : surviving(action.actions, true)
  })
}

const text = fc.nat({ max: TEXTS.length - 1 })
const role = fc.constantFrom(STAKE_ROLE.prover, STAKE_ROLE.validator, STAKE_ROLE.curator)
function commitmentTo(owner: Address, id: bigint, content: Uint8Array): Hex {
  return contributionCommitment({ owner, datanet: DatanetId(id), contentHash: hexOf(keccak256(content)), salt: SALT })
}

const commits = fc.record({ who: person, datanet, text }).map(
  ({ who, datanet, text }): Act =>
    (history) => {
      const { address } = history.people[who]!
      const commitment = commitmentTo(address, datanet, utf8(TEXTS[text]!))
      history.stage.world.send(address, 'datanets', 'commit', [commitment], { value: COMMIT_BOND })
    },
)

const shows = fc.record({ who: person, datanet, text }).map(
  ({ who, datanet, text }): Act =>
    (history) => {
      history.stage.show(history.people[who]!, datanet, utf8(TEXTS[text]!))
    },
)

const contributes = fc.record({ who: person, datanet, text }).map(
  ({ who, datanet, text }): Act =>
    (history) => {
      history.stage.contribute(history.people[who]!, datanet, TEXTS[text]!)
    },
)

const reclaims = fc.record({ who: person, datanet, text, waits: fc.boolean() }).map(
  ({ who, datanet, text, waits }): Act =>
    (history) => {
      const { address } = history.people[who]!
      const content = utf8(TEXTS[text]!)
      if (waits) {
        history.attempt(() => history.stage.commit(history.people[who]!, datanet, content))
        history.world.pass(61n)
      }
      const args = [address, commitmentTo(address, datanet, content)] as const
      history.world.send(address, 'datanets', 'reclaimBond', args)
    },
)

const withdraws = fc.record({ who: person, id: fc.bigInt({ min: 0n, max: 9n }) }).map(
  ({ who, id }): Act =>
    (history) => {
      history.stage.world.send(history.people[who]!.address, 'datanets', 'withdraw', [id])
    },
)

const pays = fc
  .record({
    what: fc.constantFrom('open', 'topUp', 'topUp', 'close', 'refund', 'authorize', 'wind up'),
    prover,
    nonce,
    value: wei,
  })
  .map(
    ({ what, prover, nonce, value }): Act =>
      (history) => {
        const { world, payer, bob } = history.stage
        const channel = channelOf(history, prover, nonce)
        const receiver = history.provers[prover]!.address
        if (what === 'open') world.send(payer.address, 'channels', 'open', [receiver], { value })
        if (what === 'topUp') world.send(payer.address, 'channels', 'topUp', [channel], { value })
        if (what === 'close') world.send(payer.address, 'channels', 'close', [channel])
        if (what === 'refund') world.send(payer.address, 'channels', 'refund', [channel])
        if (what === 'wind up') {
          history.attempt(() => world.send(payer.address, 'channels', 'close', [channel]))
          world.pass(12n)
          world.send(receiver, 'channels', 'refund', [channel])
        }
        if (what === 'authorize')
          world.send(payer.address, 'channels', 'authorizeSigner', [channel, bob.address, value, world.now + 20n])
      },
  )

const entry = fc.record({
  cluster: fc.bigInt({ min: 1n, max: 4n }),
  above: fc.integer({ min: 1, max: 5_000 }),
  scale: fc.integer({ min: 1, max: 402 }),
})
const leafDraft = fc.record({
  nonce,
  n: fc.bigInt({ min: 0n, max: 8n }),
  fee: fc.oneof(tenths(4n), fc.bigInt({ min: 0n, max: 5_000_000_000n })),
  back: fc.bigInt({ min: 0n, max: 3n }),
  openable: fc.boolean(),
  entries: fc.array(entry, { maxLength: 3 }),
})

const settles = fc
  .record({
    prover,
    drafts: fc.array(leafDraft, { minLength: 1, maxLength: 3 }),
    ceiling: tenths(15n),
    byKey: fc.constantFrom(false, false, false, true),
  })
  .map(
    ({ prover, drafts, ceiling, byKey }): Act =>
      (history) => {
        const { stage, version } = history
        const leaves = drafts.map(({ nonce, back, entries, ...rest }) => {
          const listed = entries
            .map(({ cluster, above, scale }, row) => ({ row, cluster, raw: Number(THETA) + above, scale }))
            .sort((a, b) => b.raw * b.scale - a.raw * a.scale || a.row - b.row)
          const asOf = stage.world.number - back
          return stage.leaf({ ...rest, channel: channelOf(history, prover, nonce), version, asOf, entries: listed })
        })
        const signer = byKey ? stage.bob : stage.payer
        const vouchers = leaves.map(({ channel }) => stage.voucher(signer, channel, ceiling))
        stage.world.send(history.provers[prover]!.address, 'attribution', 'settle', [leaves, vouchers])
      },
  )

const stakes = fc
  .record({ what: fc.constantFrom('stake', 'unstake', 'withdraw', 'leave', 'collect'), who: person, role, amount: wei })
  .map(
    ({ what, who, role, amount }): Act =>
      (history) => {
        const { world } = history.stage
        const { address } = history.people[who]!
        if (what === 'stake') world.send(address, 'staking', 'stake', [role], { value: parseEther('10') + amount })
        if (what === 'unstake') world.send(address, 'staking', 'unstake', [role, amount])
        if (what === 'leave') {
          history.attempt(() => world.send(address, 'staking', 'unstake', [role, amount]))
          world.pass(60n)
        }
        if (what === 'withdraw' || what === 'leave') world.send(address, 'staking', 'withdraw', [role])
        if (what === 'collect') world.send(address, 'staking', 'collectRewards', [role])
      },
  )

const income = fc.record({ who: person, datanet }).map(
  ({ who, datanet }): Act =>
    (history) => {
      history.stage.world.send(history.people[who]!.address, 'attribution', 'withdrawIncome', [datanet])
    },
)

const trades = fc
  .record({
    what: fc.constantFrom('release', 'transfer', 'sell', 'sell', 'model'),
    from: person,
    to: person,
    datanet,
    id: fc.bigInt({ min: 1n, max: 6n }),
    amount: fc.bigInt({ min: 0n, max: 140n }),
  })
  .map(
    ({ what, from, to, datanet, id, amount }): Act =>
      (history) => {
        const { stage, people } = history
        const [seller, buyer] = [people[from]!, people[to]!]
        if (what === 'release') stage.world.send(seller.address, 'datanets', 'releaseShares', [id])
        if (what === 'transfer') stage.transferShares(seller, buyer, datanet, amount)
        if (what === 'sell') {
          const { contributor, cluster, datanet } = stage.world.send(seller.address, 'datanets', 'getContribution', [
            id,
          ])
          const payee = people.find(({ address }) => address === contributor.toLowerCase())
          stage.world.pass(61n)
          if (payee) stage.sellShares(payee, buyer, datanet, cluster)
        }
        if (what === 'model') stage.moveModel(seller, buyer, 1n)
      },
  )

const governs = fc
  .record({
    what: fc.constantFrom('weight', 'grant'),
    who: person,
    datanet,
    weightBps: fc.nat({ max: 10_000 }),
    part: fc.bigInt({ min: 1n, max: 4n }),
  })
  .map(
    ({ what, who, datanet, weightBps, part }): Act =>
      ({ stage, people }) => {
        const { world } = stage
        if (what === 'weight') world.send(GOVERNOR, 'datanets', 'setWeight', [datanet, weightBps])
        if (what === 'grant') {
          const amount = world.send(GOVERNOR, 'attribution', 'treasury', []) / part
          world.send(GOVERNOR, 'attribution', 'grant', [people[who]!.address, amount])
        }
      },
  )

const matures = fc.bigInt({ min: 230_000n, max: 2_000_000n }).map(
  (gas): Act =>
    (history) => {
      if (!history.stage.world.mature(gas).ok) throw new Error('the maturing deposit failed')
    },
)

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 2, arbitrary: commits },
  { weight: 2, arbitrary: shows },
  { weight: 3, arbitrary: contributes },
  { weight: 1, arbitrary: reclaims },
  { weight: 2, arbitrary: withdraws },
  { weight: 3, arbitrary: pays },
  { weight: 6, arbitrary: settles },
  { weight: 3, arbitrary: stakes },
  { weight: 1, arbitrary: income },
  { weight: 3, arbitrary: trades },
  { weight: 2, arbitrary: governs },
  { weight: 3, arbitrary: matures },
  { weight: 5, arbitrary: batchActs },
  { weight: 4, arbitrary: versionActs },
  { weight: 4, arbitrary: disputeActs },
)
const call = act.map((act): Action => ({ kind: 'call', act }))
const time = fc.bigInt({ min: 1n, max: 40n }).map((seconds): Action => ({ kind: 'time', seconds }))

/** Calls, frames of calls that may nest and revert, and time. */
export const action: fc.Arbitrary<Action> = fc.letrec<{ action: Action; frame: Action }>((tie) => ({
  frame: fc.record({
    kind: fc.constant('frame' as const),
    actions: fc.array(tie('action'), { maxLength: 4 }),
    reverts: fc.boolean(),
  }),
  action: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 10, arbitrary: call },
    { weight: 3, arbitrary: time },
    { weight: 3, arbitrary: tie('frame') },
  ),
})).action
