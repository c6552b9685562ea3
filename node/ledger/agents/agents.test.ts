import { type Hex, keccak256, parseEther, stringToHex, zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { JOB_STATUS } from '../../../genesis/abi/agents.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, AGENT_REGISTRY, NATIVE } from '../../../genesis/addresses.ts'
import { ableAgent, HOUR, MEMO, registerAgent } from '../testing/agent-stage.ts'
import { OPEN } from '../testing/ledger-harness.ts'
import { Stage, word } from '../testing/ledger-stage.ts'
import { summaryOf } from './reputation.ts'

/** Of alice's; bob is its wallet, carol a client of its. */
function staged() {
  const stage = new Stage()
  stage.stake(stage.prover, STAKE_ROLE.prover, parseEther('1000'))
  const { world, alice, bob, carol, prover } = stage
  const agent = ableAgent(world, alice, bob)
  const record = () => world.send(alice.address, 'agents', 'getAgent', [agent])
  const sound = () => expect(world.audit()).toEqual([])
  return {
    stage,
    world,
    agent,
    record,
    sound,
    owner: alice.address,
    wallet: bob.address,
    client: carol.address,
    prover,
  }
}

describe('an identity', () => {
  it('is registered by the registry, for its owner, who is its first wallet', () => {
    const { world, client } = staged()
    const entries = [{ metadataKey: 'skills', metadataValue: '0x0102' }] as const
    const id = world.send(AGENT_REGISTRY, 'agents', 'register', [client, 'ipfs://me', entries])
    expect(id).toBe(2n)
    expect(world.send(client, 'agents', 'agentCount', [])).toBe(2n)
    expect(world.send(client, 'agents', 'tokenURI', [id])).toBe('ipfs://me')
    expect(world.send(client, 'agents', 'getMetadata', [id, 'skills'])).toBe('0x0102')
    expect(world.send(client, 'agents', 'getMetadata', [id, 'agentWallet'])).toBe(client)
    expect(world.send(client, 'agents', 'balanceOf', [client])).toBe(1n)
    expect(world.fails(client, 'agents', 'register', [client, '', []])).toBe('NotRegistry')
  })

  it('changes its URI and its metadata, to longer and to shorter, and leaves nothing of what was', () => {
    const { world, agent, owner } = staged()
    const slots = () =>
      [...world.storage].filter(([key, value]) => key.startsWith(NATIVE.agents) && value !== 0n).length
    const set = (uri: string, value: Hex) => {
      world.send(AGENT_REGISTRY, 'agents', 'setAgentURI', [owner, agent, uri])
      world.send(AGENT_REGISTRY, 'agents', 'setMetadata', [owner, agent, 'key', value])
      expect(world.send(owner, 'agents', 'tokenURI', [agent])).toBe(uri)
      expect(world.send(owner, 'agents', 'getMetadata', [agent, 'key'])).toBe(value)
    }
    set('', '0x')
    const before = slots()
    set('x'.repeat(500), stringToHex('y'.repeat(100)))
    set('x'.repeat(40), '0x01')
    set('x'.repeat(31), stringToHex('y'.repeat(32)))
    set('', '0x')
    expect(slots()).toBe(before)
  })

  it('goes to another owner without its wallet and without approvals', () => {
    const { world, agent, owner, client, record } = staged()
    const { prover } = staged()
    world.send(AGENT_REGISTRY, 'agents', 'approve', [owner, client, agent])
    expect(world.send(owner, 'agents', 'isAuthorizedOrOwner', [client, agent])).toBe(true)
    world.send(AGENT_REGISTRY, 'agents', 'transferFrom', [client, owner, client, agent])
    expect(record()).toMatchObject({ owner: expect.stringMatching(new RegExp(client, 'i')), wallet: zeroAddress })
    expect(world.send(owner, 'agents', 'getApproved', [agent])).toBe(zeroAddress)
    expect(world.send(owner, 'agents', 'getMetadata', [agent, 'agentWallet'])).toBe('0x')
    expect([owner, client].map((each) => world.send(each, 'agents', 'balanceOf', [each]))).toEqual([0n, 1n])
    expect(world.fails(owner, 'agents', 'withdraw', [agent, 1n])).toBe('NotOwner')
    world.send(AGENT_REGISTRY, 'agents', 'setApprovalForAll', [client, prover.address, true])
    world.send(AGENT_REGISTRY, 'agents', 'transferFrom', [prover.address, client, owner, agent])
    expect(world.audit()).toEqual([])
  })
})

describe('a wallet', () => {
  it('pays up to the limit in a period, and again in the next', () => {
    const { world, agent, wallet, client, record, sound } = staged()
    const before = world.balance(client)
    world.send(wallet, 'agents', 'pay', [agent, client, 3n * OPEN, MEMO])
    expect(world.balance(client)).toBe(before + 3n * OPEN)
    expect(world.send(wallet, 'agents', 'spendableOf', [agent])).toBe(2n * OPEN)
    expect(world.fails(wallet, 'agents', 'pay', [agent, client, 2n * OPEN + 1n, MEMO])).toBe('OverSpendingLimit')
    world.pass(HOUR)
    expect(world.send(wallet, 'agents', 'spendableOf', [agent])).toBe(5n * OPEN)
    world.send(wallet, 'agents', 'pay', [agent, client, 5n * OPEN, MEMO])
    expect(record()).toMatchObject({ balance: 2n * OPEN, spent: 5n * OPEN })
    world.pass(HOUR)
    expect(world.fails(wallet, 'agents', 'pay', [agent, client, 3n * OPEN, MEMO])).toBe('BalanceTooSmall')
    sound()
  })

  it('spends nothing before a limit is set, while the agent is paused, and after it was replaced', () => {
    const { world, agent, owner, wallet, client } = staged()
    const fresh = registerAgent(world, owner)
    world.send(client, 'agents', 'payAgent', [fresh, MEMO], { value: OPEN })
    expect(world.send(owner, 'agents', 'spendableOf', [fresh])).toBe(0n)
    expect(world.fails(owner, 'agents', 'pay', [fresh, client, 1n, MEMO])).toBe('OverSpendingLimit')
    world.send(owner, 'agents', 'setPaused', [agent, true])
    expect(world.fails(wallet, 'agents', 'pay', [agent, client, 1n, MEMO])).toBe('AgentPaused')
    world.send(owner, 'agents', 'setPaused', [agent, false])
    world.send(AGENT_REGISTRY, 'agents', 'setAgentWallet', [owner, agent, client])
    expect(world.fails(wallet, 'agents', 'pay', [agent, client, 1n, MEMO])).toBe('NotWallet')
    world.send(client, 'agents', 'pay', [agent, client, 1n, MEMO])
  })

  it('leaves the owner what is in the balance', () => {
    const { world, agent, owner, sound } = staged()
    const before = world.balance(owner)
    world.send(owner, 'agents', 'withdraw', [agent, 10n * OPEN])
    expect(world.balance(owner)).toBe(before + 10n * OPEN)
    sound()
  })
})

describe('a channel of an agent', () => {
  const open = () => {
    const all = staged()
    const { world, agent, wallet, prover } = all
    const channel = world.send(wallet, 'agents', 'openChannel', [agent, prover.address, 2n * OPEN])
    return { ...all, channel }
  }

  it('has the wallet as payer and takes from the balance under the limit', () => {
    const { world, agent, wallet, channel, record, sound } = open()
    expect(world.send(wallet, 'channels', 'getChannel', [channel])).toMatchObject({ deposit: 2n * OPEN })
    expect(world.send(wallet, 'channels', 'channelId', [wallet, staged().prover.address, 0n])).toBe(channel)
    expect(world.send(wallet, 'channels', 'beneficiaryOf', [channel])).toBe(agent)
    expect(record()).toMatchObject({ balance: 8n * OPEN, spent: 2n * OPEN })
    world.send(wallet, 'agents', 'topUpChannel', [agent, channel, OPEN])
    expect(world.send(wallet, 'channels', 'getChannel', [channel])).toMatchObject({ deposit: 3n * OPEN })
    expect(record()).toMatchObject({ balance: 7n * OPEN, spent: 3n * OPEN })
    sound()
  })

  it('gives what is left back to the balance, whoever closed it and whoever asks', () => {
    for (const closing of ['owner', 'wallet', 'payer'] as const) {
      const { world, agent, owner, wallet, client, channel, record, sound } = open()
      if (closing === 'payer') world.send(wallet, 'channels', 'close', [channel])
      else world.send(closing === 'owner' ? owner : wallet, 'agents', 'closeChannel', [agent, channel])
      world.pass(12n)
      const held = world.balance(wallet)
      world.send(client, 'channels', 'refund', [channel])
      expect(world.balance(wallet)).toBe(held)
      expect(record().balance).toBe(10n * OPEN)
      expect(world.fails(owner, 'agents', 'closeChannel', [agent, channel])).toBe('NotChannelOfAgent')
      sound()
    }
  })

  it('gets nothing more from a wallet that came after its payer', () => {
    const { world, agent, owner, client, channel } = open()
    world.send(AGENT_REGISTRY, 'agents', 'setAgentWallet', [owner, agent, client])
    expect(world.fails(client, 'agents', 'topUpChannel', [agent, channel, 1n])).toBe('NotWallet')
  })
})

describe('a stake', () => {
  it('leaves after the delay, what jobs lock excepted', () => {
    const { world, agent, owner, wallet, client, sound } = staged()
    const term = [agent, world.now + 100n, word(1)] as const
    const job = world.send(client, 'agents', 'offerJob', term, { value: 10n * OPEN })
    world.send(wallet, 'agents', 'acceptJob', [job])
    expect(world.fails(owner, 'agents', 'unstake', [agent, 8n * OPEN + 1n])).toBe('NotEnoughFreeStake')
    world.send(owner, 'agents', 'unstake', [agent, 8n * OPEN])
    expect(world.fails(owner, 'agents', 'withdrawStake', [agent])).toBe('TooEarly')
    world.pass(60n)
    const before = world.balance(owner)
    expect(world.send(owner, 'agents', 'withdrawStake', [agent])).toBe(8n * OPEN)
    expect(world.balance(owner)).toBe(before + 8n * OPEN)
    sound()
  })
})

describe('a job', () => {
  const offered = (value = 10n * OPEN) => {
    const all = staged()
    const { world, agent, client } = all
    const before = world.balance(client)
    const job = world.send(client, 'agents', 'offerJob', [agent, world.now + 100n, word(1)], { value })
    const status = () => world.send(client, 'agents', 'getJob', [job]).status
    return { ...all, job, before, status }
  }
  const completed = (value?: bigint) => {
    const all = offered(value)
    all.world.send(all.wallet, 'agents', 'acceptJob', [all.job])
    all.world.send(all.wallet, 'agents', 'completeJob', [all.job, word(9)])
    return all
  }

  it('pays the agent when the client accepts the result', () => {
    const { world, job, client, record, status, sound } = completed()
    world.send(client, 'agents', 'acceptResult', [job])
    expect(record()).toMatchObject({ balance: 20n * OPEN, stake: 10n * OPEN, locked: 0n })
    expect(status()).toBe(JOB_STATUS.paid)
    expect(world.fails(client, 'agents', 'rejectResult', [job])).toBe('WrongStatus')
    sound()
  })

  it('pays the agent when the client says nothing', () => {
    const { world, job, client, record, sound } = completed()
    expect(world.fails(client, 'agents', 'expireJob', [job])).toBe('TooEarly')
    world.pass(20n)
    expect(world.fails(client, 'agents', 'rejectResult', [job])).toBe('TooLate')
    world.send(client, 'agents', 'expireJob', [job])
    expect(record().balance).toBe(20n * OPEN)
    sound()
  })

  it('costs both a half when the client rejects the result; an odd wei is the agent’s', () => {
    const { world, job, client, before, record, sound } = completed(5n)
    world.send(client, 'agents', 'rejectResult', [job])
    expect(world.balance(client)).toBe(before - 3n)
    expect(record().balance).toBe(10n * OPEN + 3n)
    sound()
  })

  it('goes back to the client when it is cancelled or not taken', () => {
    for (const end of ['cancelJob', 'expireJob'] as const) {
      const { world, job, client, wallet, before, status, sound } = offered()
      if (end === 'expireJob') {
        expect(world.fails(client, 'agents', end, [job])).toBe('TooEarly')
        world.pass(101n)
        expect(world.fails(wallet, 'agents', 'acceptJob', [job])).toBe('TooLate')
      }
      world.send(client, 'agents', end, [job])
      expect(world.balance(client)).toBe(before)
      expect(status()).toBe(JOB_STATUS.cancelled)
      sound()
    }
  })

  it('forfeits a part of the stake to the client when the deadline is missed', () => {
    const { world, job, client, wallet, before, record, status, sound } = offered()
    world.send(wallet, 'agents', 'acceptJob', [job])
    expect(record()).toMatchObject({ stake: 10n * OPEN, locked: 2n * OPEN })
    expect(world.fails(client, 'agents', 'cancelJob', [job])).toBe('WrongStatus')
    world.pass(100n)
    expect(world.fails(client, 'agents', 'expireJob', [job])).toBe('TooEarly')
    world.pass(1n)
    expect(world.fails(wallet, 'agents', 'completeJob', [job, word(9)])).toBe('TooLate')
    world.send(client, 'agents', 'expireJob', [job])
    expect(world.balance(client)).toBe(before + 2n * OPEN)
    expect(record()).toMatchObject({ stake: 8n * OPEN, locked: 0n, balance: 10n * OPEN })
    expect(status()).toBe(JOB_STATUS.missed)
    sound()
  })

  it('can be one agent’s for another: the fee is under its limit, and what comes back is its', () => {
    const { world, agent, client, prover, record, sound } = staged()
    const buyer = ableAgent(world, { address: client, key: new Uint8Array(32) }, prover)
    const from = prover.address as Address
    const offer = (fee: bigint) =>
      world.send(from, 'agents', 'offerJobFrom', [buyer, agent, world.now + 100n, word(1), fee])
    const balance = () => world.send(from, 'agents', 'getAgent', [buyer]).balance
    const cancelled = offer(OPEN)
    expect(balance()).toBe(9n * OPEN)
    world.send(from, 'agents', 'cancelJob', [cancelled])
    expect(balance()).toBe(10n * OPEN)
    const job = offer(OPEN)
    world.send(staged().wallet, 'agents', 'acceptJob', [job])
    world.send(staged().wallet, 'agents', 'completeJob', [job, word(9)])
    world.send(client, 'agents', 'acceptResult', [job])
    expect([balance(), record().balance]).toEqual([9n * OPEN, 11n * OPEN])
    sound()
  })
})

describe('feedback', () => {
  const said = () => {
    const all = staged()
    const { world, agent } = all
    const give = (from: Address, value: bigint, decimals = 0, tag1 = '', tag2 = '') =>
      world.send(from, 'agents', 'giveFeedback', [agent, value, decimals, tag1, tag2, 'https://a', 'ipfs://b', word(5)])
    return { ...all, give }
  }

  it('is kept by client and index, with its sign, and can be revoked by who gave it', () => {
    const { world, agent, client, give } = said()
    give(client, -32n, 1, 'tradingYield', 'day')
    give(client, 87n, 0, 'starred')
    expect(world.send(client, 'agents', 'getLastIndex', [agent, client])).toBe(2n)
    expect(world.send(client, 'agents', 'readFeedback', [agent, client, 1n])).toEqual([
      -32n,
      1,
      'tradingYield',
      'day',
      false,
    ])
    world.send(client, 'agents', 'revokeFeedback', [agent, 1n])
    expect(world.send(client, 'agents', 'readFeedback', [agent, client, 1n]).at(-1)).toBe(true)
    expect(world.send(client, 'agents', 'readAllFeedback', [agent, [], '', '', false])[2]).toEqual([87n])
    expect(world.send(client, 'agents', 'readAllFeedback', [agent, [client], '', '', true])[2]).toEqual([-32n, 87n])
    expect(world.send(client, 'agents', 'readAllFeedback', [agent, [], 'starred', '', true])[4]).toEqual(['starred'])
    expect(world.send(client, 'agents', 'readAllFeedback', [agent, [], '', 'day', true])[1]).toEqual([1n])
  })

  it('is logged under the hash of its first tag', () => {
    const { world, client, give } = said()
    give(client, 1n, 0, 'starred')
    expect(world.logs.at(-1)!.topics[3]).toBe(keccak256(stringToHex('starred')))
  })

  it('is not given by the owner or who may act for it', () => {
    const { world, agent, owner, client, give } = said()
    expect(() => give(owner, 1n)).toThrow('SelfFeedback')
    world.send(AGENT_REGISTRY, 'agents', 'setApprovalForAll', [owner, client, true])
    expect(() => give(client, 1n)).toThrow('SelfFeedback')
    expect(world.send(owner, 'agents', 'getClients', [agent])).toEqual([])
  })

  it('is summed up over the clients that the asker names', () => {
    const { world, agent, client, prover, stage, give } = said()
    give(client, 9_977n, 2)
    give(prover.address, 100n)
    give(client, 98n, 0)
    give(stage.payer.address, -1_000n)
    const summary = (clients: readonly Address[]) =>
      world.send(client, 'agents', 'getSummary', [agent, clients, '', ''])
    expect(summary([client, prover.address])).toEqual([3n, 99n, 0])
    expect(summary([client])).toEqual([2n, 98n, 0])
    expect(summary([stage.bob.address])).toEqual([0n, 0n, 0])
    const lower = (list: readonly string[]) => list.map((each) => each.toLowerCase())
    expect(lower(world.send(client, 'agents', 'getClients', [agent]))).toEqual([
      client,
      prover.address,
      stage.payer.address,
    ])
  })

  it('has its mean at the decimals that most values have, cut towards zero', () => {
    const values = (list: [bigint, number][]) =>
      summaryOf(list.map(([value, valueDecimals]) => ({ value, valueDecimals })))
    expect(values([])).toEqual({ value: 0n, decimals: 0 })
    expect(
      values([
        [-5n, 0],
        [-6n, 0],
      ]),
    ).toEqual({ value: -5n, decimals: 0 })
    expect(
      values([
        [1n, 1],
        [2n, 1],
        [9n, 0],
      ]),
    ).toEqual({ value: 31n, decimals: 1 })
    expect(
      values([
        [10n ** 38n, 18],
        [-(10n ** 38n), 18],
      ]),
    ).toEqual({ value: 0n, decimals: 18 })
  })

  it('has fewer decimals in its mean where it would not fit otherwise: no value stops the question', () => {
    const { world, agent, client, give } = said()
    give(client, 10n ** 38n, 0)
    give(client, 1n, 18)
    give(client, 1n, 18)
    const summary = () => world.send(client, 'agents', 'getSummary', [agent, [client], '', ''])
    expect(summary()).toEqual([3n, 10n ** 38n / 3n, 0])
    give(client, -(10n ** 38n) + 29n * 10n ** 18n, 0)
    give(client, 1n, 18)
    give(client, 1n, 18)
    expect(summary()).toEqual([6n, (29n * 10n ** 36n + 4n) / 6n, 18])
  })

  it('is answered by anybody, and answers are counted', () => {
    const { world, agent, owner, client, give } = said()
    give(client, 1n)
    give(client, 2n)
    const answer = (from: Address, index: bigint) =>
      world.send(from, 'agents', 'appendResponse', [agent, client, index, 'ipfs://sorry', word(6)])
    answer(owner, 1n)
    answer(owner, 1n)
    answer(client, 2n)
    const count = (who: Address, index: bigint, responders: readonly Address[] = []) =>
      world.send(client, 'agents', 'getResponseCount', [agent, who, index, responders])
    expect([count(client, 1n), count(client, 0n), count(zeroAddress, 0n)]).toEqual([2n, 3n, 3n])
    expect([count(client, 0n, [owner]), count(client, 2n, [owner])]).toEqual([2n, 0n])
  })
})
