/**
 * A development network in one process, made of the parts that the commands start: anvil as L1 with the deployed
 * contracts, a sequencer that builds by the clock, batches in blobs and proposes, and a verifier that knows L1 alone.
 * Clients are viem's own, with its op-stack actions and nothing of ours.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Chain,
  createWalletClient,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  http,
  type PrivateKeyAccount,
  parseAbi,
  parseEther,
  publicActions,
  type TransactionReceipt,
} from 'viem'
import { publicActionsL1, publicActionsL2, walletActionsL1, walletActionsL2 } from 'viem/op-stack'
import { depositErc20Abi, openledgerChain } from '../../client/index.ts'
import { developmentAccount, developmentKey, operatorAccounts } from '../../devnet/accounts.ts'
import { Anvil, AnvilError, anvilBinary } from '../../devnet/anvil.ts'
import { deployL1 } from '../../devnet/l1-deployment.ts'
import { type Address, PREINSTALLS } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { L1Follower } from '../../node/chain/follower.ts'
import { genesisHash } from '../../node/chain/genesis-block.ts'
import { openNode, type TestNode } from '../../node/chain/testing/test-chain.ts'
import type { Block } from '../../node/execution/block.ts'
import { JsonRpcL1Source } from '../../node/l1/json-rpc-source.ts'
import type { RpcModules } from '../../rpc/method.ts'
import { RpcServer } from '../../rpc/server.ts'
import { deliverTo } from '../../sequencer/attestation-delivery.ts'
import { Batcher } from '../../sequencer/batcher.ts'
import { Sequencer } from '../../sequencer/builder.ts'
import { Challenger } from '../../sequencer/challenger.ts'
import { TransactionPool } from '../../sequencer/pool.ts'
import { Proposer } from '../../sequencer/proposer.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { type Censorship, censoring } from './censoring-pool.ts'

/** Milliseconds between a client's looks at a node. */
const POLLING_INTERVAL = 100
/** Milliseconds for anything that takes some blocks, on a busy machine; blocks come every second where it is not. */
export const PATIENCE = 300_000
/** Blocks between outputs; seconds until an output, and a proved withdrawal, is final. */
export const SUBMISSION_INTERVAL = 3
export const FINALIZATION_PERIOD = 15
/** Wei of OPEN that the proposer and each validator have bonded. */
export const OUTPUT_BOND = parseEther('1000')
/** Who stands behind outputs. Two thirds of them decide. */
export const VALIDATORS = ['validator 0', 'validator 1', 'validator 2'].map((name) => account(name))
/** Wei of OPEN and of ether that an account of a test begins with: OPEN on either layer, ether on L1. */
export const OPEN_EACH = parseEther('100')
const ETHER_EACH = parseEther('10')

const NEXT_INDEX = ['function nextOutputIndex() view returns (uint256)'] as const

export const hasAnvil = (() => {
  try {
    return anvilBinary() !== ''
  } catch (error) {
    if (error instanceof AnvilError) return false
    throw error
  }
})()

type Life = { start(): void; stop(): Promise<void> | void }

export class BridgeNetwork {
  readonly anvil: Anvil
  readonly config: ChainConfig
  readonly sequencer: TestNode
  readonly verifier: TestNode
  readonly proposer: Proposer
  /** The first two validators' nodes; the third lies. They judge by the verifier's chain. */
  readonly challengers: Challenger[]
  readonly censorship: Censorship
  /** JSON-RPC of L1, and of either node for all and for its operator. */
  readonly urls: Record<'l1' | 'l2' | 'admin' | 'verifier' | 'verifierAdmin', string>
  /** Errors that stopped a part, or that JSON-RPC answered as its own fault: none, in a good test. */
  readonly defects: unknown[]
  readonly #stop: () => Promise<void>

  private constructor(parts: Parts, stop: () => Promise<void>) {
    this.anvil = parts.anvil
    this.config = parts.config
    this.sequencer = parts.sequencer
    this.verifier = parts.verifier
    this.proposer = parts.proposer
    this.challengers = parts.challengers
    this.censorship = parts.censorship
    this.urls = parts.urls
    this.defects = parts.defects
    this.#stop = stop
  }

