/**
 * Block 0's accounts: predeploys behind proxies with their storage as their initializers would leave
 * it, preinstalls, system contracts, native accounts, and a development network's balances. After
 * specs.optimism.io, "Predeploys" and "Preinstalls", and the layout of contracts-bedrock 0.17.3.
 *
 *   0x4200…00xx  Proxy; EIP-1967 slots: implementation = 0xc0d3c0d3…00xx, admin = ProxyAdmin; the contract's storage
 *   0xc0d3…00xx  the contract's code, initialized to nothing, so that nobody can initialize it
 */
import { encodeAbiParameters, type Hex, keccak256, stringToBytes, toHex } from 'viem'
import {
  type Address,
  AGENT_REGISTRY,
  ASSET_FACES,
  BEACON_ROOTS,
  HISTORY_STORAGE,
  NATIVE,
  NATIVE_CODE,
  PREDEPLOYS,
  PREINSTALLS,
} from './addresses.ts'
import { type ChainConfig, ChainConfigError } from './chain-config.ts'
import { preinstallCodes, runtimeCode, writeWords } from './contracts.ts'
import { governanceContracts } from './governance.ts'
import {
  GOVERNOR_SLOT,
  PARAMETER_RANGES,
  PARAMETERS,
  type ParameterName,
  type ParameterValues,
  parameterDefaults,
  parameterSlot,
} from './parameters.ts'

export type Allocation = {
  address: Address
  /** Wei. */
  balance: bigint
  nonce: bigint
  code?: Hex
  /** 32-byte slot to 32-byte value; zeros do not appear. */
  storage?: Record<Hex, Hex>
}

/** EIP-1967: keccak256("eip1967.proxy.implementation") − 1 and keccak256("eip1967.proxy.admin") − 1. */
export const PROXY_IMPLEMENTATION_SLOT = slotBefore('eip1967.proxy.implementation')
export const PROXY_ADMIN_SLOT = slotBefore('eip1967.proxy.admin')

/** EIP-2935, "Bytecode". */
const HISTORY_STORAGE_CODE =
  '0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500'

/** Byte places of Permit2's immutables _CACHED_CHAIN_ID and _CACHED_DOMAIN_SEPARATOR (contracts-bedrock, Preinstalls). */
const PERMIT2_CHAIN_ID_PLACE = 6_945
const PERMIT2_DOMAIN_PLACE = 6_983

/** CrossDomainMessenger's xDomainMsgSender outside a message. */
const NO_SENDER = '0x000000000000000000000000000000000000dead'
/** Fee vaults pay their recipient on L2 (FeeVault.WithdrawalNetwork), and 10 OPEN or more at a time. */
const WITHDRAWAL_NETWORK_L2 = 1n
const MIN_VAULT_WITHDRAWAL = 10n * 10n ** 18n
/** Seconds: Ethereum's slot, and how long a challenger has where nothing but L1 takes its transactions. */
const L1_BLOCK_TIME = 12n
const TIME_TO_ACT = 43_200n
/** What L1Block and SystemConfig say about OPEN. */
const OPEN = { name: 'OPEN', symbol: 'OPEN', decimals: 18n } as const

type Predeploy = {
  code: Hex
  /** By slot; addresses and small integers are widened to words. */
  storage?: Record<number | Hex, Hex | bigint>
  /** What the bare implementation holds. */
  implementationStorage?: Record<number, Hex | bigint>
}

