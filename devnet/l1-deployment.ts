/**
 * Deploys the L1 side of a chain and writes down its config: OPEN, the portal that locks it, our
 * SystemConfig, the output oracle and its validators, messenger and bridge, each behind a Proxy that a ProxyAdmin owns
 * (contracts-bedrock 0.17.3; genesis/solidity/l1). The contracts are sent in one go, at addresses
 * known beforehand by nonce; the newest L1 block after them becomes the chain's L1 origin, so that
 * nothing of the deployment is derived; the oracle, which counts L2 time from that block, comes last.
 */
import {
  type Abi,
  concatHex,
  createPublicClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  maxUint128,
  numberToHex,
  type PrivateKeyAccount,
  type PublicClient,
  sliceHex,
  zeroHash,
} from 'viem'
import { type Address, PREDEPLOYS } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { type ContractName, contractArtifact } from '../genesis/contracts.ts'

export type L1DeploymentOptions = {
  /** L1's JSON-RPC. */
  rpcUrl: string
  /** Pays for the deployment, gets all OPEN, owns ProxyAdmin and SystemConfig. */
  deployer: PrivateKeyAccount
  roles: {
    batcher: Address
    proposer: Address
    unsafeBlockSigner: Address
    /** Sign outputs and challenge wrong ones. The deployer pays their bonds. */
    validators?: Address[]
    /** May set Parameters, Datanets' weights and grant from the treasury; the governance timelock where absent. */
    governor?: Address
    /** Gets the fee vaults' money and owns L2's ProxyAdmin; the deployer where absent. */
    feeRecipient?: Address
  }
  l2ChainId: number
  /** Seconds between L2 blocks. */
  blockTime: number
  /** Hash of block 0 of a config whose own `genesis.l2.hash` is still zeros (node/chain computes it). */
  genesisHash: (config: ChainConfig) => Hex | Promise<Hex>
  name?: string
  /** L2 gas; at least 6,000,000, which deposits may take. */
  gasLimit?: number
  /** Accounts with OPEN at block 0, in wei. */
  balances?: Record<Address, bigint>
  /** Ledger parameters that differ from a development network's. */
  parameters?: Record<string, bigint>
  /** L2 blocks between two outputs. */
  submissionInterval?: number
  /** Seconds that outputs and proved withdrawals wait. */
  finalizationPeriod?: number
  /** Wei of OPEN that the proposer and each validator bond for outputs. */
  outputBond?: bigint
  /** Milliseconds between looks for receipts. */
  pollingInterval?: number
}

/** A deployment that did not come out as planned: names the step or the field. */
export class L1DeploymentError extends Error {
  override name = 'L1DeploymentError'
}

/** A development network's system config at block 0 (units as in genesis/chain-config.ts). */
const SYSTEM = {
  gasLimit: 15_000_000,
  baseFeeScalar: 1_368,
  blobBaseFeeScalar: 810_949,
  eip1559Denominator: 250,
  eip1559Elasticity: 6,
  operatorFeeScalar: 0,
  operatorFeeConstant: 0n,
  minBaseFee: 1_000_000n,
  /** Gas a byte of estimated compressed size: 56 KiB that do not compress take 9.6M, so they fit a block. */
  daFootprintGasScalar: 200,
} as const

/** The portal's market for L2 gas of deposits (ResourceMetering). docs/protocol.md, "The maturing deposit", counts with the first. */
const DEPOSIT_MARKET = {
  maxResourceLimit: 5_000_000,
  elasticityMultiplier: 10,
  baseFeeMaxChangeDenominator: 8,
  minimumBaseFee: 1_000_000_000,
  systemTxMaxGas: 1_000_000,
  maximumBaseFee: maxUint128,
} as const

/** specs.optimism.io, "Derivation": constants since Fjord and Granite, and OP Mainnet's sequencing window. */
const DERIVATION = { maxSequencerDrift: 1_800, channelTimeout: 50, seqWindowSize: 3_600 } as const

const DEFAULTS = {
  name: 'openledger-devnet',
  submissionInterval: 10,
  finalizationPeriod: 12,
  outputBond: 1_000n * 10n ** 18n,
  pollingInterval: 100,
} as const

/** Gas limits of the deployment's transactions: nothing can be estimated before the contracts are there. */
const CREATE_GAS = 6_000_000n
const CALL_GAS = 1_500_000n