  /** Everything runs, and these accounts have OPEN on both layers and ether on L1. */
  static async start(names: readonly string[]): Promise<BridgeNetwork> {
    const lives: Life[] = []
    const dataDir = mkdtempSync(join(tmpdir(), 'openledger-bridge-'))
    const stop = async () => {
      for (const life of lives.toReversed()) await life.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
    try {
      const network = new BridgeNetwork(await startParts(dataDir, lives), stop)
      await network.#fund(names.map(account))
      return network
    } catch (error) {
      await stop()
      throw error
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  get l1Chain() {
    return {
      id: this.config.l1ChainId,
      name: 'L1',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [this.urls.l1] } },
      contracts: { multicall3: { address: PREINSTALLS.multicall3 } },
    } satisfies Chain
  }

  get l2Chain() {
    return openledgerChain(this.config)
  }

  /** viem's op-stack client of L1. */
  l1(signer: PrivateKeyAccount = developmentAccount('deployer')) {
    const options = { account: signer, chain: this.l1Chain, pollingInterval: POLLING_INTERVAL, cacheTime: 0 }
    return createWalletClient({ ...options, transport: http(this.urls.l1) })
      .extend(publicActions)
      .extend(publicActionsL1())
      .extend(walletActionsL1())
  }

  /** viem's op-stack client of the sequencer, or of the verifier. */
  l2(signer: PrivateKeyAccount = developmentAccount('deployer'), url = this.urls.l2) {
    const options = { account: signer, chain: this.l2Chain, pollingInterval: POLLING_INTERVAL, cacheTime: 0 }
    return createWalletClient({ ...options, transport: http(url) })
      .extend(publicActions)
      .extend(publicActionsL2())
      .extend(walletActionsL2())
  }

  /** Wei of OPEN on L1. */
  openOnL1(owner: Address): Promise<bigint> {
    const token = { address: this.config.openTokenAddress, abi: erc20Abi }
    return this.l1().readContract({ ...token, functionName: 'balanceOf', args: [owner] })
  }

  /** The receipt of an L1 transaction that succeeded. */
  async onL1(hash: Hex): Promise<TransactionReceipt> {
    return succeeded(await this.l1().waitForTransactionReceipt({ hash, timeout: PATIENCE }))
  }

  async onL2(hash: Hex) {
    const receipt = await this.l2().waitForTransactionReceipt({ hash, timeout: PATIENCE })
    return succeeded(receipt)
  }

  /**
   * Moves L1's clock on by a finalization period, so that whatever is on L1 now is final; the chain goes on by its own
   * clock, its L1 origins falling behind L1's head by as much.
   */
  async passFinalization(): Promise<void> {
    await askRpc(this.urls.l1, 'evm_increaseTime', FINALIZATION_PERIOD)
    const { number } = await this.l1().getBlock()
    await until('a later L1 block', async () => (await this.l1().getBlockNumber()) > number || undefined)
  }

  async #fund(accounts: PrivateKeyAccount[]): Promise<void> {
    const addresses = accounts.map(({ address }) => address)
    await this.anvil.fund(addresses, ETHER_EACH)
    const { openTokenAddress: token, depositContractAddress: portal } = this.config
    const deployer = this.l1()
    let nonce = await deployer.getTransactionCount({ address: deployer.account.address, blockTag: 'pending' })
    const send = (to: Address, data: Hex, gas: bigint) => deployer.sendTransaction({ to, data, gas, nonce: nonce++ })
    const ofToken = (functionName: 'approve' | 'transfer', to: Address, amount: bigint) =>
      send(token, encodeFunctionData({ abi: erc20Abi, functionName, args: [to, amount] }), 100_000n)
    const hashes = [await ofToken('approve', portal, OPEN_EACH * BigInt(accounts.length))]
    for (const address of addresses) {
      hashes.push(await ofToken('transfer', address, OPEN_EACH))
      const args = [address, OPEN_EACH, OPEN_EACH, 100_000n, false, '0x'] as const
      const data = encodeFunctionData({ abi: depositErc20Abi, functionName: 'depositERC20Transaction', args })
      hashes.push(await send(portal, data, 500_000n))
    }
    for (const hash of hashes) await this.onL1(hash)
    await until('deposits', async () => {
      const balances = await Promise.all(addresses.map((address) => this.l2().getBalance({ address })))
      return balances.every((balance) => balance === OPEN_EACH) || undefined
    })
    // viem asks the oracle for its latest output, which reverts while there is none.
    await until('the first output', async () => {
      const oracle = { address: this.config.l2OutputOracleAddress, abi: parseAbi(NEXT_INDEX) }
      const next = await this.l1().readContract({ ...oracle, functionName: 'nextOutputIndex' })
      return next > 0n || undefined
    })
  }
}

/** A key of a test, from its name. */
export function account(name: string): PrivateKeyAccount {
  return developmentAccount(`bridge: ${name}`)
}

