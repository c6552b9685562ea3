/**
 * The one file that a node needs to know a chain: what op-node calls the rollup config, and what
 * block 0 is made of. Field names follow the rollup config of the OP Stack (specs.optimism.io).
 */
import { z } from 'zod'
import { type Address, PREDEPLOYS } from './addresses.ts'

const hex = (bytes: number) => {
  const rule = `must be 0x and ${bytes * 2} hexadecimal digits`
  return z
    .string({ error: rule })
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), rule)
    .transform((text) => text.toLowerCase() as `0x${string}`)
}
const address = hex(20) as z.ZodType<Address>
const hash = hex(32)
const wholeNumber = (least: number, rule: string) => z.int({ error: rule }).min(least, rule)
const uint = wholeNumber(0, 'must be a whole number from 0')
const WEI = 'must be a decimal string of wei'
/** A decimal string: JSON has no big integers. */
const wei = z
  .string({ error: WEI })
  .regex(/^[0-9]+$/, WEI)
  .transform(BigInt)
const only = <const T extends number>(value: T) => z.literal(value, { error: `must be ${value}` })

/** An unknown key has an issue of its own; anything else that is wrong with the object itself is that it is none. */
const object = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : 'must be an object') })
const weiBy = <K extends z.core.$ZodRecordKey>(key: K) =>
  z.record(key, wei, { error: ({ code }) => (code === 'invalid_key' ? undefined : 'must be an object') })

const systemConfig = object({
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

/** Durations in seconds, at most those of the Governor's own types. */
const governance = object({
  /** From a proposal to the snapshot of votes. */
  votingDelay: uint.max(2 ** 32 - 1, 'must be below 2^32'),
  /** From the snapshot to the end of the vote. */
  votingPeriod: wholeNumber(1, 'must be a whole number above 0').max(2 ** 32 - 1, 'must be below 2^32'),
  /** Votes, in wei, that a proposer needs. */
  proposalThreshold: wei,
  /** Of all gOPEN, for and abstaining. */
  quorumPercent: uint.max(100, 'must be a whole number from 0 to 100'),
  /** From queueing to execution. */
  timelockDelay: uint.max(2 ** 32 - 1, 'must be below 2^32'),
})

const NAME = 'must be a text that is not empty'

export const chainConfigSchema = object({
  name: z.string({ error: NAME }).min(1, NAME),
  protocolVersion: only(1),
  network: z.enum(['production', 'development'], { error: 'must be "production" or "development"' }),
  l1ChainId: uint,
  l2ChainId: uint,
  /** Seconds. */
  blockTime: wholeNumber(1, 'must be a whole number above 0'),
  maxSequencerDrift: uint,
  /** L1 blocks. */
  seqWindowSize: uint,
  /** L1 blocks; 50 since Granite. */
  channelTimeout: uint,
  genesis: object({
    l1: object({ number: uint, hash }),
    l2: object({ number: only(0), hash }),
    /** Seconds since 1970. */
    l2Time: uint,
    systemConfig,
    /** Accounts with OPEN at block 0 (development networks only), decimal strings of wei by address. */
    balances: weiBy(address),
    /** Ledger parameters that differ from the network's defaults, by name. */
    parameters: weiBy(z.string()),
    /** Who sets Parameters and Datanets' weights and grants from the treasury; the governance timelock where absent. */
    governor: address.default(PREDEPLOYS.timelock),
    /** The Governor's settings at block 0; the network's own (governance.ts) where absent. */
    governance: governance.optional(),
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
export type GovernanceSettings = z.output<typeof governance>

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
  throw new ChainConfigError(`chain config: ${fault(parsed.error.issues[0]!, json)}`)
}

/** `field: rule, got value`. */
function fault(issue: z.core.$ZodIssue, json: unknown): string {
  const field = (path: PropertyKey[]) => path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]!]
    return `${field(path)}: is not a field of a chain config, got ${shown(valueAt(json, path))}`
  }
  if (issue.code === 'invalid_key') {
    const rule = issue.issues[0]?.message ?? issue.message
    return `${field(issue.path.slice(0, -1))}: keys ${rule}, got ${shown(issue.path.at(-1))}`
  }
  if (issue.path.length === 0) return `${issue.message}, got ${shown(json)}`
  const value = valueAt(json, issue.path)
  if (value === undefined) return `${field(issue.path)}: is missing, ${issue.message}`
  return `${field(issue.path)}: ${issue.message}, got ${shown(value)}`
}

const valueAt = (json: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], json)

const LONGEST_VALUE = 100

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`
}

export function serializeChainConfig(config: ChainConfig): string {
  return `${JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}