const PROXIED = [
  'SuperchainConfig',
  'SystemConfig',
  'L2OutputOracle',
  'OptimismPortal',
  'L1CrossDomainMessenger',
  'L1StandardBridge',
  'OptimismMintableERC20Factory',
  'OutputValidators',
] as const satisfies ContractName[]

type Proxied = (typeof PROXIED)[number]
type Deployed = {
  openToken: Address
  proxyAdmin: Address
  proxy: Record<Proxied, Address>
  implementation: Record<Proxied, Address>
}

/**
 * Resolves when everything is deployed and has been read back. The deployer needs about 0.1 ETH at 1 gwei.
 * Throws {@link L1DeploymentError}.
 */
export async function deployL1(options: L1DeploymentOptions): Promise<ChainConfig> {
  const client = createPublicClient({
    transport: http(options.rpcUrl),
    pollingInterval: options.pollingInterval ?? DEFAULTS.pollingInterval,
  })
  const sender = await createSender(client, options)
  const deployed = await createContracts(sender, options.deployer.address)
  for (const [contract, args] of initializations(deployed, options)) await initialize(sender, deployed, contract, args)
  await bondOutputs(sender, deployed, options)
  await sender.settled()

  const origin = await client.getBlock({ blockTag: 'latest' })
  await initialize(sender, deployed, 'L2OutputOracle', oracleArguments(deployed, options, origin.timestamp))
  await sender.settled()
  await checkDeployment(client, deployed, options)

  const draft = chainConfig(deployed, options, await client.getChainId(), origin)
  const hash = await options.genesisHash(draft)
  return { ...draft, genesis: { ...draft.genesis, l2: { number: 0, hash } } }
}

/** Batches are sent to an address that nobody has the key of: a zero byte and the chain id's hash (OP's convention). */
export function batchInboxOf(l2ChainId: number): Address {
  const hash = keccak256(numberToHex(l2ChainId, { size: 32 }))
  return concatHex(['0x00', sliceHex(hash, 0, 19)])
}

/** SystemConfig's `scalar`: version byte 1, blobBaseFeeScalar u32 at byte 24, baseFeeScalar u32 at byte 28. */
export function feeScalar(baseFeeScalar: number, blobBaseFeeScalar: number): Hex {
  return numberToHex((1n << 248n) | (BigInt(blobBaseFeeScalar) << 32n) | BigInt(baseFeeScalar), { size: 32 })
}

type Sender = {
  /** Address of the contract that the transaction will create. */
  create: (name: string, data: Hex) => Promise<Address>
  call: (name: string, to: Address, data: Hex) => Promise<void>
  /** Resolves when all sent transactions have succeeded. */
  settled: () => Promise<void>
}

/** Sends transactions one after another without waiting for blocks, and waits for all at once. */
async function createSender(client: PublicClient, { deployer, rpcUrl }: L1DeploymentOptions): Promise<Sender> {
  const wallet = createWalletClient({ account: deployer, transport: http(rpcUrl) })
  let nonce = await client.getTransactionCount({ address: deployer.address, blockTag: 'pending' })
  let pending: { name: string; hash: Hex }[] = []
  const send = async (name: string, request: { to?: Address; data: Hex; gas: bigint }) => {
    const hash = await wallet.sendTransaction({ ...request, nonce: nonce++, chain: null })
    pending.push({ name, hash })
  }
  return {
    create: async (name, data) => {
      const address = getContractAddress({ from: deployer.address, nonce: BigInt(nonce) }).toLowerCase() as Address
      await send(`creating ${name}`, { data, gas: CREATE_GAS })
      return address
    },
    call: (name, to, data) => send(name, { to, data, gas: CALL_GAS }),
    settled: async () => {
      for (const { name, hash } of pending) {
        const receipt = await client.waitForTransactionReceipt({ hash })
        if (receipt.status !== 'success')
          throw new L1DeploymentError(`L1 deployment: ${name} failed (transaction ${hash})`)
      }
      pending = []
    },
  }
}