/** All accounts of block 0 that are not empty, sorted by address. Throws {@link ChainConfigError} on a wrong parameter name. */
export function genesisAllocations(config: ChainConfig): Allocation[] {
  const accounts = [
    ...proxiedPredeploys(config),
    { address: PREDEPLOYS.wopen, balance: 0n, nonce: 0n, code: runtimeCode('WOPEN') },
    { address: AGENT_REGISTRY, balance: 0n, nonce: 0n, code: runtimeCode('AgentRegistry') },
    ...assetFaces(),
    ...governanceContracts(config).map((contract) => ({
      ...contract,
      balance: 0n,
      nonce: 0n,
      storage: storageOf(contract.storage),
    })),
    ...preinstalls(BigInt(config.l2ChainId)),
    ...nativeAccounts(config),
  ]
  const byAddress = new Map<Address, Allocation>()
  for (const account of accounts) {
    if (byAddress.has(account.address)) throw new Error(`two genesis accounts at ${account.address}`)
    byAddress.set(account.address, account)
  }
  for (const [address, balance] of Object.entries(config.genesis.balances) as [Address, bigint][]) {
    if (balance === 0n) continue
    const account = byAddress.get(address) ?? { address, balance: 0n, nonce: 0n }
    byAddress.set(address, { ...account, balance: account.balance + balance })
  }
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** Where the code of a proxied predeploy lies: OP's code namespace, with the predeploy's last two bytes. */
export function implementationAddress(predeploy: Address): Address {
  return `0x${'c0d3'.repeat(9)}${predeploy.slice(-4)}`
}

/** The ledger's parameters at block 0: the network's defaults with the config's own values over them. */
export function genesisParameters(config: ChainConfig): ParameterValues {
  const values = parameterDefaults(config.network)
  for (const [name, value] of Object.entries(config.genesis.parameters)) {
    if (!(name in PARAMETERS)) {
      throw new ChainConfigError(
        `chain config: genesis.parameters.${name}: must be one of ${Object.keys(PARAMETERS).join(', ')}, got ${value}`,
      )
    }
    const [least, greatest] = PARAMETER_RANGES[name as ParameterName]
    if (value < least || value > greatest) {
      throw new ChainConfigError(
        `chain config: genesis.parameters.${name}: must be ${least} to ${greatest}, got ${value}`,
      )
    }
    values[name as ParameterName] = value
  }
  if (config.network === 'production') values.leastWindow = leastProductionWindow(config)
  for (const name of ['window', 'openingPeriod'] as const) {
    if (values[name] >= values.leastWindow) continue
    throw new ChainConfigError(
      `chain config: genesis.parameters.${name}: must be at least ${values.leastWindow}, got ${values[name]}`,
    )
  }
  return values
}

/** Seconds in which whoever is refused by the sequencer still comes to challenge: through L1, and with 12 h to act. */
function leastProductionWindow(config: ChainConfig): bigint {
  return BigInt(config.seqWindowSize) * L1_BLOCK_TIME + TIME_TO_ACT
}

function proxiedPredeploys(config: ChainConfig): Allocation[] {
  const proxy = runtimeCode('Proxy')
  return Object.entries(predeploys(config)).flatMap(([address, predeploy]) => {
    const implementation = implementationAddress(address as Address)
    const storage = {
      [PROXY_IMPLEMENTATION_SLOT]: implementation,
      [PROXY_ADMIN_SLOT]: PREDEPLOYS.proxyAdmin,
      ...predeploy.storage,
    }
    return [
      { address: address as Address, balance: 0n, nonce: 0n, code: proxy, storage: storageOf(storage) },
      {
        address: implementation,
        balance: 0n,
        nonce: 0n,
        code: predeploy.code,
        storage: storageOf(predeploy.implementationStorage ?? {}),
      },
    ]
  })
}

/** Slots are those of `storageLayout` in contracts-bedrock 0.17.3's artifacts; "initialized" is OpenZeppelin's flag, 1. */
function predeploys(config: ChainConfig): Record<Address, Predeploy> {
  /** The messenger keeps the flag above a spacer of 20 bytes. */
  const messengerInitialized = 1n << 160n
  return {
    [PREDEPLOYS.l2CrossDomainMessenger]: {
      code: runtimeCode('L2CrossDomainMessenger'),
      storage: { 0: messengerInitialized, 204: NO_SENDER, 207: config.l1CrossDomainMessengerAddress },
      implementationStorage: { 0: messengerInitialized, 204: NO_SENDER },
    },
    [PREDEPLOYS.gasPriceOracle]: { code: runtimeCode('GasPriceOracle') },
    [PREDEPLOYS.l2StandardBridge]: {
      code: runtimeCode('L2StandardBridge'),
      storage: { 0: 1n, 3: PREDEPLOYS.l2CrossDomainMessenger, 4: config.l1StandardBridgeAddress },
      implementationStorage: { 0: 1n, 3: PREDEPLOYS.l2CrossDomainMessenger },
    },
    [PREDEPLOYS.optimismMintableErc20Factory]: {
      code: runtimeCode('OptimismMintableERC20Factory'),
      storage: { 0: 1n, 1: PREDEPLOYS.l2StandardBridge },
      implementationStorage: { 0: 1n },
    },
    [PREDEPLOYS.l1Block]: { code: runtimeCode('L1Block'), storage: gasPayingToken(config.openTokenAddress) },
    [PREDEPLOYS.l2ToL1MessagePasser]: { code: runtimeCode('L2ToL1MessagePasser') },
    [PREDEPLOYS.proxyAdmin]: { code: runtimeCode('ProxyAdmin'), storage: { 0: config.genesis.governor } },
    ...feeVaults(config.genesis.feeRecipient),
  }
}

/** Nonce 1, as CREATE leaves a contract: the factory creates others. */
function assetFaces(): Allocation[] {
  const { shareImplementation, shareFactory, modelToken } = ASSET_FACES
  return [
    { address: shareImplementation, balance: 0n, nonce: 1n, code: runtimeCode('DatanetShare') },
    { address: shareFactory, balance: 0n, nonce: 1n, code: runtimeCode('DatanetShareFactory') },
    { address: modelToken, balance: 0n, nonce: 1n, code: runtimeCode('ModelToken') },
  ]
}

function feeVaults(recipient: Address): Record<Address, Predeploy> {
  const immutables = { RECIPIENT: word(recipient), MIN_WITHDRAWAL_AMOUNT: word(MIN_VAULT_WITHDRAWAL) }
  const bedrock = { ...immutables, WITHDRAWAL_NETWORK: word(WITHDRAWAL_NETWORK_L2) }
  return {
    [PREDEPLOYS.sequencerFeeVault]: { code: runtimeCode('SequencerFeeVault', bedrock) },
    [PREDEPLOYS.baseFeeVault]: { code: runtimeCode('BaseFeeVault', bedrock) },
    [PREDEPLOYS.l1FeeVault]: { code: runtimeCode('L1FeeVault', bedrock) },
    [PREDEPLOYS.operatorFeeVault]: { code: runtimeCode('OperatorFeeVault', immutables) },
  }
}

/** L1Block's slots of the gas paying token: decimals ‖ address, and two short strings. */
function gasPayingToken(token: Address): Record<Hex, Hex | bigint> {
  return {
    [slotBefore('opstack.gaspayingtoken')]: (OPEN.decimals << 160n) | BigInt(token),
    [slotBefore('opstack.gaspayingtokenname')]: toHex(OPEN.name, { size: 32 }),
    [slotBefore('opstack.gaspayingtokensymbol')]: toHex(OPEN.symbol, { size: 32 }),
  }
}

function preinstalls(chainId: bigint): Allocation[] {
  const codes = preinstallCodes()
  const contract = (address: Address, code: Hex): Allocation => ({ address, balance: 0n, nonce: 1n, code })
  return [
    contract(PREINSTALLS.multicall3, codes.multicall3),
    contract(PREINSTALLS.create2Deployer, codes.create2Deployer),
    contract(PREINSTALLS.permit2, permit2Code(codes.permit2Template, chainId)),
    contract(BEACON_ROOTS, codes.beaconRoots),
    contract(HISTORY_STORAGE, HISTORY_STORAGE_CODE),
  ]
}

/** Permit2 caches its chain id and EIP-712 domain separator in immutables. */
function permit2Code(template: Hex, chainId: bigint): Hex {
  const domain = encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
    [
      keccak256(stringToBytes('EIP712Domain(string name,uint256 chainId,address verifyingContract)')),
      keccak256(stringToBytes('Permit2')),
      chainId,
      PREINSTALLS.permit2,
    ],
  )
  const withChainId = writeWords(template, [PERMIT2_CHAIN_ID_PLACE], word(chainId))
  return writeWords(withChainId, [PERMIT2_DOMAIN_PLACE], keccak256(domain))
}

