/**
 * A chain as geth's genesis file describes it (go-ethereum, core/genesis.go, params/config.go): its forks by block, total difficulty
 * and time, the header of block 0 and the accounts in it. Every error names the field, the value and what it must be.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { type Address, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { PreparedState } from '../../state/state-database.ts'
import { emptyDiff, type StateDiff } from '../../state/state-diff.ts'
import { bytesToHex, hexToBytes, wordHex } from '../bytes.ts'
import { FORKS, type Fork } from '../fork.ts'
import { EMPTY_CODE_HASH, EMPTY_OMMERS_HASH, EMPTY_REQUESTS_HASH, EMPTY_ROOT } from '../header.ts'
import type { OpRules } from '../op-rules.ts'
import { type OpSchedule, opRulesAt } from '../op-schedule.ts'
import type { Rules } from '../rules.ts'
import { blockOfHeader, type EthereumBlock } from './block.ts'
import { eraAt, type ForkSchedule, MAINNET_BLOBS, MAINNET_DEPOSIT_CONTRACT } from './fork-schedule.ts'
import type { EthereumHeader } from './header.ts'

/** A genesis file that cannot be used. */
export class GenesisError extends Error {
  override name = 'GenesisError'
}

export type Genesis = {
  schedule: ForkSchedule
  /** Block 0 but for the state root, which follows from {@link Genesis.accounts}. */
  header: Omit<EthereumHeader, 'stateRoot'>
  /** Every account of block 0, empty ones too. */
  accounts: StateDiff
}

/** geth's fields for forks by block. */
const BY_BLOCK = {
  homesteadBlock: 'homestead',
  eip150Block: 'tangerineWhistle',
  eip155Block: 'spuriousDragon',
  byzantiumBlock: 'byzantium',
  constantinopleBlock: 'constantinople',
  petersburgBlock: 'petersburg',
  istanbulBlock: 'istanbul',
  muirGlacierBlock: 'muirGlacier',
  berlinBlock: 'berlin',
  londonBlock: 'london',
  arrowGlacierBlock: 'arrowGlacier',
  grayGlacierBlock: 'grayGlacier',
} as const satisfies Record<string, Fork>

/** … and by time. */
const BY_TIME = {
  shanghaiTime: 'shanghai',
  cancunTime: 'cancun',
  pragueTime: 'prague',
  osakaTime: 'osaka',
  bpo1Time: 'bpo1',
  bpo2Time: 'bpo2',
  bpo3Time: 'bpo3',
  bpo4Time: 'bpo4',
  bpo5Time: 'bpo5',
} as const satisfies Record<string, Fork>

/** A JSON number, or a string in hexadecimal or decimal. */
const quantity = z
  .union([z.string(), z.bigint()])
  .refine((value) => typeof value === 'bigint' || /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value), 'must be a quantity')
  .transform(BigInt)

const hex = (what: string, test: RegExp) =>
  z
    .string()
    .regex(test, `must be ${what}`)
    .transform((text): Hex => `0x${text.replace(/^0x/, '').toLowerCase()}`)
const address = hex('an address: 40 hexadecimal digits', /^(0x)?[0-9a-fA-F]{40}$/)
const hash = hex('a hash: 0x and 64 hexadecimal digits', /^0x[0-9a-fA-F]{64}$/)
const bytes = hex('bytes: 0x and pairs of hexadecimal digits', /^0x([0-9a-fA-F]{2})*$/)

const optionalEach = <Name extends string>(names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, quantity.nullish()])) as Record<
    Name,
    z.ZodOptional<z.ZodNullable<typeof quantity>>
  >

const blobs = z.strictObject({ target: quantity, max: quantity, baseFeeUpdateFraction: quantity })

/** Consensus engines and markers that geth writes, none of which changes a rule here. */
const IGNORED = [
  'ethash',
  'mergeNetsplitBlock',
  'terminalTotalDifficultyPassed',
  'eip150Hash',
  'blobScheduleConfig',
] as const

const configSchema = z.strictObject({
  chainId: quantity,
  ...optionalEach(Object.keys(BY_BLOCK) as (keyof typeof BY_BLOCK)[]),
  ...optionalEach(Object.keys(BY_TIME) as (keyof typeof BY_TIME)[]),
  /** Always EIP-155's: one fork brought both. */
  eip158Block: quantity.nullish(),
  daoForkBlock: quantity.nullish(),
  daoForkSupport: z.boolean().optional(),
  terminalTotalDifficulty: quantity.nullish(),
  depositContractAddress: address.optional(),
  blobSchedule: z.partialRecord(z.enum(FORKS), blobs).nullish(),
  ...(Object.fromEntries(IGNORED.map((name) => [name, z.unknown().optional()])) as Record<
    (typeof IGNORED)[number],
    z.ZodOptional<z.ZodUnknown>
  >),
})