/** Asks every so often until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, POLLING_INTERVAL))
  }
  throw new Error(`${what}: not within ${PATIENCE / 1000} s`)
}

function succeeded<R extends { status: 'success' | 'reverted'; transactionHash: Hex }>(receipt: R): R {
  if (receipt.status !== 'success') throw new Error(`transaction ${receipt.transactionHash} reverted`)
  return receipt
}

type Parts = Pick<
  BridgeNetwork,
  'anvil' | 'config' | 'sequencer' | 'verifier' | 'proposer' | 'challengers' | 'censorship' | 'urls' | 'defects'
>

async function startParts(dataDir: string, lives: Life[]): Promise<Parts> {
  const defects: unknown[] = []
  const anvil = await Anvil.start({ dataDir, port: 0, blockTime: 1, slotsInAnEpoch: 2 })
  lives.push({ start: () => undefined, stop: () => anvil.stop() })
  const config = await deploy(anvil)
  const run = (life: Life) => {
    life.start()
    lives.push(life)
  }
  const onEvent = (event: { kind: string; error?: Error }) => {
    if (event.kind === 'failed') defects.push(event.error)
  }
  const serve = async (modules: RpcModules) => {
    const onDefect = (_: string, error: unknown) => defects.push(error)
    const server = new RpcServer(modules, { host: '127.0.0.1', port: 0, onDefect })
    const { url } = await server.start()
    lives.push({ start: () => undefined, stop: () => server.stop() })
    return url
  }
  const node = async () => {
    const opened = await openNode(config)
    lives.push({ start: () => undefined, stop: () => opened.chain.close() })
    const endpoints = { rpc: [anvil.url], beacon: [anvil.url] }
    const l1 = new JsonRpcL1Source({ ...endpoints, blobId: 'block-number', l1ChainId: anvil.chainId })
    const follower = new L1Follower({ config, chain: opened.chain, l1 }, { pollInterval: 250 })
    follower.onEvent(onEvent)
    run(follower)
    return { ...opened, l1 }
  }
  const sequencer = await node()
  const { chain } = sequencer
  const pool = new TransactionPool({ config, chain })
  lives.push({ start: () => undefined, stop: () => pool.stop() })
  const censorship = censoring(pool)
  const builder = new Sequencer({ config, chain, l1: sequencer.l1, pool: censorship }, { confirmationDepth: 1 })
  builder.onEvent(onEvent)
  run(builder)
  const batcher = new Batcher({ config, chain }, { l1Rpc: [anvil.url], privateKey: developmentKey('batcher') })
  batcher.onEvent(onEvent)
  run(batcher)
  const proposer = new Proposer(
    { config, chain },
    { l1Rpc: [anvil.url], privateKey: developmentKey('proposer'), pollInterval: 100, checkInterval: 250 },
  )
  proposer.onEvent(onEvent)
  run(proposer)
  const verifier = await node()
  const insertInto = (node: TestNode) => (block: Block) => node.chain.insertUnsafe(block)
  const admin = { sequencer: builder, insertUnsafe: insertInto(sequencer) }
  const urls = {
    l1: anvil.url,
    l2: await serve({ chain, sink: pool, pool, outputs: proposer.attestations }),
    admin: await serve({ chain, sink: pool, pool, admin }),
    verifier: await serve({ chain: verifier.chain, sink: pool }),
    verifierAdmin: await serve({ chain: verifier.chain, sink: pool, admin: { insertUnsafe: insertInto(verifier) } }),
  }
  const challengers = ['validator 0', 'validator 1'].map((name) => {
    const privateKey = developmentKey(`bridge: ${name}`)
    const challenger = new Challenger(
      { config, chain: verifier.chain, deliver: deliverTo(urls.l2) },
      { l1Rpc: [anvil.url], privateKey, pollInterval: 100, checkInterval: 250 },
    )
    challenger.onEvent(onEvent)
    run(challenger)
    return challenger
  })
  return { anvil, config, sequencer, verifier, proposer, challengers, censorship, urls, defects }
}

async function deploy(anvil: Anvil): Promise<ChainConfig> {
  const operators = operatorAccounts()
  await anvil.fund(
    [...Object.values(operators), ...VALIDATORS].map(({ address }) => address),
    parseEther('1000'),
  )
  return deployL1({
    rpcUrl: anvil.url,
    deployer: operators.deployer,
    roles: {
      batcher: operators.batcher.address,
      proposer: operators.proposer.address,
      unsafeBlockSigner: operators.sequencer.address,
      validators: VALIDATORS.map(({ address }) => address),
    },
    outputBond: OUTPUT_BOND,
    l2ChainId: 901,
    blockTime: 1,
    submissionInterval: SUBMISSION_INTERVAL,
    finalizationPeriod: FINALIZATION_PERIOD,
    genesisHash,
  })
}