async function createContracts(sender: Sender, owner: Address): Promise<Deployed> {
  const create = (name: ContractName, args: unknown[] = []) => {
    const { abi, bytecode } = contractArtifact(name)
    return sender.create(name, encodeDeployData({ abi, bytecode, args }))
  }
  const openToken = await create('OpenToken', [owner])
  const proxyAdmin = await create('ProxyAdmin', [owner])
  const proxy: Partial<Record<Proxied, Address>> = {}
  const implementation: Partial<Record<Proxied, Address>> = {}
  for (const name of PROXIED) {
    proxy[name] = await create('Proxy', [proxyAdmin])
    implementation[name] = await create(name)
  }
  return { openToken, proxyAdmin, proxy: complete(proxy), implementation: complete(implementation) }
}

function complete(addresses: Partial<Record<Proxied, Address>>): Record<Proxied, Address> {
  return Object.fromEntries(PROXIED.map((name) => [name, addresses[name]!])) as Record<Proxied, Address>
}

async function initialize(sender: Sender, deployed: Deployed, contract: Proxied, args: unknown[]): Promise<void> {
  const data = encodeFunctionData({ abi: contractArtifact(contract).abi, functionName: 'initialize', args })
  const upgrade = encodeFunctionData({
    abi: contractArtifact('ProxyAdmin').abi,
    functionName: 'upgradeAndCall',
    args: [deployed.proxy[contract], deployed.implementation[contract], data],
  })
  await sender.call(`initializing ${contract}`, deployed.proxyAdmin, upgrade)
}

/** What each contract but the oracle is initialized with, in an order in which each finds what it asks. */
function initializations({ openToken, proxy }: Deployed, options: L1DeploymentOptions): [Proxied, unknown[]][] {
  const { deployer, roles } = options
  const systemRoles = { owner: deployer.address, batcher: roles.batcher, unsafeBlockSigner: roles.unsafeBlockSigner }
  const fees = {
    ...SYSTEM,
    basefeeScalar: SYSTEM.baseFeeScalar,
    blobbasefeeScalar: SYSTEM.blobBaseFeeScalar,
    gasLimit: BigInt(options.gasLimit ?? SYSTEM.gasLimit),
  }
  const addresses = {
    l1CrossDomainMessenger: proxy.L1CrossDomainMessenger,
    l1StandardBridge: proxy.L1StandardBridge,
    optimismPortal: proxy.OptimismPortal,
    optimismMintableERC20Factory: proxy.OptimismMintableERC20Factory,
    batchInbox: batchInboxOf(options.l2ChainId),
    gasPayingToken: openToken,
  }
  return [
    ['SuperchainConfig', [deployer.address, false]],
    ['SystemConfig', [systemRoles, fees, DEPOSIT_MARKET, addresses]],
    ['OptimismPortal', [proxy.L2OutputOracle, proxy.SystemConfig, proxy.SuperchainConfig]],
    ['L1CrossDomainMessenger', [proxy.SuperchainConfig, proxy.OptimismPortal, proxy.SystemConfig]],
    ['L1StandardBridge', [proxy.L1CrossDomainMessenger, proxy.SuperchainConfig, proxy.SystemConfig]],
    ['OptimismMintableERC20Factory', [proxy.L1StandardBridge]],
    [
      'OutputValidators',
      [proxy.L2OutputOracle, openToken, deployer.address, roles.proposer, options.outputBond ?? DEFAULTS.outputBond],
    ],
  ]
}

/** Admits the validators, and bonds them and the proposer out of the deployer's OPEN. */
async function bondOutputs(
  sender: Sender,
  { openToken, proxy }: Deployed,
  options: L1DeploymentOptions,
): Promise<void> {
  const { proposer, validators = [] } = options.roles
  const bond = options.outputBond ?? DEFAULTS.outputBond
  const bonded = [...new Set([proposer, ...validators])]
  const call = (contract: 'OpenToken' | 'OutputValidators', functionName: string, args: unknown[]) => {
    const data = encodeFunctionData({ abi: contractArtifact(contract).abi, functionName, args })
    return sender.call(functionName, contract === 'OpenToken' ? openToken : proxy.OutputValidators, data)
  }
  await call('OpenToken', 'approve', [proxy.OutputValidators, bond * BigInt(bonded.length)])
  for (const validator of validators) await call('OutputValidators', 'setValidator', [validator, true])
  for (const account of bonded) await call('OutputValidators', 'bond', [account, bond])
}

