import { describe, expect, it } from 'vitest'
import { wordHex } from '../bytes.ts'
import type { Fork } from '../fork.ts'
import { EMPTY_OMMERS_HASH, EMPTY_ROOT } from '../header.ts'
import { ETHEREUM_RULES } from '../rules.ts'
import type { BrokenRuleError } from './block-rule.ts'
import { type ForkSchedule, MAINNET_BLOBS, MAINNET_DEPOSIT_CONTRACT } from './fork-schedule.ts'
import type { EthereumHeader } from './header.ts'
import { baseFeeAfter, checkHeader } from './header-rules.ts'

const SCHEDULE: ForkSchedule = {
  chainId: 1n,
  blocks: {},
  times: {},
  terminalTotalDifficulty: 0n,
  dao: undefined,
  blobs: MAINNET_BLOBS,
  depositContract: MAINNET_DEPOSIT_CONTRACT,
}

const PARENT: EthereumHeader = {
  parentHash: wordHex(1n),
  ommersHash: EMPTY_OMMERS_HASH,
  beneficiary: '0x00000000000000000000000000000000000000aa',
  stateRoot: EMPTY_ROOT,
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: `0x${'00'.repeat(256)}`,
  difficulty: 0n,
  number: 10n,
  gasLimit: 30_000_000n,
  gasUsed: 15_000_000n,
  timestamp: 1_000n,
  extraData: '0x',
  mixHash: wordHex(0n),
  nonce: '0x0000000000000000',
  baseFeePerGas: 7n,
  withdrawalsRoot: EMPTY_ROOT,
  blobGasUsed: 0n,
  excessBlobGas: 0n,
  parentBeaconBlockRoot: wordHex(0n),
  requestsHash: undefined,
}
const CHILD: EthereumHeader = { ...PARENT, number: 11n, timestamp: 1_012n }

function brokenBy(changes: Partial<EthereumHeader>, fork: Fork = 'cancun', schedule = SCHEDULE): string {
  try {
    checkHeader(schedule, { rules: ETHEREUM_RULES[fork], blobs: MAINNET_BLOBS[fork] }, PARENT, { ...CHILD, ...changes })
    return 'nothing'
  } catch (error) {
    return (error as BrokenRuleError).rule.replace('BlockException.', '')
  }
}

describe('a header after its parent', () => {
  it('is taken where it breaks no rule', () => {
    expect(brokenBy({})).toBe('nothing')
  })

  it.each<[string, Partial<EthereumHeader>]>([
    ['INVALID_BLOCK_NUMBER', { number: 12n }],
    ['INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT', { timestamp: 1_000n }],
    ['EXTRA_DATA_TOO_BIG', { extraData: `0x${'11'.repeat(33)}` }],
    ['GASLIMIT_TOO_BIG', { gasLimit: 2n ** 63n }],
    ['INVALID_GASLIMIT', { gasLimit: 30_000_000n + 30_000_000n / 1_024n }],
    ['INVALID_GASLIMIT', { gasLimit: 4_999n }],
    ['GAS_USED_OVERFLOW', { gasUsed: 30_000_001n }],
    ['INVALID_BASEFEE_PER_GAS', { baseFeePerGas: 8n }],
    ['IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS', { difficulty: 1n }],
    ['IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS', { ommersHash: wordHex(1n) }],
    ['INCORRECT_BLOCK_FORMAT', { nonce: '0x0000000000000001' }],
    ['INCORRECT_BLOCK_FORMAT', { withdrawalsRoot: undefined }],
    ['INCORRECT_BLOCK_FORMAT', { requestsHash: wordHex(0n) }],
    ['INCORRECT_EXCESS_BLOB_GAS', { excessBlobGas: 131_072n }],
    ['INCORRECT_BLOB_GAS_USED', { blobGasUsed: 1n }],
    ['BLOB_GAS_USED_ABOVE_LIMIT', { blobGasUsed: 7n * 131_072n }],
  ])('is refused by %s', (rule, changes) => {
    expect(brokenBy(changes)).toBe(rule)
  })

  it('says what a header of an earlier fork must lack', () => {
    expect(brokenBy({}, 'shanghai')).toBe('INCORRECT_BLOCK_FORMAT')
  })

  it("carries the DAO fork's mark for ten blocks", () => {
    const dao = (block: bigint, supported = true) => ({ ...SCHEDULE, dao: { block, supported } })
    const marked = { extraData: '0x64616f2d686172642d666f726b' } as const
    expect(brokenBy({}, 'cancun', dao(11n))).toBe('EXTRA_DATA_INVALID_DAO')
    expect(brokenBy(marked, 'cancun', dao(11n))).toBe('nothing')
    expect(brokenBy({}, 'cancun', dao(2n))).toBe('EXTRA_DATA_INVALID_DAO')
    expect(brokenBy({}, 'cancun', dao(1n))).toBe('nothing')
    expect(brokenBy(marked, 'cancun', dao(11n, false))).toBe('EXTRA_DATA_INVALID_DAO')
  })
})

describe('the base fee', () => {
  it('begins with 1 gwei, and moves by up to an eighth with the gas used', () => {
    expect(baseFeeAfter({ ...PARENT, baseFeePerGas: undefined })).toBe(1_000_000_000n)
    expect(baseFeeAfter({ ...PARENT, baseFeePerGas: 800n, gasUsed: 30_000_000n })).toBe(900n)
    expect(baseFeeAfter({ ...PARENT, baseFeePerGas: 800n, gasUsed: 0n })).toBe(700n)
    expect(baseFeeAfter({ ...PARENT, baseFeePerGas: 7n, gasUsed: 15_000_001n })).toBe(8n)
  })
})
