/**
 * What the forks changed, in one table that a reader can tick off: each entry names what differs from the fork before it.
 * Only execution's own rules stand here. Opcodes, their gas and the precompiles are the engine's, which learns the fork's name.
 */
import { FORKS, type Fork } from './fork.ts'

const ETHER = 10n ** 18n

/** How difficulty follows from the parent's, before the merge (see ethereum/difficulty.ts). */
export type DifficultyRule = {
  /** Who is compared: the times of two blocks (Frontier), how many tens of seconds lie between (EIP-2), ommers too (EIP-100). */
  adjustment: 'frontier' | 'homestead' | 'byzantium'
  /** By how many blocks the "ice age" has been put off. */
  bombDelay: bigint
}

/** Largest inputs in bytes of precompiles whose work grows with them; beyond them the call fails. */
export type PrecompileBounds = { bn256Pairing?: number; blsG1Msm?: number; blsG2Msm?: number; blsPairing?: number }

export type Rules = {
  fork: Fork

  // A transaction, before it runs.
  /** Envelopes that may stand in a block (EIP-2718). */
  transactionTypes: readonly number[]
  /** Of a signature and its mirror only the one with the lower s is valid (EIP-2). */
  lowSOnly: boolean
  /** Legacy transactions may name their chain (EIP-155). */
  replayProtection: boolean
  /** Gas of creating a contract by a transaction (EIP-2). */
  creationGas: bigint
  /** Gas of a byte of data that is not zero; a zero byte costs 4. */
  dataByteGas: bigint
  /** Gas for each 32 bytes of init code, and how many bytes it may have (EIP-3860). */
  initCodeWordGas: bigint
  maxInitCodeBytes: number
  /** Least gas for each token of data, a zero byte being one and any other four; 0n where there is no floor (EIP-7623). */
  floorGasPerToken: bigint
  /** Most gas that a transaction may ask for (EIP-7825). */
  maxTransactionGas: bigint | undefined
  /** Blobs that one transaction may carry (EIP-7594). */
  maxTransactionBlobs: number | undefined

  // A transaction, when it runs.
  /** At most this part of the gas used is refunded: a half, then a fifth (EIP-3529). */
  refundQuotient: bigint
  /** Accounts and slots are cold until a transaction has met them (EIP-2929). */
  hasAccessSets: boolean
  /** The block's beneficiary starts warm (EIP-3651). */
  warmBeneficiary: boolean
  /** Touched accounts that end empty are removed (EIP-161). */
  removesEmptyAccounts: boolean
  /** SELFDESTRUCT removes only what the same transaction created (EIP-6780). */
  destroysOnlyCreated: boolean

  // A block.
  /** What a receipt begins with: the state's root after the transaction, or whether it succeeded (EIP-658). */
  receiptBegins: 'state root' | 'status'
  /** Wei to who mined the block. */
  blockReward: bigint
  /** Absent after the merge: difficulty, nonce and ommers are empty (EIP-3675). */
  difficulty: DifficultyRule | undefined
  /** Blocks have a base fee, which is burnt (EIP-1559). */
  hasBaseFee: boolean
  /** EIP-4895. */
  hasWithdrawals: boolean
  /** Headers count blob gas (EIP-4844). */
  hasBlobGas: boolean
  /** A block's first act is to store the beacon chain's root (EIP-4788). */
  storesBeaconRoot: boolean
  /** … and its parent's hash (EIP-2935). */
  storesParentHash: boolean
  /** Headers commit to requests to the beacon chain (EIP-7685): deposits 6110, withdrawals 7002, consolidations 7251. */
  hasRequests: boolean
  /** Blob gas does not become cheaper than the execution that pays for its verification (EIP-7918). */
  hasBlobReservePrice: boolean
  /** Bytes of RLP that a block may have (EIP-7934). */
  maxBlockBytes: number | undefined

  // The OP Stack.
  precompileBounds: PrecompileBounds | undefined
  /** Gas of P256VERIFY where the fork's own precompiles lack it (RIP-7212; Osaka has EIP-7951's). */
  p256VerifyGas: bigint | undefined
}

const FRONTIER: Rules = {
  fork: 'frontier',
  transactionTypes: [0],
  lowSOnly: false,
  replayProtection: false,
  creationGas: 0n,
  dataByteGas: 68n,
  initCodeWordGas: 0n,
  maxInitCodeBytes: Number.POSITIVE_INFINITY,
  floorGasPerToken: 0n,
  maxTransactionGas: undefined,
  maxTransactionBlobs: undefined,
  refundQuotient: 2n,
  hasAccessSets: false,
  warmBeneficiary: false,
  removesEmptyAccounts: false,
  destroysOnlyCreated: false,
  receiptBegins: 'state root',
  blockReward: 5n * ETHER,
  difficulty: { adjustment: 'frontier', bombDelay: 0n },
  hasBaseFee: false,
  hasWithdrawals: false,
  hasBlobGas: false,
  storesBeaconRoot: false,
  storesParentHash: false,
  hasRequests: false,
  hasBlobReservePrice: false,
  maxBlockBytes: undefined,
  precompileBounds: undefined,
  p256VerifyGas: undefined,
}

