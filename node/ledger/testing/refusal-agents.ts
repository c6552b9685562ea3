/** For refusals.test.ts: wrong arguments of Agents. */
import { JOB_STATUS } from '../../../genesis/abi/agents.ts'
import { AGENT_REGISTRY, NATIVE } from '../../../genesis/addresses.ts'
import { MEMO } from './agent-stage.ts'
import { OPEN } from './ledger-harness.ts'
import { word } from './ledger-stage.ts'
import { type Refusal, type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'
import type { RefusalStage } from './refusal-stage.ts'

const ZERO = `0x${'0'.repeat(40)}` as const
const registry = { address: AGENT_REGISTRY }
const long = (bytes: number) => 'x'.repeat(bytes)
const TOO_MANY = Array.from({ length: 257 }, () => ZERO)

/** A row of the registry's: what it says for whom. */
const through =
  (args: (stage: RefusalStage) => readonly unknown[], error: string): Row =>
  (stage) => ({ args: args(stage), error, from: registry })

type By = 'alice' | 'bob' | 'carol' | 'payer'
const row =
  (by: By, args: (stage: RefusalStage) => readonly unknown[], error: string, rest: Partial<Refusal> = {}): Row =>
  (stage) => ({ args: args(stage), error, from: stage[by], ...rest })

const IDENTITY: Rows = {
  register: [
    (stage) => ({ args: [stage.alice.address, '', []], error: 'NotRegistry' }),
    through(() => [ZERO, '', []], 'InvalidField owner'),
    through(({ alice }) => [alice.address, long(8_193), []], 'InvalidField agentURI'),
    through(({ alice }) => [alice.address, '', Array.from({ length: 17 }, () => entry('a'))], 'InvalidField metadata'),
    through(({ alice }) => [alice.address, '', [entry('')]], 'InvalidField metadataKey'),
    through(({ alice }) => [alice.address, '', [entry('agentWallet')]], 'InvalidField metadataKey'),
    through(({ alice }) => [alice.address, '', []], 'InvalidField call'),
  ],
  setAgentURI: [
    (stage) => ({ args: [stage.alice.address, stage.agents.able, ''], error: 'NotRegistry' }),
    through(({ alice }) => [alice.address, UNKNOWN, ''], 'UnknownAgent'),
    through(({ bob, agents }) => [bob.address, agents.able, ''], 'NotAuthorized'),
    through(({ alice, agents }) => [alice.address, agents.able, long(8_193)], 'InvalidField newURI'),
  ],
  setMetadata: [
    (stage) => ({ args: [stage.alice.address, stage.agents.able, 'a', '0x'], error: 'NotRegistry' }),
    through(({ alice }) => [alice.address, UNKNOWN, 'a', '0x'], 'UnknownAgent'),
    through(({ bob, agents }) => [bob.address, agents.able, 'a', '0x'], 'NotAuthorized'),
    through(({ alice, agents }) => [alice.address, agents.able, long(65), '0x'], 'InvalidField metadataKey'),
    through(({ alice, agents }) => [alice.address, agents.able, 'agentWallet', '0x'], 'InvalidField metadataKey'),
    through(
      ({ alice, agents }) => [alice.address, agents.able, 'a', `0x${'01'.repeat(4_097)}`],
      'InvalidField metadataValue',
    ),
  ],
  setAgentWallet: [
    (stage) => ({ args: [stage.alice.address, stage.agents.able, stage.bob.address], error: 'NotRegistry' }),
    through(({ alice, bob }) => [alice.address, UNKNOWN, bob.address], 'UnknownAgent'),
    through(({ bob, agents }) => [bob.address, agents.able, bob.address], 'NotAuthorized'),
  ],
  transferFrom: [
    (stage) => ({ args: [stage.alice.address, stage.alice.address, ZERO, stage.agents.able], error: 'NotRegistry' }),
    through(({ alice, bob }) => [alice.address, alice.address, bob.address, UNKNOWN], 'UnknownAgent'),
    through(({ alice, bob, agents }) => [bob.address, alice.address, bob.address, agents.able], 'NotAuthorized'),
    through(({ alice, bob, agents }) => [alice.address, bob.address, bob.address, agents.able], 'NotOwner'),
    through(({ alice, agents }) => [alice.address, alice.address, ZERO, agents.able], 'InvalidField to'),
  ],
  approve: [
    (stage) => ({ args: [stage.alice.address, ZERO, stage.agents.able], error: 'NotRegistry' }),
    through(({ alice }) => [alice.address, ZERO, UNKNOWN], 'UnknownAgent'),
    through(({ bob, agents }) => [bob.address, bob.address, agents.able], 'NotAuthorized'),
  ],
  setApprovalForAll: [
    (stage) => ({ args: [stage.alice.address, stage.bob.address, true], error: 'NotRegistry' }),
    through(({ alice }) => [alice.address, ZERO, true], 'InvalidField operator'),
  ],
  agentCount: TOTAL,
  getAgent: [refuses([UNKNOWN], 'UnknownAgent')],
  ownerOf: [refuses([0n], 'UnknownAgent'), refuses([2n ** 255n], 'UnknownAgent')],
  balanceOf: [refuses([ZERO], 'InvalidField owner')],
  tokenURI: [refuses([UNKNOWN], 'UnknownAgent')],
  getApproved: [refuses([UNKNOWN], 'UnknownAgent')],
  isApprovedForAll: TOTAL,
  isAuthorizedOrOwner: [refuses([ZERO, UNKNOWN], 'UnknownAgent')],
  getAgentWallet: [refuses([UNKNOWN], 'UnknownAgent')],
  getMetadata: [refuses([UNKNOWN, 'a'], 'UnknownAgent')],
}

function entry(metadataKey: string) {
  return { metadataKey, metadataValue: '0x' }
}

/** What every function that the wallet alone may call refuses; `args` are right for the able agent but for the wei. */
const spending = (args: (stage: RefusalStage, agent: bigint, amount: bigint) => readonly unknown[]): Row[] => [
  row('bob', (stage) => args(stage, UNKNOWN, 1n), 'UnknownAgent'),
  row('alice', (stage) => args(stage, stage.agents.able, 1n), 'NotWallet'),
  row('bob', (stage) => args(stage, stage.agents.paused, 1n), 'AgentPaused'),
  row('bob', (stage) => args(stage, stage.agents.able, 0n), 'InvalidField amount'),
  row('bob', (stage) => args(stage, stage.agents.able, 5n * OPEN + 1n), 'OverSpendingLimit'),
  row(
    'bob',
    (stage) => {
      const { able } = stage.agents
      stage.world.send(stage.alice.address, 'agents', 'setSpendingLimit', [able, 5n * OPEN, 3_600n])
      const { balance } = stage.world.send(stage.alice.address, 'agents', 'getAgent', [able])
      if (balance > 4n * OPEN) stage.world.send(stage.alice.address, 'agents', 'withdraw', [able, balance - 4n * OPEN])
      return args(stage, able, 5n * OPEN)
    },
    'BalanceTooSmall',
  ),
]

const BALANCE: Rows = {
  payAgent: [
    refuses([UNKNOWN, MEMO], 'UnknownAgent', { value: 1n }),
    row('alice', ({ agents }) => [agents.able, MEMO], 'InvalidField value'),
  ],
  withdraw: [
    refuses([UNKNOWN, 1n], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able, 1n], 'NotOwner'),
    row('alice', ({ agents }) => [agents.able, 0n], 'InvalidField amount'),
    row('alice', ({ agents }) => [agents.able, 11n * OPEN], 'BalanceTooSmall'),
  ],
  setSpendingLimit: [
    refuses([UNKNOWN, 1n, 1n], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able, 1n, 1n], 'NotOwner'),
    row('alice', ({ agents }) => [agents.able, 1n, 0n], 'InvalidField period'),
    row('alice', ({ agents }) => [agents.able, 1n, 31_536_001n], 'InvalidField period'),
  ],
  setPaused: [refuses([UNKNOWN, true], 'UnknownAgent'), row('bob', ({ agents }) => [agents.able, true], 'NotOwner')],
  pay: [
    ...spending((stage, agent, amount) => [agent, stage.carol.address, amount, MEMO]),
    row('bob', ({ agents }) => [agents.able, ZERO, 1n, MEMO], 'InvalidField to'),
    row('bob', ({ agents }) => [agents.able, NATIVE.agents, 1n, MEMO], 'InvalidField to'),
  ],
  openChannel: [
    ...spending((stage, agent, amount) => [agent, stage.prover.address, amount]),
    row('bob', ({ agents, carol }) => [agents.able, carol.address, 1n], 'ReceiverNotProver'),
  ],
  topUpChannel: [
    ...spending((stage, agent, amount) => [agent, stage.agents.channel, amount]),
    row('bob', ({ agents }) => [agents.able, word(1), 1n], 'NotChannelOfAgent'),
    row('bob', ({ agents, channel }) => [agents.able, channel, 1n], 'NotChannelOfAgent'),
    row('bob', ({ agents }) => [agents.able, agents.closing, 1n], 'ChannelIsClosing'),
  ],
  closeChannel: [
    refuses([UNKNOWN, word(1)], 'UnknownAgent'),
    row('carol', ({ agents }) => [agents.able, agents.channel], 'NotOwner'),
    row('alice', ({ agents }) => [agents.able, word(1)], 'NotChannelOfAgent'),
    row('alice', ({ agents }) => [agents.paused, agents.channel], 'NotChannelOfAgent'),
    row('alice', ({ agents }) => [agents.able, agents.closing], 'ChannelIsClosing'),
  ],
  spendableOf: [refuses([UNKNOWN], 'UnknownAgent')],
  stake: [
    refuses([UNKNOWN], 'UnknownAgent', { value: OPEN }),
    row('alice', ({ agents }) => [agents.able], 'InvalidField value'),
    row('carol', ({ agents }) => [agents.bare], 'StakeTooSmall', { value: OPEN - 1n }),
  ],
  unstake: [
    refuses([UNKNOWN, 1n], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able, 1n], 'NotOwner'),
    row('alice', ({ agents }) => [agents.able, 0n], 'InvalidField amount'),
    row('alice', ({ agents }) => [agents.able, 9n * OPEN], 'NotEnoughFreeStake'),
  ],
  withdrawStake: [
    refuses([UNKNOWN], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able], 'NotOwner'),
    row('carol', ({ agents }) => [agents.bare], 'NothingToWithdraw'),
    row(
      'alice',
      ({ world, alice, agents }) => {
        world.send(alice.address, 'agents', 'unstake', [agents.able, 1n])
        return [agents.able]
      },
      'TooEarly',
    ),
  ],
}

