/**
 * The one file that a node needs to know a chain: what op-node calls the rollup config, and what
 * block 0 is made of. Field names follow the rollup config of the OP Stack (specs.optimism.io).
 */
import { z } from 'zod'
import type { Address } from './addresses.ts'

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `must be 0x and ${bytes * 2} hexadecimal digits`)
    .transform((text) => text.toLowerCase() as `0x${string}`)
const address = hex(20) as z.ZodType<Address>
const hash = hex(32)
const uint = z.number().int().nonnegative()
/** A decimal string: JSON has no big integers. */
const wei = z
  .string()
  .regex(/^[0-9]+$/, 'must be a decimal string of wei')
  .transform(BigInt)

const systemConfig = z.strictObject({
  batcherAddr: address,
  /** Ecotone fee scalar: version byte 1, …, blobBaseFeeScalar u32 at byte 24, baseFeeScalar u32 at byte 28. */
  scalar: hash,
  gasLimit: uint,
  /** Holocene: denominator u32 ‖ elasticity u32. */
  eip1559Params: hex(8),
  operatorFeeScalar: uint,
  /** Decimal string, u64. */
  operatorFeeConstant: wei,
  minBaseFee: wei,
  daFootprintGasScalar: uint,
})

export const chainConfigSchema = z.strictObject({
  name: z.string().min(1),
  protocolVersion: z.literal(1),
  network: z.enum(['production', 'development']),
  l1ChainId: uint,
  l2ChainId: uint,
  /** Seconds. */
  blockTime: z.number().int().positive(),
  maxSequencerDrift: uint,
  /** L1 blocks. */
  seqWindowSize: uint,
  /** L1 blocks; 50 since Granite. */
  channelTimeout: uint,
  genesis: z.strictObject({
    l1: z.strictObject({ number: uint, hash }),
    l2: z.strictObject({ number: z.literal(0), hash }),
    /** Seconds since 1970. */
    l2Time: uint,
    systemConfig,
    /** Accounts with OPEN at block 0 (development networks only), decimal strings of wei by address. */
    balances: z.record(address, wei),
    /** Ledger parameters that differ from the network's defaults, by name. */
    parameters: z.record(z.string(), wei),
    /** The account that may set Parameters (the governance timelock). */
    governor: address,
    /** Recipient of the fee vaults and L2 ProxyAdmin's owner. */
    feeRecipient: address,
  }),
  batchInboxAddress: address,
  /** OptimismPortal. */
  depositContractAddress: address,
  l1SystemConfigAddress: address,
  l2OutputOracleAddress: address,
  openTokenAddress: address,
  l1CrossDomainMessengerAddress: address,
  l1StandardBridgeAddress: address,
  /** Signer of unsafe blocks on the gossip topic. */
  unsafeBlockSigner: address,
})

export type ChainConfig = z.output<typeof chainConfigSchema>
export type SystemConfig = ChainConfig['genesis']['systemConfig']

/** A chain config that cannot be used: names the field, the value and what it must be. */
export class ChainConfigError extends Error {
  override name = 'ChainConfigError'
}

/** Parses a chain config file's text. Throws {@link ChainConfigError} that names the first wrong field. */
export function parseChainConfig(text: string): ChainConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ChainConfigError(`chain config is not JSON: ${(error as Error).message}`)
  }
  const parsed = chainConfigSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], json)
  throw new ChainConfigError(
    `chain config: ${issue.path.join('.') || '(root)'}: ${issue.message}, got ${JSON.stringify(value)}`,
  )
}

export function serializeChainConfig(config: ChainConfig): string {
  return `${JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}
