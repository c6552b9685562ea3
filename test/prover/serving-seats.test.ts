/** A validator's seats in a committee of challenge 4, against a real node with the real ledger. */
import { keccak256, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { challengeOutcome, NativeContractError } from '../../client/index.ts'
import { challengeCommitment, FEATURE_KIND, featureSubject } from '../../protocol/challenge.ts'
import { encodeFeature } from '../../protocol/feature-tolerance.ts'
import { merkleProof } from '../../protocol/merkle.ts'
import { encodeRow, rowLeaf } from '../../protocol/row.ts'
import { rebuildRetrieval } from '../../prover/audit/auditor.ts'
import { commitmentsOf } from '../../prover/dispute/commitments.ts'
import { headOf } from '../../prover/dispute/dispute-chain.ts'
import { retrievalVectors } from '../../prover/dispute/seat-vectors.ts'
import { type SeatEvent, Seats } from '../../prover/dispute/seats.ts'
import { RetrievalStage, ROLES } from '../fixtures/retrieval-stage.ts'
import type { WholeNode } from '../fixtures/whole-node.ts'

const { owner, challenger } = ROLES
/** L1 blocks; stakes are counted as of a multiple of four times as many. */
const DRAW_DELAY = 2n

let stage: RetrievalStage
let node: WholeNode
let version: bigint

beforeAll(async () => {
  stage = await RetrievalStage.start({ drawDelay: DRAW_DELAY })
  node = stage.node
  version = stage.version
  for (let epoch = 0n; epoch <= 4n * DRAW_DELAY; epoch++) await node.nextEpoch()
})

afterAll(() => stage.stop())

describe('a seat of a committee', () => {
  const reads = () => stage.reads()

  async function startedSeats(recompute = retrievalVectors(node.client, reads())) {
    const events: SeatEvent[] = []
    const commitments = await commitmentsOf(owner, node.config.l2ChainId)
    const seats = new Seats({ client: node.wallet(owner), commitments, recompute }, (event) => events.push(event))
    return { turn: async () => seats.turn(await headOf(node.client)), events }
  }

  const until = async (timestamp: bigint) => {
    while ((await node.mine()).block.header.timestamp <= timestamp);
  }

  /** Challenge 4 of an honest row, drawn: the owner is the only validator, so all seats are its. */
  async function drawnRound(index: number) {
    const client = node.wallet(challenger)
    const { artifact } = await rebuildRetrieval(reads(), (await reads().version(version))!)
    const row = artifact.rows[index]!
    const path = merkleProof(artifact.rows.map(rowLeaf), index)
    const [salt, subject] = [toHex(index, { size: 32 }), featureSubject(FEATURE_KIND.row, version, index)]
    const commitment = challengeCommitment({ challenger: challenger.address, subject, salt })
    const bond = await client.getParameter({ name: 'challengeBond' })
    await node.mined(client.commitChallenge({ commitment, bond }))
    await node.mined(client.challengeRow({ version, evidence: { row, path }, salt }))
    const round = await client.getRoundCount()
    const { drawAt } = await client.getRound({ round })
    while (!(await isDrawn(round))) await node.nextEpoch()
    expect((await client.getRound({ round })).drawAt).toBe(drawAt)
    return { round, row, committee: (await client.getRound({ round })).committee }
  }

  async function isDrawn(round: bigint): Promise<boolean> {
    const client = node.wallet(challenger)
    try {
      return (await node.mined(client.drawCommittee({ round }))).status === 'success'
    } catch (error) {
      if (error instanceof NativeContractError && error.errorName === 'NotDrawable') return false
      throw error
    }
  }

  it('is served by who recomputes the row, although it is killed between vote and reveal', async () => {
    const { round, row, committee } = await drawnRound(2)
    const killed = await startedSeats()
    await killed.turn()
    expect(killed.events.map(({ type }) => type)).toEqual(['seated', 'voted'])
    expect(killed.events[0]).toMatchObject({ round, about: { kind: FEATURE_KIND.row, version, index: 2 } })
    await until(committee.commitUntil)
    const next = await startedSeats()
    await next.turn()
    expect(next.events.map(({ type }) => type)).toEqual(['seated', 'revealed'])
    const client = node.wallet(owner)
    const vector = toHex(encodeFeature(row))
    const ballot = await client.getBallot({ round, inAppeal: false, voter: owner.address })
    expect(ballot.vote).toBe(keccak256(vector))
    await until((await client.getRound({ round })).appealUntil)
    const decided = await node.mined(client.decideRow({ round, row: toHex(encodeRow(row)), vector }))
    expect(challengeOutcome(decided)).toMatchObject({ upheld: false })
    await next.turn()
    expect(next.events).toHaveLength(2)
  }, 60_000)

  it('abstains from what it cannot recompute, and says so', async () => {
    const { round } = await drawnRound(3)
    const { turn, events } = await startedSeats(async () => ({ unknown: 'the version is tuned' }))
    await turn()
    await node.mine()
    await turn()
    expect(events.slice(1)).toEqual([{ type: 'abstained', round, reason: 'the version is tuned' }])
  }, 60_000)
})