const soon = (stage: RefusalStage) => stage.world.now + 1n

const JOBS: Rows = {
  offerJob: [
    row('carol', (stage) => [UNKNOWN, soon(stage), word(1)], 'UnknownAgent', { value: 1n }),
    row('carol', (stage) => [stage.agents.able, soon(stage), word(1)], 'InvalidField value'),
    row('carol', ({ world, agents }) => [agents.able, world.now, word(1)], 'InvalidField deadline', { value: 1n }),
    row('carol', ({ world, agents }) => [agents.able, world.now + 31_536_001n, word(1)], 'InvalidField deadline', {
      value: 1n,
    }),
  ],
  offerJobFrom: [
    ...spending((stage, agent, fee) => [agent, stage.agents.bare, soon(stage), word(1), fee]),
    row('bob', (stage) => [stage.agents.able, UNKNOWN, soon(stage), word(1), 1n], 'UnknownAgent'),
    row('bob', ({ world, agents }) => [agents.able, agents.bare, world.now, word(1), 1n], 'InvalidField deadline'),
  ],
  cancelJob: [
    refuses([UNKNOWN], 'UnknownJob'),
    row('bob', ({ agents }) => [agents.offered], 'NotClient'),
    row('carol', ({ agents }) => [agents.accepted], 'WrongStatus'),
  ],
  acceptJob: [
    refuses([UNKNOWN], 'UnknownJob'),
    row('carol', ({ agents }) => [agents.offered], 'NotWallet'),
    row('bob', ({ agents }) => [agents.accepted], 'WrongStatus'),
    row('bob', ({ agents }) => [agents.lapsed], 'TooLate'),
    row('bob', ({ agents }) => [agents.toPaused], 'AgentPaused'),
    row('carol', ({ agents }) => [agents.toBare], 'StakeTooSmall'),
    row('bob', ({ agents }) => [agents.large], 'NotEnoughFreeStake'),
  ],
  completeJob: [
    refuses([UNKNOWN, word(1)], 'UnknownJob'),
    row('bob', ({ agents }) => [agents.offered, word(1)], 'WrongStatus'),
    row('carol', ({ agents }) => [agents.accepted, word(1)], 'NotWallet'),
    row('bob', ({ agents }) => [agents.late, word(1)], 'TooLate'),
  ],
  acceptResult: [
    refuses([UNKNOWN], 'UnknownJob'),
    row('bob', ({ agents }) => [agents.completed], 'NotClient'),
    row('carol', ({ agents }) => [agents.accepted], 'WrongStatus'),
  ],
  rejectResult: [
    refuses([UNKNOWN], 'UnknownJob'),
    row('bob', ({ agents }) => [agents.completed], 'NotClient'),
    row('carol', ({ agents }) => [agents.accepted], 'WrongStatus'),
    row('carol', ({ agents }) => [agents.completed], 'TooLate'),
  ],
  expireJob: [
    refuses([UNKNOWN], 'UnknownJob'),
    row('carol', ({ agents }) => [agents.offered], 'TooEarly'),
    row('carol', ({ agents }) => [agents.accepted], 'TooEarly'),
    row(
      'carol',
      ({ world, carol, agents }) => {
        const { status } = world.send(carol.address, 'agents', 'getJob', [agents.lapsed])
        if (status === JOB_STATUS.offered) world.send(carol.address, 'agents', 'cancelJob', [agents.lapsed])
        return [agents.lapsed]
      },
      'WrongStatus',
    ),
  ],
  jobCount: TOTAL,
  getJob: [refuses([0n], 'UnknownJob'), refuses([UNKNOWN], 'UnknownJob')],
}