const CHANGES: { [Name in Exclude<Fork, 'frontier'>]: Partial<Rules> } = {
  /** EIP-606: 2, 7 (DELEGATECALL), 8. */
  homestead: { lowSOnly: true, creationGas: 32_000n, difficulty: { adjustment: 'homestead', bombDelay: 0n } },
  /** EIP-608: 150 (gas of opcodes, 63/64). */
  tangerineWhistle: {},
  /** EIP-607: 155, 160 (EXP), 161, 170 (code size). */
  spuriousDragon: { replayProtection: true, removesEmptyAccounts: true },
  /** EIP-609: 100, 140, 196, 197, 198, 211, 214, 649, 658. */
  byzantium: {
    receiptBegins: 'status',
    blockReward: 3n * ETHER,
    difficulty: { adjustment: 'byzantium', bombDelay: 3_000_000n },
  },
  /** EIP-1013: 145, 1014, 1052, 1234, 1283. */
  constantinople: { blockReward: 2n * ETHER, difficulty: { adjustment: 'byzantium', bombDelay: 5_000_000n } },
  /** EIP-1716: 1283 is gone. */
  petersburg: {},
  /** EIP-1679: 152, 1108, 1344, 1884, 2028, 2200. */
  istanbul: { dataByteGas: 16n },
  /** EIP-2384. */
  muirGlacier: { difficulty: { adjustment: 'byzantium', bombDelay: 9_000_000n } },
  /** EIP-2070: 2565, 2718, 2929, 2930. */
  berlin: { transactionTypes: [0, 1], hasAccessSets: true },
  /** 1559, 3198 (BASEFEE), 3529, 3541 (0xEF), 3554. */
  london: {
    transactionTypes: [0, 1, 2],
    refundQuotient: 5n,
    hasBaseFee: true,
    difficulty: { adjustment: 'byzantium', bombDelay: 9_700_000n },
  },
  /** EIP-4345. */
  arrowGlacier: { difficulty: { adjustment: 'byzantium', bombDelay: 10_700_000n } },
  /** EIP-5133. */
  grayGlacier: { difficulty: { adjustment: 'byzantium', bombDelay: 11_400_000n } },
  /** 3675, 4399 (PREVRANDAO). */
  paris: { blockReward: 0n, difficulty: undefined },
  /** 3651, 3855 (PUSH0), 3860, 4895. */
  shanghai: { warmBeneficiary: true, initCodeWordGas: 2n, maxInitCodeBytes: 49_152, hasWithdrawals: true },
  /** EIP-7569: 1153, 4788, 4844, 5656 (MCOPY), 6780, 7516 (BLOBBASEFEE). */
  cancun: {
    transactionTypes: [0, 1, 2, 3],
    destroysOnlyCreated: true,
    hasBlobGas: true,
    storesBeaconRoot: true,
  },
  /** EIP-7600: 2537, 2935, 6110, 7002, 7251, 7623, 7685, 7691, 7702, 7840. */
  prague: {
    transactionTypes: [0, 1, 2, 3, 4],
    floorGasPerToken: 10n,
    storesParentHash: true,
    hasRequests: true,
  },
  /** EIP-7607: 7594, 7823 and 7883 (MODEXP), 7825, 7892, 7918, 7934, 7939 (CLZ), 7951 (P256VERIFY). */
  osaka: {
    maxTransactionGas: 16_777_216n,
    maxTransactionBlobs: 6,
    hasBlobReservePrice: true,
    maxBlockBytes: 8_388_608,
  },
  /** Blob parameters alone (EIP-7892); they stand in the schedule. */
  bpo1: {},
  bpo2: {},
  bpo3: {},
  bpo4: {},
  bpo5: {},
}

/** Ethereum's rules by fork. */
export const ETHEREUM_RULES: Record<Fork, Rules> = (() => {
  const table: Partial<Record<Fork, Rules>> = {}
  let rules = FRONTIER
  for (const fork of FORKS) {
    if (fork !== 'frontier') rules = { ...rules, ...CHANGES[fork], fork }
    table[fork] = rules
  }
  return table as Record<Fork, Rules>
})()
