/**
 * The maturing deposit: the protocol's own transaction in the first block of each L1 epoch, which lets Attribution
 * credit due payouts (docs/protocol.md, "The maturing deposit"). Type 0x7E, reserved sender, empty calldata, no value.
 */
import type { Hex } from 'viem'
import { MATURING_DEPOSITOR, NATIVE } from '../../genesis/addresses.ts'
import type { DepositFields } from '../execution/transaction.ts'
import { MAX_MATURING_GAS, MAX_RESOURCE_LIMIT, SOURCE_DOMAIN_MATURING, SYSTEM_TX_MAX_GAS } from './constants.ts'
import { sourceHash } from './source-hash.ts'

export function maturingDeposit(l1BlockHash: Hex, gasLimit: bigint): DepositFields {
  return {
    sourceHash: sourceHash(SOURCE_DOMAIN_MATURING, l1BlockHash, 0n),
    sender: MATURING_DEPOSITOR,
    to: NATIVE.attribution,
    mint: 0n,
    value: 0n,
    gasLimit: maturingGas(gasLimit),
    isSystemTransaction: false,
    data: new Uint8Array(0),
  }
}

/** Half of what user deposits and the L1 attributes leave of the block's gas, at most 10M; 0 in a block too small for them. */
export function maturingGas(gasLimit: bigint): bigint {
  const half = (gasLimit - MAX_RESOURCE_LIMIT - SYSTEM_TX_MAX_GAS) / 2n
  if (half < 0n) return 0n
  return half < MAX_MATURING_GAS ? half : MAX_MATURING_GAS
}