const blockZeroFields = {
  nonce: quantity.optional(),
  timestamp: quantity.optional(),
  extraData: bytes.optional(),
  gasLimit: quantity,
  difficulty: quantity.optional(),
  mixHash: hash.optional(),
  coinbase: address.optional(),
  alloc: z.record(
    address,
    z.strictObject({
      balance: quantity,
      nonce: quantity.optional(),
      code: bytes.optional(),
      storage: z.record(hash, hash).optional(),
      secretKey: z.unknown().optional(),
    }),
  ),
  number: quantity.nullish(),
  gasUsed: quantity.nullish(),
  parentHash: hash.nullish(),
  baseFeePerGas: quantity.nullish(),
  excessBlobGas: quantity.nullish(),
  blobGasUsed: quantity.nullish(),
}

const genesisSchema = z.strictObject({ config: configSchema, ...blockZeroFields })
/** The forks of an OP chain stand in its rollup config; the file's own word for them is not looked at. */
const opGenesisSchema = z.strictObject({ config: z.unknown(), slotNumber: z.unknown().optional(), ...blockZeroFields })

type Config = z.output<typeof configSchema>
type BlockZeroFile = Omit<z.output<typeof genesisSchema>, 'config'>

/** Reads a genesis file's text. Throws {@link GenesisError}. */
export function parseGenesis(text: string): Genesis {
  const file = parseFile(genesisSchema, text)
  const schedule = scheduleOf(file.config)
  const difficulty = difficultyOf(file)
  const { number, timestamp = 0n } = file
  const { rules } = eraAt(schedule, { number: number ?? 0n, timestamp, parentTotalDifficulty: difficulty })
  return { schedule, header: headerOf(file, rules, difficulty), accounts: accountsOf(file.alloc) }
}

/** Reads an OP chain's genesis file, whose forks are given. Throws {@link GenesisError}. */
export function parseOpGenesis(text: string, schedule: OpSchedule): Omit<Genesis, 'schedule'> & { rules: OpRules } {
  const file = parseFile(opGenesisSchema, text)
  const rules = opRulesAt(schedule, file.timestamp ?? 0n)
  const header = headerOf(file, rules, file.difficulty ?? 0n)
  // There are no requests on a layer 2, and the header says so (Isthmus).
  const requestsHash = rules.withdrawalsRoot === 'message passer' ? EMPTY_REQUESTS_HASH : undefined
  return { rules, header: { ...header, requestsHash }, accounts: accountsOf(file.alloc) }
}

/** Block 0 of an OP chain, once its accounts have been prepared. */
export function opGenesisBlockOf(
  { header, rules }: ReturnType<typeof parseOpGenesis>,
  state: PreparedState,
): EthereumBlock {
  const { stateRoot } = state
  if (rules.withdrawalsRoot !== 'message passer') return blockOfHeader({ ...header, stateRoot })
  return blockOfHeader({ ...header, stateRoot, withdrawalsRoot: state.storageRoot(PREDEPLOYS.l2ToL1MessagePasser) })
}

function parseFile<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const json = parseJson(text)
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw faultOf(parsed.error.issues[0]!, json)
  return parsed.data
}

/** Block 0, once the root of its accounts is known. */
export function genesisBlockOf({ header }: Genesis, stateRoot: Hex): EthereumBlock {
  return blockOfHeader({ ...header, stateRoot })
}

/** Whole numbers as bigints, to the last digit: total difficulties are beyond what a JSON number holds. */
function parseJson(text: string): unknown {
  const exact = (_: string, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    return typeof value === 'number' && source !== undefined && /^[0-9]+$/.test(source) ? BigInt(source) : value
  }
  try {
    return JSON.parse(text, exact)
  } catch (error) {
    throw new GenesisError(`genesis is not JSON: ${(error as Error).message}`)
  }
}

function faultOf(issue: z.core.$ZodIssue, json: unknown): GenesisError {
  if (issue.code === 'unrecognized_keys') {
    const name = [...issue.path, issue.keys[0]].join('.')
    return new GenesisError(`genesis: ${name}: no such field is known to any fork up to ${FORKS.at(-1)}`)
  }
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], json)
  const shown = typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
  return new GenesisError(`genesis: ${issue.path.join('.') || '(root)'}: ${issue.message}, got ${shown}`)
}