/** Nonce 1 keeps the accounts from counting as empty (EIP-161) and from being created over (EIP-7610). */
function nativeAccounts(config: ChainConfig): Allocation[] {
  return Object.values(NATIVE).map((address) => {
    const storage = address === NATIVE.parameters ? parametersStorage(config) : {}
    return { address, balance: 0n, nonce: 1n, code: NATIVE_CODE, storage }
  })
}

function parametersStorage(config: ChainConfig): Record<Hex, Hex> {
  const slots: Record<Hex, Hex | bigint> = { [GOVERNOR_SLOT]: config.genesis.governor }
  const values = genesisParameters(config)
  for (const [name, { id }] of Object.entries(PARAMETERS)) slots[parameterSlot(id)] = values[name as ParameterName]
  return storageOf(slots)
}

/** Words by word, without zeros, sorted by slot. */
function storageOf(slots: Record<number | Hex, Hex | bigint>): Record<Hex, Hex> {
  const entries = Object.entries(slots).map(([slot, value]) => [word(BigInt(slot)), word(value)] as const)
  const written = entries.filter(([, value]) => BigInt(value) !== 0n)
  return Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function word(value: Hex | bigint): Hex {
  return `0x${BigInt(value).toString(16).padStart(64, '0')}`
}

/** keccak256(name) − 1, where proxies and the OP Stack keep what must not meet a compiler's slots. */
function slotBefore(name: string): Hex {
  return word(BigInt(keccak256(stringToBytes(name))) - 1n)
}
