/** What `bench settle` sends: a live version, a channel, and signed settlements of it. */
import { createWalletClient, encodeFunctionData, type Hash, type Hex, http, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { getBalance, getBlockNumber, getTransactionCount, getTransactionReceipt } from 'viem/actions'
import {
  attestVersion,
  commitContribution,
  commitmentOf,
  contribute,
  contributed,
  createDatanet,
  createdDatanet,
  createdModel,
  createModel,
  getSettlementCount,
  openChannel,
  openedChannel,
  openedRun,
  openRun,
  publishedVersion,
  publishVersion,
  registerBase,
  registeredBase,
  type SettleVoucher,
  signVoucher,
  stake,
} from '../../client/index.ts'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { parameterDefaults } from '../../genesis/parameters.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { DIMS } from '../../protocol/row.ts'
import { threshold } from '../../protocol/score.ts'
import type { TpsContender } from '../tps/contenders.ts'
import { CHAIN_ID, SPARE_KEYS } from '../tps/workload.ts'

const LEAVES = 10
const ENTRIES = 8
const TRANSACTIONS = 40
/** Wei of a request. */
const FEE = 10n ** 9n
const OPEN = 10n ** 18n
/** Above the 13 M that ten such leaves take when all is new. */
const GAS = 20_000_000n

const { commitBond, versionBond } = parameterDefaults('development')
const word = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`

/** One round: signed transactions of the prover, and how many requests they settle. */
export type PaidRound = { raws: Hex[]; leaves: number }

type Client = ReturnType<typeof clientOf>

function clientOf(node: TpsContender, key: Uint8Array) {
  const chain = {
    ...{ id: Number(CHAIN_ID), name: 'bench', nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 } },
    rpcUrls: { default: { http: [node.rpc.url] } },
  }
  return createWalletClient({ account: privateKeyToAccount(bytesToHex(key)), chain, transport: http(node.rpc.url) })
}

/** Sends a transaction, has it mined, and fails where it reverted. */
async function mined(node: TpsContender, client: Client, send: Promise<Hash>) {
  const hash = await send
  await node.mine()
  const receipt = await getTransactionReceipt(client, { hash })
  if (receipt.status !== 'success') throw new Error(`${hash} reverted`)
  return receipt
}

/** Contributions by eight accounts to one Datanet. Returns it with their clusters. */
async function fillDatanet(node: TpsContender, owner: Client) {
  const datanet = createdDatanet(await mined(node, owner, createDatanet(owner, { name: 'texts', domain: 'bench' })))
  const clusters: bigint[] = []
  for (let i = 0; i < ENTRIES; i++) {
    const author = clientOf(node, SPARE_KEYS[10 + i]!)
    // Words of their own: nobody is in another's cluster.
    const content = new TextEncoder().encode(
      Array.from({ length: 40 }, (_, j) => keccak256(toHex(100 * i + j))).join(' '),
    )
    const salt = word(7)
    const commitment = commitmentOf({ owner: author.account.address, datanet, content, salt })
    await mined(node, author, commitContribution(author, { commitment, bond: commitBond }))
    clusters.push(contributed(await mined(node, author, contribute(author, { datanet, content, salt }))).cluster)
  }
  return { datanet, clusters }
}

async function liveVersion(node: TpsContender, owner: Client, validator: Client, datanet: bigint): Promise<bigint> {
  const description = { architecture: 'retrieval', weightsHash: word(1), tokenizerHash: word(2), uri: '' }
  const base = registeredBase(await mined(node, owner, registerBase(owner, description)))
  const prices = { pricePer1kIn: OPEN, pricePer1kOut: OPEN }
  const model = createdModel(
    await mined(node, owner, createModel(owner, { base, datanets: [datanet], ...prices, name: 'bench' })),
  )
  const hyper = { manifestRoot: word(3), hyperparametersHash: word(4), seed: 1n }
  const datanets = [{ datanet, weightBps: 10_000 }]
  const run = openedRun(await mined(node, owner, openRun(owner, { model, ...hyper, datanets })))
  const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
  const publication = { run, ...hashes, rows: 1_000, dims: DIMS, medianScale: 100, bond: versionBond }
  const version = publishedVersion(await mined(node, owner, publishVersion(owner, publication)))
  await mined(node, validator, attestVersion(validator, { version }))
  // The attestation window.
  for (let block = 0; block < 3; block++) await node.mine()
  return version
}

type Made = { version: bigint; channel: Hex; clusters: readonly bigint[]; asOf: bigint }

/** A prover with a channel to settle from. */
export class Attribution {
  readonly #prover: Client
  readonly #payer: Client
  readonly #made: Made
  #n = 0n

  private constructor(prover: Client, payer: Client, made: Made) {
    this.#prover = prover
    this.#payer = payer
    this.#made = made
  }

  /** Makes all that a settlement needs, transaction by transaction. */
  static async prepare(node: TpsContender): Promise<Attribution> {
    const [owner, prover, validator, payer] = [0, 1, 2, 3].map((i) => clientOf(node, SPARE_KEYS[i]!)) as [
      Client,
      Client,
      Client,
      Client,
    ]
    await mined(node, prover, stake(prover, { role: STAKE_ROLE.prover, amount: 1_000n * OPEN }))
    await mined(node, validator, stake(validator, { role: STAKE_ROLE.validator, amount: 1_000n * OPEN }))
    const { datanet, clusters } = await fillDatanet(node, owner)
    const version = await liveVersion(node, owner, validator, datanet)
    const opening = openChannel(payer, { receiver: prover.account.address, deposit: 1_000n * OPEN })
    const channel = openedChannel(await mined(node, payer, opening))
    const asOf = await getBlockNumber(prover)
    return new Attribution(prover, payer, { version, channel, clusters, asOf })
  }

  /** Rounds in the order in which they are to be sent. */
  async signRounds(count: number): Promise<PaidRound[]> {
    let nonce = await getTransactionCount(this.#prover, { address: this.#prover.account.address })
    const rounds: PaidRound[] = []
    for (let round = 0; round < count; round++) {
      const raws: Hex[] = []
      for (let i = 0; i < TRANSACTIONS; i++, nonce++) raws.push(await this.#signed(nonce))
      rounds.push({ raws, leaves: TRANSACTIONS * LEAVES })
    }
    return rounds
  }

  /** Every request was settled, and Attribution holds every fee. Nothing matures within the run. */
  async check(requests: number): Promise<void> {
    const settled = await getSettlementCount(this.#prover)
    const held = await getBalance(this.#prover, { address: NATIVE.attribution })
    if (settled !== BigInt(requests) || held !== FEE * BigInt(requests))
      throw new Error(`${settled} of ${requests} requests were settled, Attribution holds ${held} wei`)
  }

  async #signed(nonce: number): Promise<Hex> {
    const leaves = Array.from({ length: LEAVES }, () => this.#leaf())
    const { channel } = this.#made
    const voucher: SettleVoucher = await signVoucher(this.#payer, { channel, maxClaimableAmount: FEE * this.#n })
    const data = encodeFunctionData({ abi: attributionAbi, functionName: 'settle', args: [leaves, [voucher]] })
    const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n }
    return this.#prover.account.signTransaction({
      ...{ type: 'eip1559', chainId: Number(CHAIN_ID), nonce, to: NATIVE.attribution, data, gas: GAS },
      ...fees,
    })
  }

  #leaf(): Leaf {
    const theta = Number(threshold(5n, DIMS))
    const { channel, version, clusters, asOf } = this.#made
    return {
      ...{ channel, version, n: this.#n++, fee: FEE, promptTokens: 100, outputTokens: 400, openable: true, asOf },
      ...{ promptHash: word(11), outputHash: word(12), queryHash: word(13) },
      entries: clusters.map((cluster, row) => ({ row, cluster, raw: theta + 1_000 - row, scale: 100 })),
    }
  }
}
