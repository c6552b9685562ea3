/**
 * The viem chain definition of an OpenLedger network: op-stack formatters, serializers and predeploys,
 * and the L1 contracts by the L1's chain id as viem's op-stack actions look them up
 * (viem.sh/op-stack; specs.optimism.io, "Predeploys").
 */
import { type Chain, defineChain } from 'viem'
import { chainConfig } from 'viem/op-stack'
import { type Address, PREDEPLOYS, PREINSTALLS } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'

export type OpenledgerChainConfig = {
  l1ChainId: number
  l2ChainId: number
  /** OptimismPortal on L1. */
  portal: Address
  l2OutputOracle: Address
  l1StandardBridge?: Address
  l1CrossDomainMessenger?: Address
  /** OPEN, the ERC-20 on L1 that pays for gas on L2. */
  openToken?: Address
  name?: string
  /** JSON-RPC endpoint of L2. */
  rpcUrl?: string
  /** Seconds between L2 blocks. */
  blockTime?: number
}

const DEFAULT_RPC = 'http://127.0.0.1:8545'

/**
 * A viem chain for an OpenLedger network, from its own fields or from a node's whole chain config.
 *
 * @example
 * const chain = openledgerChain({ l1ChainId: 900, l2ChainId: 901, portal, l2OutputOracle })
 * const client = createPublicClient({ chain, transport: http() }).extend(openledgerPublicActions())
 */
export function openledgerChain(source: OpenledgerChainConfig | ChainConfig) {
  const config = 'depositContractAddress' in source ? fieldsOf(source) : source
  const onL1 = (address: Address) => ({ [config.l1ChainId]: { address } })
  return defineChain({
    ...chainConfig,
    id: config.l2ChainId,
    name: config.name ?? 'OpenLedger',
    sourceId: config.l1ChainId,
    blockTime: (config.blockTime ?? 2) * 1000,
    nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 },
    rpcUrls: { default: { http: [config.rpcUrl ?? DEFAULT_RPC] } },
    contracts: {
      ...chainConfig.contracts,
      multicall3: { address: PREINSTALLS.multicall3 },
      wopen: { address: PREDEPLOYS.wopen },
      portal: onL1(config.portal),
      l2OutputOracle: onL1(config.l2OutputOracle),
      ...(config.openToken && { openToken: onL1(config.openToken) }),
      ...(config.l1StandardBridge && { l1StandardBridge: onL1(config.l1StandardBridge) }),
      ...(config.l1CrossDomainMessenger && { l1CrossDomainMessenger: onL1(config.l1CrossDomainMessenger) }),
    },
  })
}

export type OpenledgerChain = ReturnType<typeof openledgerChain>

function fieldsOf(config: ChainConfig): OpenledgerChainConfig {
  return {
    l1ChainId: config.l1ChainId,
    l2ChainId: config.l2ChainId,
    portal: config.depositContractAddress,
    l2OutputOracle: config.l2OutputOracleAddress,
    l1StandardBridge: config.l1StandardBridgeAddress,
    l1CrossDomainMessenger: config.l1CrossDomainMessengerAddress,
    openToken: config.openTokenAddress,
    name: config.name,
    blockTime: config.blockTime,
  }
}

/** Address of an L1 contract of a chain definition, or undefined where the chain does not name one for that L1. */
export function l1Contract(chain: Chain, name: string, l1ChainId: number): Address | undefined {
  const entry: unknown = chain.contracts?.[name]
  if (typeof entry !== 'object' || entry === null) return undefined
  const onChain: unknown = Reflect.get(entry, l1ChainId)
  if (typeof onChain !== 'object' || onChain === null) return undefined
  const address: unknown = Reflect.get(onChain, 'address')
  return typeof address === 'string' && address.startsWith('0x') ? (address as Address) : undefined
}
