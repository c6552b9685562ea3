/** Every public function of the native contracts has an action, and every action does what its name says. */
import { readdirSync, readFileSync } from 'node:fs'
import {
  type Abi,
  createWalletClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  hexToBytes,
  numberToHex,
  parseEther,
  parseTransaction,
  type TransactionReceipt,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { attributionAbi, CHALLENGE } from '../genesis/abi/attribution.ts'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { NATIVE_ABI } from '../genesis/abi/native.ts'
import { STAKE_ROLE } from '../genesis/abi/staking.ts'
import { NATIVE, type NativeName } from '../genesis/addresses.ts'
import { PARAMETERS } from '../genesis/parameters.ts'
import { ClusterId, ContributionId } from '../genesis/units.ts'
import { chunkContent } from '../protocol/chunks.ts'
import { decodeRow, SIGN_BYTES } from '../protocol/row.ts'
import { openledgerChain } from './chain.ts'
import { openledgerActions } from './decorators.ts'
import { challengeOutcome, EventMissingError, proposed } from './index.ts'
import { nativeNameAt } from './native-error.ts'

const REGISTRY = 'the Agent Registry alone may call it; the action, or ERC-721’s function, is the registry’s'
const ERC_721 = 'one of the Agent Registry’s own reads; getAgent answers it too'

/** Functions without an action, and why. */
const EXCEPTIONS: Record<string, string> = {
  'datanets.transferShares': 'its token alone may call it, and the action calls the token',
  'models.transferModel': 'its token alone may call it, and the action calls the token',
  'channels.channelId': 'asks nothing of the state: channelIdOf of protocol/request.ts computes it',
  'agents.register': REGISTRY,
  'agents.setAgentURI': REGISTRY,
  'agents.setMetadata': REGISTRY,
  'agents.setAgentWallet': REGISTRY,
  'agents.transferFrom': REGISTRY,
  'agents.approve': REGISTRY,
  'agents.setApprovalForAll': REGISTRY,
  'agents.ownerOf': ERC_721,
  'agents.balanceOf': ERC_721,
  'agents.getApproved': ERC_721,
  'agents.isApprovedForAll': ERC_721,
  'agents.isAuthorizedOrOwner': ERC_721,
  'agents.getAgentWallet': ERC_721,
  'agents.getIdentityRegistry': 'a constant: AGENT_REGISTRY of genesis/addresses.ts',
}

/** Files that hold no bound action, and why. */
const UNBOUND: Record<string, string> = { depositOpen: 'its client is one of L1' }

const folder = new URL('actions/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const sources = files.map((name) => readFileSync(new URL(name, folder), 'utf8'))
const actionOf = (file: string) =>
  file.replace('.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** `contract.function` of every call in the actions' sources. */
function calledFunctions(): Set<string> {
  const called = new Set<string>()
  for (const source of sources) {
    const contract = /genesis\/abi\/(\w+)\.ts/.exec(source)?.[1]
    for (const [, name] of source.matchAll(/functionName: '(\w+)'/g)) called.add(`${contract}.${name}`)
  }
  return called
}

const zero = '0x0000000000000000000000000000000000000000'
const chain = openledgerChain({ l1ChainId: 900, l2ChainId: 901, portal: zero, l2OutputOracle: zero })
const account = privateKeyToAccount(generatePrivateKey())
const word = (byte: string): Hex => `0x${byte.repeat(32)}`

/** A client over a node that takes every transaction; what was called last, with its wei. */
function scripted() {
  const sent: Hex[] = []
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === 'eth_chainId') return numberToHex(901)
    if (method !== 'eth_sendRawTransaction') throw Object.assign(new Error(`no ${method} here`), { code: -32_601 })
    if (Array.isArray(params)) sent.push(params[0])
    return word('aa')
  }
  const client = createWalletClient({ account, chain, transport: custom({ request }) }).extend(openledgerActions())
  const last = () => {
    const { to, data, value } = parseTransaction(sent.at(-1)!)
    const contract = nativeNameAt(to!)!
    const abi: Abi = NATIVE_ABI[contract]
    const { functionName, args } = decodeFunctionData({ abi, data: data! })
    return { call: `${contract}.${functionName}`, args: args ?? [], value: value ?? 0n }
  }
  return { client, last }
}

/** A receipt's logs: one. */
function logsOf(address: Hex, topics: readonly (Hex | Hex[] | null)[], data: Hex): Pick<TransactionReceipt, 'logs'> {
  const [first, ...rest] = topics.filter((topic) => typeof topic === 'string')
  const place = {
    blockHash: word('0b'),
    blockNumber: 1n,
    transactionHash: word('0c'),
    transactionIndex: 0,
    logIndex: 0,
  }
  return { logs: [{ address, topics: [first!, ...rest], data, removed: false, ...place }] }
}

const options = { gas: 5_000_000n, nonce: 1, maxFeePerGas: 9n, maxPriorityFeePerGas: 1n } as const
const receipt = {
  ...{ channel: word('cc'), n: 4n, version: 2n, fee: 310n, promptTokens: 1, outputTokens: 2 },
  ...{ promptHash: word('01'), outputHash: word('02'), openable: true },
}
const leaf = { ...receipt, asOf: 9n, queryHash: word('03'), entries: [{ row: 1, cluster: 3n, raw: 70_000, scale: 5 }] }
const row = {
  index: 1,
  contribution: ContributionId(7n),
  cluster: ClusterId(3n),
  scale: 5,
  signs: new Uint8Array(SIGN_BYTES),
}
const evidence = { row, path: [word('04')] }
const query = Int8Array.of(-1, 0, 127)
const [claim, salt] = ['0x0102', word('05')] as const

describe('the SDK', () => {
  it('has an action for every public function of the native contracts', () => {
    const called = calledFunctions()
    const missing = (Object.keys(NATIVE_ABI) as NativeName[]).flatMap((contract) =>
      NATIVE_ABI[contract]
        .filter((item) => item.type === 'function')
        .map(({ name }) => `${contract}.${name}`)
        .filter((name) => !called.has(name)),
    )
    expect(missing).toEqual(Object.keys(EXCEPTIONS))
  })

  it('binds every action to a client, under the name of its file', () => {
    const bound = Object.keys(scripted().client)
    expect(files.map(actionOf).filter((name) => !bound.includes(name))).toEqual(Object.keys(UNBOUND))
  })

  it('says of every action what it does, with an example', () => {
    const undocumented = files.filter(
      (_, i) => !/\/\*\*\n(?: \*.*\n)+ \* @example\n(?: \*.*\n)+export async function/.test(sources[i]!),
    )
    expect(undocumented).toEqual([])
  })
})

describe('an action on a Datanet', () => {
  it('puts a large content into chunks as the contract takes them', async () => {
    const { client, last } = scripted()
    const content = chunkContent(new Uint8Array(60_000).map((_, i) => i * i))
    await client.contributeChunked({ datanet: 1n, content, salt, ...options })
    expect(last()).toMatchObject({
      call: 'datanets.contributeChunked',
      args: [1n, content.root, '', 60_000, [...content.minhash], salt],
    })
    await client.showChunk({ contribution: 7n, index: 1, chunk: content.chunks[1]!, ...options })
    expect(last().call).toBe('datanets.showChunk')
    expect(last().args.slice(0, 2)).toEqual([7n, 1])
    expect(last().args[4]).toEqual(content.chunks[1]!.proof)
  })

  it('refuses a MinHash that has not 32 values', async () => {
    const claimed = { datanet: 1n, contentHash: word('06'), size: 5, minhash: new Uint32Array(31), salt, ...options }
    await expect(scripted().client.contributeElsewhere(claimed)).rejects.toThrow('32 values, got 31')
  })

  it('pays for a licence what it is told', async () => {
    const { client, last } = scripted()
    await client.buyLicence({ datanet: 1n, model: 2n, rows: 500n, price: parseEther('3'), ...options })
    expect(last()).toEqual({ call: 'datanets.buyLicence', args: [1n, 2n, 500n], value: parseEther('3') })
  })

  it('curates, admits, appeals, and goes on with a new version', async () => {
    const { client, last } = scripted()
    await client.reviewProposal({ contribution: 7n, accept: false, ...options })
    expect(last()).toMatchObject({ call: 'datanets.review', args: [7n, false] })
    await client.setCurators({ datanet: 1n, curators: [NATIVE.models], quorum: 1, ...options })
    expect(last()).toMatchObject({ call: 'datanets.setCurators', args: [1n, [expect.any(String)], 1] })
    await client.admitContributor({ datanet: 1n, contributor: NATIVE.models, admitted: true, ...options })
    expect(last().call).toBe('datanets.admitContributor')
    const texts = { content: Uint8Array.of(1), founderContent: Uint8Array.of(2) }
    await client.appealCluster({ contribution: 7n, ...texts, ...options })
    expect(last()).toMatchObject({ call: 'datanets.appealCluster', args: [7n, '0x01', '0x02'] })
    await client.contributeNewVersion({ previous: 7n, content: Uint8Array.of(3), salt, ...options })
    expect(last()).toMatchObject({ call: 'datanets.newVersion', args: [7n, '0x03', '', salt] })
  })
})

describe('what came of a contribution', () => {
  it('is a proposal in a curated Datanet', () => {
    const args = { datanet: 1n, contribution: 7n, contributor: NATIVE.models }
    const topics = encodeEventTopics({ abi: datanetsAbi, eventName: 'Proposed', args })
    const types = ['bytes32', 'uint32', 'string', 'uint128', 'uint64'].map((type) => ({ type }))
    const data = encodeAbiParameters(types, [word('09'), 5, 'cid', 11n, 1_000n])
    const found = proposed(logsOf(NATIVE.datanets, topics, data))
    expect(found).toEqual({ contribution: 7n, contentHash: word('09'), bond: 11n, endsAt: 1_000n })
  })
})

describe('an opening', () => {
  it('is demanded with a bond, and shown as bytes', async () => {
    const { client, last } = scripted()
    await client.demandOpening({ claim, leaf, bond: 6n, ...options })
    expect(last()).toEqual({ call: 'attribution.demandOpening', args: [claim, leaf], value: 6n })
    const ids = { promptIds: Uint32Array.of(1), outputIds: Uint32Array.of(2, 0xffffffff) }
    const salts = { promptSalt: word('0d'), outputSalt: word('0e') }
    await client.reveal({ claim, leaf, opening: { query, ...ids, ...salts }, ...options })
    const shown = { query: '0xff007f', promptIds: '0x00000001', outputIds: '0x00000002ffffffff', ...salts }
    expect(last()).toEqual({ call: 'attribution.reveal', args: [claim, leaf, shown], value: 0n })
    await client.punishHidden({ claim, leaf, ...options })
    expect(last().call).toBe('attribution.punishHidden')
  })
})

describe('an action of staking, models and parameters', () => {
  it('calls the function that its docstring says', async () => {
    const { client, last } = scripted()
    await client.collectRewards({ role: STAKE_ROLE.validator, ...options })
    expect(last()).toMatchObject({ call: 'staking.collectRewards', args: [2] })
    await client.withdrawCuratorIncome({ datanet: 1n, ...options })
    expect(last()).toMatchObject({ call: 'attribution.withdrawCuratorIncome', args: [1n] })
    await client.setParameter({ name: 'commitBond', value: 5n, ...options })
    expect(last()).toMatchObject({ call: 'parameters.set', args: [PARAMETERS.commitBond.id, 5n] })
    await client.grantFromTreasury({ recipient: NATIVE.models, amount: 7n, ...options })
    expect(last()).toMatchObject({ call: 'attribution.grant', args: [expect.any(String), 7n] })
    await client.setDatanetWeight({ datanet: 2n, weightBps: 500, ...options })
    expect(last()).toMatchObject({ call: 'datanets.setWeight', args: [2n, 500] })
    const run = { model: 3n, manifestRoot: word('01'), hyperparametersHash: word('02'), seed: 4n }
    await client.openRunOn({ parent: 2n, ...run, datanets: [{ datanet: 1n, weightBps: 10_000 }], ...options })
    const args = [2n, 3n, word('01'), word('02'), 4n, [1n], [10_000]]
    expect(last()).toMatchObject({ call: 'models.openRunOn', args })
  })
})

describe('a challenge', () => {
  it('is committed to with its bond', async () => {
    const { client, last } = scripted()
    await client.commitChallenge({ commitment: word('07'), bond: 5n, ...options })
    expect(last()).toEqual({ call: 'attribution.commitChallenge', args: [word('07')], value: 5n })
    await client.reclaimChallengeBond({ commitment: word('07'), ...options })
    expect(last()).toEqual({ call: 'attribution.reclaimChallengeBond', args: [word('07')], value: 0n })
  })

  it('shows rows and queries as bytes', async () => {
    const { client, last } = scripted()
    await client.challengeScore({ claim, leaf, entry: 0, query, evidence, salt, ...options })
    const { call, args } = last()
    expect(call).toBe('attribution.challengeScore')
    expect([args[0], args[2], args[3], args[5]]).toEqual([claim, 0, '0xff007f', salt])
    expect(args[1]).toEqual(leaf)
    const shown = args[4] as { row: Hex; path: Hex[] }
    expect(decodeRow(hexToBytes(shown.row))).toEqual(row)
    expect(shown.path).toEqual(evidence.path)
    await client.challengeOmission({ claim, leaf, query, evidence, salt, ...options })
    expect(last().call).toBe('attribution.challengeOmission')
    await client.challengeSame({ version: 2n, one: evidence, other: evidence, salt, ...options })
    expect(last()).toMatchObject({ call: 'attribution.challengeSame', args: [2n, shown, shown, salt] })
  })

  it('takes a signed receipt apart', async () => {
    const { client, last } = scripted()
    await client.challengeReceipt({ claim, leaf, receipt: { ...receipt, signature: '0x99' }, salt, ...options })
    expect(last()).toMatchObject({ call: 'attribution.challengeReceipt', args: [claim, leaf, receipt, '0x99', salt] })
  })

  it('is upheld or failed as its receipt says', () => {
    const common = { abi: attributionAbi, args: { subject: word('08'), challenger: NATIVE.models } } as const
    const args = { ...common.args, challenge: CHALLENGE.score }
    const upheld = encodeEventTopics({ abi: attributionAbi, eventName: 'ChallengeUpheld', args })
    const failed = encodeEventTopics({ abi: attributionAbi, eventName: 'ChallengeFailed', args })
    expect(
      challengeOutcome(logsOf(NATIVE.attribution, upheld, encodeAbiParameters([{ type: 'string' }], ['wrong']))),
    ).toEqual({
      ...{ subject: word('08'), challenge: 1, upheld: true, fault: 'wrong' },
    })
    expect(
      challengeOutcome(logsOf(NATIVE.attribution, failed, encodeAbiParameters([{ type: 'uint128' }], [5n]))),
    ).toEqual({
      ...{ subject: word('08'), challenge: 1, upheld: false, bondLost: 5n },
    })
    expect(() => challengeOutcome({ logs: [] })).toThrow(EventMissingError)
  })
})