const feedback = (changes: Partial<Record<'value' | 'decimals' | 'tag1' | 'tag2' | 'endpoint' | 'uri', unknown>>) => [
  changes.value ?? 1n,
  changes.decimals ?? 0,
  changes.tag1 ?? '',
  changes.tag2 ?? '',
  changes.endpoint ?? '',
  changes.uri ?? '',
  word(0),
]
const says = (changes: Parameters<typeof feedback>[0], error: string): Row =>
  row('carol', ({ agents }) => [agents.able, ...feedback(changes)], error)

const REPUTATION: Rows = {
  getIdentityRegistry: TOTAL,
  giveFeedback: [
    row('carol', () => [UNKNOWN, ...feedback({})], 'UnknownAgent'),
    row('alice', ({ agents }) => [agents.able, ...feedback({})], 'SelfFeedback'),
    says({ decimals: 19 }, 'InvalidField valueDecimals'),
    says({ value: 10n ** 38n + 1n }, 'InvalidField value'),
    says({ value: -(10n ** 38n) - 1n }, 'InvalidField value'),
    says({ tag1: long(65) }, 'InvalidField tag1'),
    says({ tag2: long(65) }, 'InvalidField tag2'),
    says({ endpoint: long(1_025) }, 'InvalidField endpoint'),
    says({ uri: long(1_025) }, 'InvalidField feedbackURI'),
  ],
  revokeFeedback: [
    row('carol', ({ agents }) => [agents.able, 0n], 'UnknownFeedback'),
    row('carol', ({ agents }) => [agents.able, 3n], 'UnknownFeedback'),
    row('carol', ({ agents }) => [agents.able, 1n], 'AlreadyRevoked'),
  ],
  appendResponse: [
    row('bob', ({ agents, carol }) => [agents.able, carol.address, 3n, 'a', word(0)], 'UnknownFeedback'),
    row('bob', ({ agents, carol }) => [agents.able, carol.address, 1n, '', word(0)], 'InvalidField responseURI'),
  ],
  getSummary: [
    row('bob', ({ carol }) => [UNKNOWN, [carol.address], '', ''], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able, [], '', ''], 'InvalidField clientAddresses'),
    row('bob', ({ agents }) => [agents.able, TOO_MANY, '', ''], 'InvalidField clientAddresses'),
  ],
  readFeedback: [row('bob', ({ agents, carol }) => [agents.able, carol.address, 3n], 'UnknownFeedback')],
  readAllFeedback: [
    refuses([UNKNOWN, [], '', '', false], 'UnknownAgent'),
    row('bob', ({ agents }) => [agents.able, TOO_MANY, '', '', false], 'InvalidField clientAddresses'),
  ],
  getResponseCount: [row('bob', ({ agents }) => [agents.able, ZERO, 0n, TOO_MANY], 'InvalidField responders')],
  getClients: [refuses([UNKNOWN], 'UnknownAgent')],
  getLastIndex: TOTAL,
}

export const AGENTS: Rows = { ...IDENTITY, ...BALANCE, ...JOBS, ...REPUTATION }