function scheduleOf(config: Config): ForkSchedule {
  const { eip155Block, eip158Block, daoForkBlock } = config
  if ((eip155Block ?? undefined) !== (eip158Block ?? undefined))
    throw new GenesisError(`genesis: config.eip158Block: must be eip155Block's ${eip155Block}, got ${eip158Block}`)
  checkOrder(config, Object.keys(BY_BLOCK) as (keyof typeof BY_BLOCK)[])
  checkOrder(config, Object.keys(BY_TIME) as (keyof typeof BY_TIME)[])
  return {
    chainId: config.chainId,
    blocks: named(config, BY_BLOCK),
    times: named(config, BY_TIME),
    terminalTotalDifficulty: config.terminalTotalDifficulty ?? undefined,
    dao: daoForkBlock == null ? undefined : { block: daoForkBlock, supported: config.daoForkSupport ?? false },
    blobs: { ...MAINNET_BLOBS, ...config.blobSchedule },
    depositContract: config.depositContractAddress ?? MAINNET_DEPOSIT_CONTRACT,
  }
}

function named<Name extends keyof Config>(config: Config, forks: Record<Name, Fork>): Partial<Record<Fork, bigint>> {
  const points: Partial<Record<Fork, bigint>> = {}
  for (const [name, fork] of Object.entries(forks) as [Name, Fork][]) {
    const at = config[name]
    if (typeof at === 'bigint') points[fork] = at
  }
  return points
}

/** Forks of the difficulty and of parameters may be left out; no fork may come before an earlier one. */
const OPTIONAL = /Glacier|^bpo/

function checkOrder(config: Config, names: (keyof Config)[]): void {
  let last: { name: string; at: bigint } | undefined
  let missing: string | undefined
  for (const name of names) {
    const at = config[name]
    if (typeof at !== 'bigint') {
      if (!OPTIONAL.test(name)) missing ??= name
      continue
    }
    if (missing !== undefined)
      throw new GenesisError(`genesis: config.${missing}: must be given, because ${name} (${at}) comes after it`)
    if (last !== undefined && at < last.at)
      throw new GenesisError(`genesis: config.${name}: must not be before ${last.name} (${last.at}), got ${at}`)
    last = { name, at }
  }
}

const ZERO_HASH = wordHex(0n)
const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000'
const DEFAULT_GAS_LIMIT = 4_712_388n
const DEFAULT_DIFFICULTY = 131_072n
const INITIAL_BASE_FEE = 1_000_000_000n

/** geth's: 131,072 on a chain that mines, where the file says nothing. */
function difficultyOf({ difficulty, mixHash = ZERO_HASH, config }: z.output<typeof genesisSchema>): bigint {
  const isMined = config.ethash !== undefined && mixHash === ZERO_HASH
  return difficulty ?? (isMined ? DEFAULT_DIFFICULTY : 0n)
}

function headerOf(file: BlockZeroFile, rules: Rules, difficulty: bigint): Genesis['header'] {
  const { number, timestamp = 0n, mixHash = ZERO_HASH, nonce = 0n } = file
  return {
    parentHash: file.parentHash ?? ZERO_HASH,
    ommersHash: EMPTY_OMMERS_HASH,
    beneficiary: file.coinbase ?? ZERO_ADDRESS,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: `0x${'00'.repeat(256)}`,
    difficulty,
    number: number ?? 0n,
    gasLimit: file.gasLimit === 0n ? DEFAULT_GAS_LIMIT : file.gasLimit,
    gasUsed: file.gasUsed ?? 0n,
    timestamp,
    extraData: file.extraData ?? '0x',
    mixHash,
    nonce: `0x${nonce.toString(16).padStart(16, '0')}`,
    baseFeePerGas: rules.hasBaseFee ? (file.baseFeePerGas ?? INITIAL_BASE_FEE) : undefined,
    withdrawalsRoot: rules.hasWithdrawals ? EMPTY_ROOT : undefined,
    blobGasUsed: rules.hasBlobGas ? (file.blobGasUsed ?? 0n) : undefined,
    excessBlobGas: rules.hasBlobGas ? (file.excessBlobGas ?? 0n) : undefined,
    parentBeaconBlockRoot: rules.storesBeaconRoot ? ZERO_HASH : undefined,
    requestsHash: rules.hasRequests ? EMPTY_REQUESTS_HASH : undefined,
  }
}

function accountsOf(alloc: BlockZeroFile['alloc']): StateDiff {
  const diff = emptyDiff()
  for (const [key, { balance, nonce = 0n, code = '0x', storage = {} }] of Object.entries(alloc)) {
    const account = key as Address
    const codeBytes = hexToBytes(code)
    const codeHash = codeBytes.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(codeBytes))
    diff.accounts.set(account, { nonce, balance, codeHash })
    if (codeBytes.length > 0) diff.codes.set(codeHash, codeBytes)
    const slots = Object.entries(storage).map(([slot, value]): [Hex, bigint] => [slot as Hex, BigInt(value)])
    diff.storage.set(account, new Map(slots))
  }
  return diff
}