/** In the order of L2OutputOracle's initialize. */
function oracleArguments({ proxy }: Deployed, options: L1DeploymentOptions, l2Time: bigint): unknown[] {
  return [
    BigInt(options.submissionInterval ?? DEFAULTS.submissionInterval),
    BigInt(options.blockTime),
    0n,
    l2Time,
    proxy.OutputValidators,
    proxy.OutputValidators,
    BigInt(options.finalizationPeriod ?? DEFAULTS.finalizationPeriod),
  ]
}

/** Reads back what the chain depends on. Throws {@link L1DeploymentError} that names the first value that differs. */
async function checkDeployment(
  client: PublicClient,
  { proxy, openToken }: Deployed,
  options: L1DeploymentOptions,
): Promise<void> {
  const expectations: [Proxied, string, string][] = [
    ['OptimismPortal', 'systemConfig', proxy.SystemConfig],
    ['OptimismPortal', 'l2Oracle', proxy.L2OutputOracle],
    ['OptimismPortal', 'superchainConfig', proxy.SuperchainConfig],
    ['SystemConfig', 'gasPayingToken', `${openToken},18`],
    ['SystemConfig', 'batchInbox', batchInboxOf(options.l2ChainId)],
    ['SystemConfig', 'unsafeBlockSigner', options.roles.unsafeBlockSigner],
    ['L2OutputOracle', 'proposer', proxy.OutputValidators],
    ['L2OutputOracle', 'challenger', proxy.OutputValidators],
    ['OutputValidators', 'oracle', proxy.L2OutputOracle],
    ['OutputValidators', 'proposer', options.roles.proposer],
    ['L1CrossDomainMessenger', 'portal', proxy.OptimismPortal],
    ['L1StandardBridge', 'messenger', proxy.L1CrossDomainMessenger],
    ['OptimismMintableERC20Factory', 'bridge', proxy.L1StandardBridge],
  ]
  for (const [contract, functionName, expected] of expectations) {
    const abi: Abi = contractArtifact(contract).abi
    const value = String(await client.readContract({ abi, address: proxy[contract], functionName }))
    if (value.toLowerCase() !== expected.toLowerCase()) {
      throw new L1DeploymentError(`L1 deployment: ${contract}.${functionName}() is ${value}, expected ${expected}`)
    }
  }
}

function chainConfig(
  { openToken, proxy }: Deployed,
  options: L1DeploymentOptions,
  l1ChainId: number,
  origin: { number: bigint; hash: Hex; timestamp: bigint },
): ChainConfig {
  const { deployer, roles } = options
  const lower = (address: Address) => address.toLowerCase() as Address
  return {
    name: options.name ?? DEFAULTS.name,
    protocolVersion: 1,
    network: 'development',
    l1ChainId,
    l2ChainId: options.l2ChainId,
    blockTime: options.blockTime,
    ...DERIVATION,
    genesis: {
      l1: { number: Number(origin.number), hash: origin.hash },
      l2: { number: 0, hash: zeroHash },
      l2Time: Number(origin.timestamp),
      systemConfig: {
        batcherAddr: lower(roles.batcher),
        scalar: feeScalar(SYSTEM.baseFeeScalar, SYSTEM.blobBaseFeeScalar),
        gasLimit: options.gasLimit ?? SYSTEM.gasLimit,
        eip1559Params: concatHex([
          numberToHex(SYSTEM.eip1559Denominator, { size: 4 }),
          numberToHex(SYSTEM.eip1559Elasticity, { size: 4 }),
        ]),
        operatorFeeScalar: SYSTEM.operatorFeeScalar,
        operatorFeeConstant: SYSTEM.operatorFeeConstant,
        minBaseFee: SYSTEM.minBaseFee,
        daFootprintGasScalar: SYSTEM.daFootprintGasScalar,
      },
      balances: options.balances ?? {},
      parameters: options.parameters ?? {},
      governor: lower(roles.governor ?? PREDEPLOYS.timelock),
      feeRecipient: lower(roles.feeRecipient ?? deployer.address),
    },
    batchInboxAddress: batchInboxOf(options.l2ChainId),
    depositContractAddress: proxy.OptimismPortal,
    l1SystemConfigAddress: proxy.SystemConfig,
    l2OutputOracleAddress: proxy.L2OutputOracle,
    openTokenAddress: openToken,
    l1CrossDomainMessengerAddress: proxy.L1CrossDomainMessenger,
    l1StandardBridgeAddress: proxy.L1StandardBridge,
    unsafeBlockSigner: lower(roles.unsafeBlockSigner),
  }
}
