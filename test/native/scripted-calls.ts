/** For revert-fuzz.test.ts: a world in which two contracts can do much, and the native calls that they make. */
import { type ContractFunctionName, encodeFunctionData, type Hex, parseEther } from 'viem'
import { NATIVE_ABI } from '../../genesis/abi/native.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { GOVERNOR_SLOT, PARAMETERS } from '../../genesis/parameters.ts'
import { DatanetId } from '../../genesis/units.ts'
import { hexOf } from '../../node/ledger/calls/face.ts'
import { MEMO, registerAgent } from '../../node/ledger/testing/agent-stage.ts'
import { type Args, type Contract, GOVERNOR } from '../../node/ledger/testing/ledger-harness.ts'
import {
  type Actor,
  COMMIT_BOND,
  essay,
  OPEN_DATANET,
  PRICE,
  Stage,
  THETA,
  utf8,
  word,
} from '../../node/ledger/testing/ledger-stage.ts'
import { challengeCommitment } from '../../protocol/challenge.ts'
import { contributionCommitment } from '../../protocol/commitment.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { channelIdOf } from '../../protocol/request.ts'

export const USER: Address = '0xa11ce00000000000000000000000000000000001'
export const RUNNERS: readonly Address[] = [
  '0xc0de000000000000000000000000000000000001',
  '0xc0de000000000000000000000000000000000002',
]
const SALT = word(7)
const TEXTS = [essay(50), `${essay(50)} and more`, essay(51)]
const OVERDUE = word(0xdead)

/** A call of a native contract. */
export type NativeCall = { name: string; contract: Contract; data: Hex; value: bigint }
/** A world in which most calls of {@link calls} go well: the first runner is governor, prover, payer and owner of this and that. */
export function standing(): Stage {
  const made = new Stage()
  const { world, payer } = made
  const runners: Actor[] = RUNNERS.map((address) => ({ address, key: new Uint8Array(32) }))
  for (const address of [USER, ...RUNNERS]) world.fund(address, parseEther('3000'))
  world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.commitLifetime.id, 60n])
  const datanet = made.createDatanet()
  for (const [i, who] of runners.entries()) {
    made.contribute(who, datanet, essay(60 + i))
    world.send(who.address, 'datanets', 'commit', [OVERDUE], { value: COMMIT_BOND })
    made.stake(who, STAKE_ROLE.prover, parseEther('400'))
    world.send(who.address, 'staking', 'unstake', [STAKE_ROLE.prover, parseEther('3')])
    world.send(who.address, 'channels', 'open', [who.address], { value: parseEther('2') })
    world.send(who.address, 'channels', 'close', [channelIdOf(who.address, who.address, 0n)])
    world.send(payer.address, 'channels', 'open', [who.address], { value: parseEther('10') })
    const agent = registerAgent(world, who.address)
    world.send(who.address, 'agents', 'payAgent', [agent, MEMO], { value: parseEther('5') })
    world.send(who.address, 'agents', 'setSpendingLimit', [agent, parseEther('100'), 10n])
  }
  made.liveVersion([datanet])
  world.send(RUNNERS[0]!, 'models', 'createModel', [1n, [datanet], PRICE, PRICE, 'of a contract'])
  for (const { address } of runners) {
    world.send(address, 'channels', 'open', [address], { value: parseEther('1') })
    world.send(address, 'agents', 'offerJob', [1n, world.now + 900n, MEMO], { value: parseEther('1') })
  }
  world.pass(61n)
  const settled = made.leaf({ channel: channelIdOf(payer.address, RUNNERS[0]!, 0n), version: 1n, n: 99n })
  world.send(RUNNERS[0]!, 'attribution', 'settle', [
    [settled],
    [made.voucher(payer, settled.channel, parseEther('10'))],
  ])
  world.pass(30n)
  world.mature(20_000_000n)
  world.pass(6n)
  world.storage.set(NATIVE.parameters + GOVERNOR_SLOT, BigInt(RUNNERS[0]!))
  return made
}

