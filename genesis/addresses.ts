/**
 * Every address that the protocol fixes. Predeploys and system addresses are the OP Stack's
 * (specs.optimism.io, "Predeploys", "Deposits"); native contracts are ours: the prefix
 * 0x4f50454e ("OPEN"), zeros, and one final byte.
 */
export type Address = `0x${string}`

/** Sender of the L1 attributes deposit: the L1 attributes depositor account. */
export const L1_ATTRIBUTES_DEPOSITOR: Address = '0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001'

/** Reserved sender of the maturing deposit (docs/protocol.md, "The maturing deposit"). */
export const MATURING_DEPOSITOR: Address = '0xdeaddeaddeaddeaddeaddeaddeaddeadde4f504e'

/** EIP-4788 and EIP-2935 system contracts and their caller. */
export const SYSTEM_ADDRESS: Address = '0xfffffffffffffffffffffffffffffffffffffffe'
export const BEACON_ROOTS: Address = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02'
export const HISTORY_STORAGE: Address = '0x0000f90827f1c53a10cb7a02335b175320002935'

export const PREDEPLOYS = {
  wopen: '0x4200000000000000000000000000000000000006',
  l2CrossDomainMessenger: '0x4200000000000000000000000000000000000007',
  gasPriceOracle: '0x420000000000000000000000000000000000000f',
  l2StandardBridge: '0x4200000000000000000000000000000000000010',
  sequencerFeeVault: '0x4200000000000000000000000000000000000011',
  optimismMintableErc20Factory: '0x4200000000000000000000000000000000000012',
  l1Block: '0x4200000000000000000000000000000000000015',
  l2ToL1MessagePasser: '0x4200000000000000000000000000000000000016',
  proxyAdmin: '0x4200000000000000000000000000000000000018',
  baseFeeVault: '0x4200000000000000000000000000000000000019',
  l1FeeVault: '0x420000000000000000000000000000000000001a',
  operatorFeeVault: '0x420000000000000000000000000000000000001b',
  /** Locked OPEN as votes, at the place of the OP Stack's governance token; with Governor and timelock, not behind a proxy. */
  gopen: '0x4200000000000000000000000000000000000042',
  governor: '0x4200000000000000000000000000000000000043',
  timelock: '0x4200000000000000000000000000000000000044',
} as const satisfies Record<string, Address>

/** Faces of the ledger's assets for ordinary contracts: a Datanet's shares (ERC-20), each by a clone, and models (ERC-721). */
export const ASSET_FACES = {
  shareImplementation: '0x4200000000000000000000000000000000000050',
  shareFactory: '0x4200000000000000000000000000000000000051',
  modelToken: '0x4200000000000000000000000000000000000052',
} as const satisfies Record<string, Address>

/** ERC-8004's Identity Registry: agents as ERC-721 tokens. Not behind a proxy. */
export const AGENT_REGISTRY: Address = '0x4200000000000000000000000000000000000060'

export const PREINSTALLS = {
  multicall3: '0xca11bde05977b3631167028862be2a173976ca11',
  permit2: '0x000000000022d473030f116ddee9f6b43ac78ba3',
  create2Deployer: '0x4e59b44847b379578588920ca78fbf26c0b4956c',
} as const satisfies Record<string, Address>

export const NATIVE = {
  datanets: '0x4f50454e00000000000000000000000000000001',
  models: '0x4f50454e00000000000000000000000000000002',
  channels: '0x4f50454e00000000000000000000000000000003',
  attribution: '0x4f50454e00000000000000000000000000000004',
  staking: '0x4f50454e00000000000000000000000000000005',
  parameters: '0x4f50454e00000000000000000000000000000006',
  agents: '0x4f50454e00000000000000000000000000000007',
} as const satisfies Record<string, Address>

export type NativeName = keyof typeof NATIVE

/** Burned wei goes where nobody can take it. */
export const BURNED: Address = '0x000000000000000000000000000000000000dead'

/** The code of every native account: INVALID, so that code that reaches it by DELEGATECALL fails. */
export const NATIVE_CODE = '0xfe'
