/**
 * What the forks of the OP Stack changed, in one table (specs.optimism.io: "Network upgrades" and the exec-engine page of each).
 * Each stands on a fork of Ethereum. This chain begins with the last of them; the others say what came before.
 */
import { ETHEREUM_RULES, type Rules } from './rules.ts'

/** Oldest first. Delta changes batches alone. */
export const OP_FORKS = [
  'bedrock',
  'regolith',
  'canyon',
  'delta',
  'ecotone',
  'fjord',
  'granite',
  'holocene',
  'isthmus',
  'jovian',
] as const

export type OpFork = (typeof OP_FORKS)[number]

export type OpRules = Rules & {
  opFork: OpFork
  /** How a transaction's bytes on L1 are paid for (see op-l1-fee.ts). */
  l1Fee: 'bedrock' | 'regolith' | 'ecotone' | 'fjord'
  /** gas · scalar / 1e6 + constant, then gas · scalar · 100 + constant. */
  operatorFee: 'none' | 'isthmus' | 'jovian'
  /** Blocks count what their data take of L1 as well as gas, in the header's blobGasUsed. */
  hasFootprint: boolean
  /** What extraData holds: nothing that counts, EIP-1559's parameters (9 bytes), the least base fee too (17 bytes). */
  extraData: 'free' | 'holocene' | 'jovian'
  /** The header's withdrawalsRoot: none, of the empty list, L2ToL1MessagePasser's storage root. */
  withdrawalsRoot: 'none' | 'empty' | 'message passer'
  /** What a deposit's receipt says besides: nothing, the sender's nonce, and a version. */
  depositReceipt: 'plain' | 'nonce' | 'versioned'
  /** Deposits may be system transactions, which take no gas of the block. */
  hasSystemDeposits: boolean
}

/** Deposits are no signed transactions; there are no blobs on a layer 2. */
const onLayer2 = (rules: Rules): Rules => ({
  ...rules,
  transactionTypes: rules.transactionTypes.filter((type) => type !== 3),
  hasRequests: false,
})

const BEDROCK: OpRules = {
  ...onLayer2(ETHEREUM_RULES.paris),
  opFork: 'bedrock',
  l1Fee: 'bedrock',
  operatorFee: 'none',
  hasFootprint: false,
  extraData: 'free',
  withdrawalsRoot: 'none',
  depositReceipt: 'plain',
  hasSystemDeposits: true,
}

const CHANGES: { [Name in Exclude<OpFork, 'bedrock'>]: Partial<OpRules> } = {
  regolith: { l1Fee: 'regolith', depositReceipt: 'nonce', hasSystemDeposits: false },
  canyon: { ...onLayer2(ETHEREUM_RULES.shanghai), withdrawalsRoot: 'empty', depositReceipt: 'versioned' },
  delta: {},
  ecotone: { ...onLayer2(ETHEREUM_RULES.cancun), l1Fee: 'ecotone' },
  fjord: { l1Fee: 'fjord', p256VerifyGas: 3_450n },
  granite: { precompileBounds: { bn256Pairing: 112_687 } },
  holocene: { extraData: 'holocene' },
  isthmus: {
    ...onLayer2(ETHEREUM_RULES.prague),
    p256VerifyGas: 3_450n,
    precompileBounds: { bn256Pairing: 112_687, blsG1Msm: 513_760, blsG2Msm: 488_448, blsPairing: 235_008 },
    operatorFee: 'isthmus',
    withdrawalsRoot: 'message passer',
  },
  jovian: {
    precompileBounds: { bn256Pairing: 81_984, blsG1Msm: 288_960, blsG2Msm: 278_784, blsPairing: 156_672 },
    operatorFee: 'jovian',
    hasFootprint: true,
    extraData: 'jovian',
  },
}

/** The OP Stack's rules by fork. */
export const OP_RULES: Record<OpFork, OpRules> = (() => {
  const table: Partial<Record<OpFork, OpRules>> = {}
  let rules = BEDROCK
  for (const opFork of OP_FORKS) {
    if (opFork !== 'bedrock') rules = { ...rules, ...CHANGES[opFork], opFork }
    table[opFork] = rules
  }
  return table as Record<OpFork, OpRules>
})()

/** This chain's. */
export const JOVIAN_RULES: OpRules = OP_RULES.jovian
