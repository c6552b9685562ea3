/**
 * A rollup whose parts are processes that a test starts, disturbs and kills one by one: anvil as L1; proxies in front of it that
 * fail on command, an own set for either node; a sequencer with its batcher; a verifier that derives from L1 alone, or
 * hears gossip, too. `agree()` ends every test: both nodes call the same new block safe, and nothing safe was lost.
 *
 *     sequencer ─▶ rpc proxy ──▶ anvil ◀── rpc proxy ◀── verifier
 *         └──────▶ beacons ─────▶  ▲  ◀──── beacons ◀───────┘
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { bytesToHex, createWalletClient, type Hex, http, parseEther, publicActions } from 'viem'
import { openledgerChain } from '../../client/index.ts'
import { developmentAccount, developmentKey, operatorAccounts } from '../../devnet/accounts.ts'
import { Anvil } from '../../devnet/anvil.ts'
import { deployL1 } from '../../devnet/l1-deployment.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { genesisHash } from '../../node/chain/genesis-block.ts'
import { ChaosL1 } from './chaos-l1.ts'
import { ChaosNode, type L2Ref } from './chaos-node.ts'
import { L1Proxy } from './l1-proxy.ts'
import { until } from './polling.ts'
import { lostBy, SafeWitness } from './safe-witness.ts'

const USER = developmentAccount('chaos user')
/** A folder that gets the nodes' logs at the end; they are removed without it. */
const KEPT_LOGS = process.env.CHAOS_LOGS
/** The last lines of a node's log that an error shows. */
const LOG_LINES = 12

export type ChaosOptions = {
  /** Rules of the chain that a test shortens. */
  rules?: Partial<Pick<ChainConfig, 'maxSequencerDrift' | 'channelTimeout' | 'seqWindowSize'>>
  sequencer?: readonly string[]
  /** Beacons of either node; 1 where absent. */
  beacons?: number
  /** Where nodes keep their data; in the network's own folder where absent. */
  dataDirs?: { sequencer: string; verifier: string }
}

/** What one node knows of L1. */
export type View = { rpc: L1Proxy; beacons: L1Proxy[] }

export class ChaosNetwork {
  readonly folder: string
  readonly config: ChainConfig
  readonly l1: ChaosL1
  readonly views: { sequencer: View; verifier: View }
  readonly sequencer: ChaosNode
  readonly verifier: ChaosNode
  readonly witness: SafeWitness
  readonly #anvil: Anvil

  private constructor(
    folder: string,
    anvil: Anvil,
    config: ChainConfig,
    views: ChaosNetwork['views'],
    options: ChaosOptions,
  ) {
    const { batcher } = operatorAccounts()
    this.folder = folder
    this.config = config
    this.views = views
    this.#anvil = anvil
    this.l1 = new ChaosL1(anvil.url, { from: lower(batcher.address), to: config.batchInboxAddress })
    const keys = ['sequencer', 'batcher'].flatMap((name) => [`--${name}-key-file`, keyFile(folder, name)])
    const common = (view: View) => ['--chain', join(folder, 'chain.json'), '--rpc-port', '0', ...l1Arguments(view)]
    const building = [...common(views.sequencer), ...keys, '--l1-blob-sidecar', '4844', ...(options.sequencer ?? [])]
    this.sequencer = new ChaosNode('sequencer', folder, building, options.dataDirs?.sequencer)
    this.verifier = new ChaosNode('verifier', folder, common(views.verifier), options.dataDirs?.verifier)
    this.witness = new SafeWitness(() => [this.sequencer, this.verifier].filter(({ running }) => running))
  }

