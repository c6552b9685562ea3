/** op-node's JSON: block references, sync status and the rollup config. Numbers are JSON numbers there. */
import { type Hex, hexToNumber, slice } from 'viem'
import type { ChainConfig } from '../genesis/chain-config.ts'
import type { SyncStatus } from '../node/chain/reads.ts'
import type { L2BlockRef } from '../node/execution/block.ts'
import type { L1BlockRef } from '../node/l1/source.ts'
import type { Json } from './json.ts'

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`
const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`

/** What op-node prints for an L1 block that it does not know yet: zeros. */
function l1Ref(ref: L1BlockRef | undefined): Json {
  if (ref === undefined) return { hash: ZERO_HASH, number: 0, parentHash: ZERO_HASH, timestamp: 0 }
  return { hash: ref.hash, number: Number(ref.number), parentHash: ref.parentHash, timestamp: Number(ref.timestamp) }
}

export function formatL2Ref(ref: L2BlockRef): Json {
  return {
    hash: ref.hash,
    number: Number(ref.number),
    parentHash: ref.parentHash,
    timestamp: Number(ref.timestamp),
    l1origin: { hash: ref.l1Origin.hash, number: Number(ref.l1Origin.number) },
    sequenceNumber: Number(ref.sequenceNumber),
  }
}

/** optimism_syncStatus. There is no interop here: cross and local heads are the heads. */
export function formatSyncStatus(status: SyncStatus): Json {
  const unsafe = formatL2Ref(status.unsafeL2)
  const safe = formatL2Ref(status.safeL2)
  const finalized = formatL2Ref(status.finalizedL2)
  return {
    current_l1: l1Ref(status.currentL1),
    current_l1_finalized: l1Ref(status.finalizedL1),
    head_l1: l1Ref(status.headL1),
    safe_l1: l1Ref(status.safeL1),
    finalized_l1: l1Ref(status.finalizedL1),
    unsafe_l2: unsafe,
    safe_l2: safe,
    finalized_l2: finalized,
    pending_safe_l2: safe,
    cross_unsafe_l2: unsafe,
    local_safe_l2: safe,
  }
}

/** All forks that are active from block 0 on. */
const FORKS = ['regolith', 'canyon', 'delta', 'ecotone', 'fjord', 'granite', 'holocene', 'isthmus', 'jovian'] as const

/** optimism_rollupConfig. */
export function formatRollupConfig(config: ChainConfig): Json {
  const { systemConfig, l1, l2, l2Time } = config.genesis
  const denominator = hexToNumber(slice(systemConfig.eip1559Params, 0, 4))
  const elasticity = hexToNumber(slice(systemConfig.eip1559Params, 4, 8))
  return {
    genesis: {
      l1,
      l2,
      l2_time: l2Time,
      system_config: {
        batcherAddr: systemConfig.batcherAddr,
        overhead: ZERO_HASH,
        scalar: systemConfig.scalar,
        gasLimit: systemConfig.gasLimit,
        eip1559Params: systemConfig.eip1559Params,
        operatorFeeParams: operatorFeeParams(systemConfig),
        minBaseFee: Number(systemConfig.minBaseFee),
        daFootprintGasScalar: systemConfig.daFootprintGasScalar,
      },
    },
    block_time: config.blockTime,
    max_sequencer_drift: config.maxSequencerDrift,
    seq_window_size: config.seqWindowSize,
    channel_timeout: config.channelTimeout,
    l1_chain_id: config.l1ChainId,
    l2_chain_id: config.l2ChainId,
    ...Object.fromEntries(FORKS.map((fork) => [`${fork}_time`, 0])),
    batch_inbox_address: config.batchInboxAddress,
    deposit_contract_address: config.depositContractAddress,
    l1_system_config_address: config.l1SystemConfigAddress,
    protocol_versions_address: ZERO_ADDRESS,
    chain_op_config: {
      eip1559Elasticity: elasticity,
      eip1559Denominator: denominator,
      eip1559DenominatorCanyon: denominator,
    },
  }
}

/** 32 bytes: zeros, scalar u32, constant u64. */
function operatorFeeParams({ operatorFeeScalar, operatorFeeConstant }: ChainConfig['genesis']['systemConfig']): Hex {
  const scalar = operatorFeeScalar.toString(16).padStart(8, '0')
  return `0x${'00'.repeat(20)}${scalar}${operatorFeeConstant.toString(16).padStart(16, '0')}`
}
