/** Actions of random histories: openings that are demanded, receipts that convict, and rounds of the drawn committee. */
import fc from 'fast-check'
import secp256k1 from 'secp256k1'
import { type Hex, parseEther } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { challengeCommitment, FEATURE_KIND, featureSubject, seatCommitment } from '../../../protocol/challenge.ts'
import { encodeFeature } from '../../../protocol/feature-tolerance.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { decodeLeaf, type Leaf } from '../../../protocol/leaf.ts'
import { receiptDigest } from '../../../protocol/receipt.ts'
import { channelIdOf, requestId } from '../../../protocol/request.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { l1Number } from '../payouts/randomness.ts'
import { CHALLENGE_BOND, OPENING_BOND } from './dispute-stage.ts'
import { type Act, type History, person, prover } from './history-world.ts'
import { CHAIN_ID } from './ledger-harness.ts'
import { type Actor, word } from './ledger-stage.ts'

const SALT = word(99)

/** One of the latest claims, with its leaf and prover. */
function recentClaim({ world, provers }: History, back: number): { claim: Hex; leaf: Leaf; prover: Actor } | undefined {
  const events = world.events()
  const request = events.filter(({ name }) => name === 'Settled').at(-1 - back)?.args
  if (request === undefined) return undefined
  const ofRequest = events.filter(({ name, args }) => name === 'Claimed' && args.request === request.request)
  const leaf = decodeLeaf(bytesOf(request.leaf as Hex))
  const prover = provers.find(({ address }) => address === (request.prover as Address).toLowerCase())!
  return { claim: ofRequest.at(-1)!.args.claim as Hex, leaf, prover }
}

/** Commits to a challenge and lets a block pass. */
function commitTo({ world }: History, challenger: Address, subject: Hex): void {
  const commitment = challengeCommitment({ challenger, subject, salt: SALT })
  world.send(challenger, 'attribution', 'commitChallenge', [commitment], { value: CHALLENGE_BOND })
  world.pass(1n)
}

function signed(receipt: Leaf, { key }: Actor): Hex {
  const { signature, recid } = secp256k1.ecdsaSign(receiptDigest(Number(CHAIN_ID), receipt), key)
  return `${hexOf(signature)}${(27 + recid).toString(16)}`
}

/** Settles a request that may be opened. */
function settleOne({ stage, version, provers, world }: History, prover: number, n: bigint): void {
  const channel = channelIdOf(stage.payer.address, provers[prover]!.address, 0n)
  const leaf = stage.leaf({ channel, version, n, fee: parseEther('0.01') })
  const vouchers = [stage.voucher(stage.payer, channel, parseEther('1'))]
  world.send(provers[prover]!.address, 'attribution', 'settle', [[leaf], vouchers])
}

const claims = fc
  .record({
    fresh: fc.boolean(),
    prover,
    n: fc.bigInt({ min: 9n, max: 99n }),
    back: fc.nat({ max: 2 }),
    what: fc.constantFrom('demand', 'punish', 'demand and punish', 'lie', 'truth'),
    who: person,
  })
  .map(
    ({ fresh, prover, n, back, what, who }): Act =>
      (history) => {
        const { world, people } = history
        if (fresh) settleOne(history, prover, n)
        const found = recentClaim(history, fresh ? 0 : back)
        if (found === undefined) return
        const { claim, leaf } = found
        const { address } = people[who]!
        if (what.startsWith('demand'))
          world.send(address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
        if (what.endsWith('and punish')) world.pass(40n)
        if (what.endsWith('punish')) world.send(address, 'attribution', 'punishHidden', [claim, leaf])
        if (what !== 'lie' && what !== 'truth') return
        const receipt = what === 'lie' ? { ...leaf, outputTokens: leaf.outputTokens + 1 } : leaf
        commitTo(history, address, requestId(leaf.channel, leaf.n))
        const args = [claim, leaf, receipt, signed(receipt, found.prover), SALT] as const
        world.send(address, 'attribution', 'challengeReceipt', args)
      },
  )

/** What a seat finds: the row as it is published, another one, or nothing in time. */
type Vote = 'same' | 'other' | 'none'

function featureOf({ rows }: History, row: number, vote: Vote): { vector: Hex; hash: Hex } {
  const { scale, signs } = rows[row]!
  const bytes = encodeFeature({ scale, signs: vote === 'same' ? signs : signs.map((each) => each ^ 255) })
  return { vector: hexOf(bytes), hash: hexOf(keccak256(bytes)) }
}

/** Draws a round's committee as soon as L1 allows. Returns the holders of its seats. */
function drawn(history: History, round: bigint, seed: bigint): Address[] {
  const { world, stage } = history
  const { drawAt } = world.send(stage.alice.address, 'attribution', 'getRound', [round])
  const missing = drawAt - world.view(l1Number)
  history.openEpochs(missing, seed)
  world.send(stage.alice.address, 'attribution', 'drawCommittee', [round])
  return world
    .send(stage.alice.address, 'attribution', 'seatsOf', [round])[0]
    .map((each) => each.toLowerCase() as Address)
}

/** A challenge of a row, as far as `stages` go: opened, drawn, voted on, decided or void. */
const rounds = fc
  .record({
    row: fc.nat({ max: 2 }),
    who: person,
    stages: fc.constantFrom(1, 2, 3, 4, 4, 4, 4),
    vote: fc.constantFrom<Vote>('same', 'same', 'other', 'none'),
    seed: fc.bigInt({ min: 0n, max: 1n << 32n }),
  })
  .map(
    ({ row, who, stages, vote, seed }): Act =>
      (history) => {
        const { world, people, stage } = history
        const { address } = people[who]!
        // A version of its own: where the challenge is upheld it has failed.
        const version = history.publish()
        commitTo(history, address, featureSubject(FEATURE_KIND.row, version, row))
        const args = [version, history.evidence(row), SALT] as const
        const round = world.send(address, 'attribution', 'challengeRow', args)
        if (stages === 1) return
        const holders = drawn(history, round, seed)
        if (stages === 2) return
        const { vector, hash: vectorHash } = featureOf(history, row, vote)
        const voters = vote === 'none' ? [] : holders
        for (const voter of voters) {
          const commitment = seatCommitment({ round, vectorHash, salt: SALT, voter })
          world.send(voter, 'attribution', 'commitSeat', [round, commitment])
        }
        world.pass(13n)
        for (const voter of voters) world.send(voter, 'attribution', 'revealSeat', [round, vectorHash, SALT])
        if (stages === 3) return
        world.pass(26n)
        if (vote === 'none') world.send(stage.bob.address, 'attribution', 'voidRound', [round])
        else world.send(stage.bob.address, 'attribution', 'decideRow', [round, history.rowHex(row), vector])
      },
  )

/** Whoever comes later to a round that was left. */
const leftRounds = fc.tuple(person, fc.constantFrom('draw', 'void')).map(
  ([who, what]): Act =>
    ({ world, people }) => {
      const { address } = people[who]!
      const round = world.send(address, 'attribution', 'roundCount', [])
      if (what === 'draw') world.send(address, 'attribution', 'drawCommittee', [round])
      if (what === 'void') world.send(address, 'attribution', 'voidRound', [round])
    },
)

export const disputeActs: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: claims },
  { weight: 2, arbitrary: rounds },
  { weight: 1, arbitrary: leftRounds },
)