  /** L1 mines a block a second and holds the contracts; no node runs yet. */
  static async start(options: ChaosOptions = {}): Promise<ChaosNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'openledger-chaos-'))
    mkdirSync(join(folder, 'keys'))
    const anvil = await Anvil.start({
      ...{ dataDir: join(folder, 'l1'), port: 0, blockTime: 1, slotsInAnEpoch: 32, saveInterval: 86_400 },
    })
    const config = await deploy(anvil, options.rules ?? {})
    writeFileSync(join(folder, 'chain.json'), configText(config))
    const view = async (): Promise<View> => ({
      rpc: await L1Proxy.start(anvil.url),
      beacons: await Promise.all(Array.from({ length: options.beacons ?? 1 }, () => L1Proxy.start(anvil.url))),
    })
    return new ChaosNetwork(folder, anvil, config, { sequencer: await view(), verifier: await view() }, options)
  }

  /** Both nodes; with `gossip` the verifier knows the sequencer's address, too. */
  async startNodes({ gossip = false }: { gossip?: boolean } = {}): Promise<void> {
    await this.sequencer.start()
    await this.verifier.start({ more: gossip ? ['--bootstrap', this.sequencer.p2pAddress] : [] })
  }

  /** The sequencer, and its batcher with it, is dead meanwhile. */
  async withoutBatcher(work: () => Promise<void>): Promise<void> {
    await this.sequencer.kill()
    await work()
    await this.sequencer.start()
  }

  /** The verifier, which does not run, forgets everything. */
  eraseVerifier(): void {
    if (this.verifier.running) throw new Error('the verifier runs')
    rmSync(this.verifier.dataDir, { recursive: true })
  }

  async stop(): Promise<void> {
    this.witness.stop()
    await this.verifier.stop()
    await this.sequencer.stop()
    for (const { rpc, beacons } of Object.values(this.views)) for (const proxy of [rpc, ...beacons]) await proxy.stop()
    await this.#anvil.stop()
    for (const { logPath, kind } of [this.sequencer, this.verifier])
      if (KEPT_LOGS !== undefined && existsSync(logPath))
        cpSync(logPath, join(KEPT_LOGS, `${basename(this.folder)}-${kind}.log`))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** viem's client of a node, with the account that has OPEN. */
  client(node: ChaosNode = this.sequencer) {
    const options = { account: USER, chain: openledgerChain(this.config), cacheTime: 0 }
    return createWalletClient({ ...options, transport: http(node.url, { retryCount: 0 }) }).extend(publicActions)
  }

  /** One transfer or so many bytes of data, without waiting for it. */
  async send(data: Uint8Array = new Uint8Array()): Promise<Hex> {
    const client = this.client()
    const nonce = await client.getTransactionCount({ address: USER.address, blockTag: 'pending' })
    const gas = 21_000n + 40n * BigInt(data.length)
    const fees = { maxFeePerGas: parseEther('0.00001'), maxPriorityFeePerGas: 1_000_000n }
    return client.sendTransaction({ to: USER.address, value: 1n, data: bytesToHex(data), nonce, gas, ...fees })
  }

  /** A transaction sent now is in a block that both nodes call safe, and what was ever safe is there, or L1 took it back. */
  async agree(): Promise<L2Ref> {
    const hash = await this.send()
    const number = await this.includedIn(this.sequencer, hash)
    const safe = await this.safeAt(this.sequencer, number)
    await this.safeAt(this.verifier, number)
    // A reorg may have moved the transaction meanwhile.
    await this.includedIn(this.verifier, hash)
    const hashes = await until(
      `both nodes hold the same block ${safe.number}`,
      async () => {
        const [ours, theirs] = await Promise.all(
          [this.sequencer, this.verifier].map((node) => node.hashOf(safe.number)),
        )
        return ours !== undefined && ours === theirs ? ours : undefined
      },
      this.explain,
    )
    await this.loseNothing()
    return { ...safe, hash: hashes }
  }

  /** Throws where a block that was once safe is no longer there although L1 still holds its origin. */
  async loseNothing(): Promise<void> {
    const sightings = this.witness.sightings()
    const highest = Math.max(0, ...sightings.map(({ number }) => number))
    for (const node of [this.sequencer, this.verifier]) {
      await this.safeAt(node, highest)
      const lost = await lostBy(node, this.l1, sightings)
      if (lost.length > 0) throw new Error(`lost: ${lost.join('; ')}${this.explain()}`)
    }
  }

  /** The number of the block in which a node has the transaction. */
  async includedIn(node: ChaosNode, hash: Hex): Promise<number> {
    return until(
      `transaction ${hash} in a block of the ${node.kind}`,
      async () => {
        const receipt = await node.ask('eth_getTransactionReceipt', hash)
        return receipt === null ? undefined : Number((receipt as { blockNumber: string }).blockNumber)
      },
      this.explain,
    )
  }

  /** Its safe head, once that is at the number or above. */
  async safeAt(node: ChaosNode, number: number): Promise<L2Ref> {
    return until(
      `safe block ${number} of the ${node.kind}`,
      async () => {
        const { safe_l2 } = await node.status()
        return safe_l2.number >= number ? safe_l2 : undefined
      },
      this.explain,
    )
  }

  async unsafeAt(node: ChaosNode, number: number): Promise<L2Ref> {
    return until(
      `block ${number} of the ${node.kind}`,
      async () => {
        const { unsafe_l2 } = await node.status()
        return unsafe_l2.number >= number ? unsafe_l2 : undefined
      },
      this.explain,
    )
  }

  /** The ends of both logs, for an error. */
  readonly explain = (): string =>
    [this.sequencer, this.verifier]
      .map((node) => `\n${node.log.trimEnd().split('\n').slice(-LOG_LINES).join('\n')}`)
      .join('\n')
}

const lower = (address: Hex) => address.toLowerCase() as Hex

function l1Arguments({ rpc, beacons }: View): string[] {
  return ['--l1-rpc', rpc.url, '--l1-blob-id', 'block-number', ...beacons.flatMap(({ url }) => ['--l1-beacon', url])]
}

function keyFile(folder: string, name: string): string {
  const path = join(folder, 'keys', `${name}.key`)
  writeFileSync(path, `${developmentKey(name)}\n`, { mode: 0o600 })
  return path
}

const configText = (config: ChainConfig) =>
  JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? value.toString() : value))

async function deploy(anvil: Anvil, rules: Partial<ChainConfig>): Promise<ChainConfig> {
  const { deployer, batcher, proposer, sequencer } = operatorAccounts()
  await anvil.fund(
    [deployer, batcher, proposer].map(({ address }) => address),
    parseEther('1000'),
  )
  const config = await deployL1({
    rpcUrl: anvil.url,
    deployer,
    roles: { batcher: batcher.address, proposer: proposer.address, unsafeBlockSigner: sequencer.address },
    l2ChainId: 901,
    blockTime: 1,
    balances: { [lower(USER.address)]: parseEther('1000000') },
    genesisHash: (config) => genesisHash({ ...config, ...rules }),
  })
  return { ...config, ...rules }
}
