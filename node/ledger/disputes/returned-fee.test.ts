/** Where the fee of an undone claim goes whose channel has been refunded. */
import { describe, expect, it } from 'vitest'
import { requestId } from '../../../protocol/request.ts'
import { MEMO, registerAgent } from '../testing/agent-stage.ts'
import { DisputeStage } from '../testing/dispute-stage.ts'
import { OPEN } from '../testing/ledger-harness.ts'
import { actor, word } from '../testing/ledger-stage.ts'

const CLOSE_DELAY = 12n

describe('the fee of a claim that is undone after its channel was refunded', () => {
  it("returns to the agent's balance where the wei was an agent's, and not to the key that signed for it", () => {
    const stage = new DisputeStage()
    const { world, alice, prover } = stage
    const wallet = actor(90)
    const agent = registerAgent(world, alice.address, wallet.address)
    world.send(alice.address, 'agents', 'payAgent', [agent, MEMO], { value: 10n * OPEN })
    world.send(alice.address, 'agents', 'setSpendingLimit', [agent, 2n * OPEN, 3_600n])
    const channel = world.send(wallet.address, 'agents', 'openChannel', [agent, prover.address, 2n * OPEN])
    world.send(wallet.address, 'agents', 'closeChannel', [agent, channel])
    world.pass(CLOSE_DELAY - 4n)
    const honest = stage.honestLeaf({ channel, asOf: world.number, fee: OPEN })
    const leaf = { ...honest, entries: honest.entries.slice(0, 4) }
    const mark = world.logs.length
    const voucher = stage.voucher(wallet, channel, OPEN)
    expect(world.send(prover.address, 'attribution', 'settle', [[leaf], [voucher]])).toBe(1n)
    const claim = stage.claimIn(mark)
    world.pass(4n)
    world.send(alice.address, 'channels', 'refund', [channel])
    const balance = () => world.send(alice.address, 'agents', 'getAgent', [agent]).balance
    expect(balance()).toBe(9n * OPEN)
    expect(stage.challengeOmission(claim, leaf, honest.entries[4]!.row)).toBe(true)
    expect(world.send(alice.address, 'attribution', 'claimOf', [requestId(channel, leaf.n)])[0]).not.toBe(word(0))
    expect([balance(), world.balance(wallet.address)]).toEqual([10n * OPEN, 0n])
    expect(world.audit()).toEqual([])
  })
})