function native<const contract extends Contract, name extends ContractFunctionName<(typeof NATIVE_ABI)[contract]>>(
  contract: contract,
  functionName: name,
  args: Args<contract, name> & readonly unknown[],
  value = 0n,
): NativeCall {
  const plain: { functionName: string; args: readonly unknown[] } = { functionName, args }
  const data = encodeFunctionData({ abi: NATIVE_ABI[contract], ...plain } as Parameters<typeof encodeFunctionData>[0])
  return { name: `${contract}.${functionName}`, contract, data, value }
}

/** Every call that a script may make of `stage`, for some small numbers; whose it is shows only where it is made. */
export function callsFor(stage: Stage, which: number, count: bigint): NativeCall[] {
  const { payer } = stage
  const own = RUNNERS[which]!
  const text = utf8(TEXTS[Number(count) % TEXTS.length]!)
  const commitment = contributionCommitment({
    ...{ owner: own, datanet: DatanetId(1n), contentHash: hexOf(keccak256(text)), salt: SALT },
  })
  const opened = channelIdOf(own, own, count)
  const paid = channelIdOf(payer.address, own, 0n)
  const challenge = challengeCommitment({ challenger: own, subject: word(count), salt: SALT })
  const entries = [{ row: 0, cluster: 1n, raw: Number(THETA) + 10, scale: 100 }]
  const leaf = stage.leaf({ channel: paid, version: 1n, n: count, fee: parseEther('0.3'), entries })
  const tenth = parseEther('0.1') * (count + 1n)
  return [
    native('datanets', 'create', [{ ...OPEN_DATANET, name: `of ${count}` }]),
    native('datanets', 'commit', [commitment], COMMIT_BOND),
    native('datanets', 'commit', [commitment], COMMIT_BOND),
    native('datanets', 'contributeContent', [1n, hexOf(text), 'cid', SALT]),
    native('datanets', 'contributeContent', [1n, hexOf(text), 'cid', SALT]),
    native('datanets', 'reclaimBond', [own, OVERDUE]),
    native('datanets', 'withdraw', [(count % 2n) + 1n]),
    native('datanets', 'setWeight', [1n, Number(count) * 1_000]),
    native('models', 'registerBase', [word(count + 1n), 'retrieval', word(2), '']),
    native('models', 'createModel', [1n, [1n], PRICE, PRICE, 'of a contract']),
    native('models', 'openRun', [2n, word(3), word(4), 5n, [1n], [10_000]]),
    native('channels', 'open', [own], tenth),
    native('channels', 'topUp', [opened], tenth),
    native('channels', 'close', [opened]),
    native('channels', 'refund', [opened]),
    native('attribution', 'settle', [[leaf], [stage.voucher(payer, paid, parseEther('2'))]]),
    native('attribution', 'commitChallenge', [challenge], tenth),
    native('attribution', 'withdrawIncome', [1n]),
    native('attribution', 'grant', [own, count + 1n]),
    native('staking', 'stake', [STAKE_ROLE.curator], 100n * tenth),
    native('staking', 'unstake', [STAKE_ROLE.prover, tenth]),
    native('staking', 'withdraw', [STAKE_ROLE.prover]),
    native('staking', 'collectRewards', [STAKE_ROLE.prover]),
    native('parameters', 'set', [PARAMETERS.challengeBond.id, tenth]),
    native('agents', 'payAgent', [count + 1n, MEMO], tenth),
    native('agents', 'pay', [count + 1n, own, tenth, MEMO]),
    native('agents', 'withdraw', [count + 1n, tenth]),
    native('agents', 'stake', [count + 1n], 10n * tenth),
    native('agents', 'offerJob', [count + 1n, stage.world.now + 5n, word(9)], tenth),
    native('agents', 'cancelJob', [count + 1n]),
    { ...native('datanets', 'datanetCount', []), value: 1n },
    { name: 'nonsense', contract: 'staking', data: '0x12345678', value: 1n },
  ]
}
export const CALLS = 32
/** Calls of {@link callsFor} that must fail wherever they stand. */
export const REFUSED = ['nonsense', 'datanets.datanetCount']
