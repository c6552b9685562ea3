/** What a header must be after its parent, rule by rule; each broken one is named. */
import type { Hex } from 'viem'
import { greater, hexToBytes } from '../bytes.ts'
import { EMPTY_OMMERS_HASH } from '../header.ts'
import type { Rules } from '../rules.ts'
import { excessBlobGasAfter, GAS_PER_BLOB } from './blob-gas.ts'
import { brokenRule } from './block-rule.ts'
import { difficultyAfter } from './difficulty.ts'
import type { Era, ForkSchedule } from './fork-schedule.ts'
import type { EthereumHeader } from './header.ts'

const MAX_EXTRA_DATA_BYTES = 32
const MAX_GAS_LIMIT = (1n << 63n) - 1n
const MIN_GAS_LIMIT = 5_000n
/** Gas limits move by less than this part of the parent's. */
const GAS_LIMIT_DIVISOR = 1_024n
/** EIP-1559. */
const INITIAL_BASE_FEE = 1_000_000_000n
const ELASTICITY = 2n
const BASE_FEE_DIVISOR = 8n
/** What ten blocks from the DAO fork on carry: "dao-hard-fork". */
const DAO_EXTRA_DATA: Hex = '0x64616f2d686172642d666f726b'
const DAO_EXTRA_DATA_BLOCKS = 10n
const NO_NONCE: Hex = '0x0000000000000000'

/** Throws {@link BrokenRuleError} where the header cannot follow its parent. */
export function checkHeader(schedule: ForkSchedule, era: Era, parent: EthereumHeader, header: EthereumHeader): void {
  checkFields(era.rules, header)
  if (header.number !== parent.number + 1n)
    throw brokenRule('INVALID_BLOCK_NUMBER', `number must be ${parent.number + 1n}, got ${header.number}`)
  if (header.timestamp <= parent.timestamp) {
    const reason = `timestamp must be after the parent's ${parent.timestamp}, got ${header.timestamp}`
    throw brokenRule('INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT', reason)
  }
  checkExtraData(schedule, header)
  checkDifficulty(era.rules, parent, header)
  checkGas(era.rules, parent, header)
  checkBlobGas(era, parent, header)
}

/** Fields that a fork has brought are there from it on, and not before. */
function checkFields(rules: Rules, header: EthereumHeader): void {
  const check = (field: keyof EthereumHeader, isDue: boolean) => {
    if ((header[field] !== undefined) === isDue) return
    throw brokenRule(
      'INCORRECT_BLOCK_FORMAT',
      `header ${field}: ${isDue ? 'is missing' : 'must be absent'} at ${rules.fork}`,
    )
  }
  check('baseFeePerGas', rules.hasBaseFee)
  check('withdrawalsRoot', rules.hasWithdrawals)
  check('blobGasUsed', rules.hasBlobGas)
  check('excessBlobGas', rules.hasBlobGas)
  check('parentBeaconBlockRoot', rules.storesBeaconRoot)
  check('requestsHash', rules.hasRequests)
}

function checkExtraData({ dao }: ForkSchedule, { extraData, number }: EthereumHeader): void {
  const { length } = hexToBytes(extraData)
  if (length > MAX_EXTRA_DATA_BYTES)
    throw brokenRule('EXTRA_DATA_TOO_BIG', `extraData must be at most ${MAX_EXTRA_DATA_BYTES} bytes, got ${length}`)
  if (dao === undefined || number < dao.block || number >= dao.block + DAO_EXTRA_DATA_BLOCKS) return
  if ((extraData === DAO_EXTRA_DATA) !== dao.supported) {
    const reason = `extraData ${dao.supported ? 'must' : 'must not'} be ${DAO_EXTRA_DATA}, got ${extraData}`
    throw brokenRule('EXTRA_DATA_INVALID_DAO', reason)
  }
}

function checkDifficulty({ difficulty: rule }: Rules, parent: EthereumHeader, header: EthereumHeader): void {
  if (rule === undefined) {
    checkMerged(header)
    return
  }
  const hasOmmers = parent.ommersHash !== EMPTY_OMMERS_HASH
  const { number, timestamp, difficulty } = parent
  const due = difficultyAfter(rule, { number, timestamp, difficulty, hasOmmers }, header.timestamp)
  if (header.difficulty !== due)
    throw brokenRule('INVALID_DIFFICULTY', `difficulty must be ${due}, got ${header.difficulty}`)
}

/** EIP-3675. */
function checkMerged({ difficulty, nonce, ommersHash }: EthereumHeader): void {
  if (difficulty !== 0n)
    throw brokenRule('IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS', `difficulty must be 0, got ${difficulty}`)
  if (nonce !== NO_NONCE) throw brokenRule('INCORRECT_BLOCK_FORMAT', `nonce must be ${NO_NONCE}, got ${nonce}`)
  if (ommersHash !== EMPTY_OMMERS_HASH)
    throw brokenRule('IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS', 'there must be no ommers after the merge')
}

function checkGas(rules: Rules, parent: EthereumHeader, header: EthereumHeader): void {
  const { gasLimit, gasUsed } = header
  if (gasLimit > MAX_GAS_LIMIT)
    throw brokenRule('GASLIMIT_TOO_BIG', `gasLimit must be at most ${MAX_GAS_LIMIT}, got ${gasLimit}`)
  checkGasLimit(
    rules.hasBaseFee && parent.baseFeePerGas === undefined ? parent.gasLimit * ELASTICITY : parent.gasLimit,
    gasLimit,
  )
  if (gasUsed > gasLimit) throw brokenRule('GAS_USED_OVERFLOW', `gasUsed ${gasUsed} is over the gasLimit ${gasLimit}`)
  if (!rules.hasBaseFee) return
  const due = baseFeeAfter(parent)
  if (header.baseFeePerGas !== due)
    throw brokenRule('INVALID_BASEFEE_PER_GAS', `baseFeePerGas must be ${due}, got ${header.baseFeePerGas}`)
}

function checkGasLimit(before: bigint, gasLimit: bigint): void {
  const moved = gasLimit > before ? gasLimit - before : before - gasLimit
  const bound = before / GAS_LIMIT_DIVISOR
  if (moved >= bound)
    throw brokenRule('INVALID_GASLIMIT', `gasLimit must move by less than ${bound} from ${before}, got ${gasLimit}`)
  if (gasLimit < MIN_GAS_LIMIT)
    throw brokenRule('INVALID_GASLIMIT', `gasLimit must be at least ${MIN_GAS_LIMIT}, got ${gasLimit}`)
}

/** EIP-1559: wei per gas of the block after `parent`. */
export function baseFeeAfter({ baseFeePerGas, gasLimit, gasUsed }: EthereumHeader): bigint {
  if (baseFeePerGas === undefined) return INITIAL_BASE_FEE
  const target = gasLimit / ELASTICITY
  if (gasUsed === target) return baseFeePerGas
  const change = (off: bigint) => (baseFeePerGas * off) / target / BASE_FEE_DIVISOR
  return gasUsed < target
    ? baseFeePerGas - change(target - gasUsed)
    : baseFeePerGas + greater(change(gasUsed - target), 1n)
}

function checkBlobGas({ rules, blobs }: Era, parent: EthereumHeader, header: EthereumHeader): void {
  if (blobs === undefined) return
  const { blobGasUsed = 0n, excessBlobGas } = header
  const most = blobs.max * GAS_PER_BLOB
  if (blobGasUsed > most)
    throw brokenRule('BLOB_GAS_USED_ABOVE_LIMIT', `blobGasUsed must be at most ${most}, got ${blobGasUsed}`)
  if (blobGasUsed % GAS_PER_BLOB !== 0n)
    throw brokenRule('INCORRECT_BLOB_GAS_USED', `blobGasUsed must be a multiple of ${GAS_PER_BLOB}, got ${blobGasUsed}`)
  const due = excessBlobGasAfter(parent, blobs, rules.hasBlobReservePrice)
  if (excessBlobGas !== due)
    throw brokenRule('INCORRECT_EXCESS_BLOB_GAS', `excessBlobGas must be ${due}, got ${excessBlobGas}`)
}
