/**
 * Payload attributes on top of an L2 block for a chosen L1 origin: what sequencer and verifier share
 * (specs.optimism.io, "Derivation", Deriving Payload Attributes). Transactions, in order:
 * L1 attributes; then, in the first block of an epoch, the portal's deposits and the maturing deposit.
 */
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import type { ChainConfig, SystemConfig } from '../../genesis/chain-config.ts'
import { ResetError, TemporaryError } from '../errors.ts'
import type { L2BlockRef, PayloadAttributes } from '../execution/block.ts'
import { DEPOSIT_TYPE, encodeDeposit } from '../execution/transaction.ts'
import type { L1Block, L1Receipt, L1Source } from '../l1/source.ts'
import { userDeposits } from './deposit.ts'
import { l1AttributesDeposit, l1InfoOf } from './l1-info.ts'
import { maturingDeposit } from './maturing-deposit.ts'
import { applyConfigUpdates } from './system-config.ts'

type Modules = { config: ChainConfig; l1: L1Source }

/**
 * Attributes with deposits alone and `noTxPool` true; the sequencer clears that flag, derivation appends the batch's
 * transactions. `epoch` is the parent's L1 origin or the L1 block after it.
 * Throws a ResetError where the epoch does not follow the parent's, a TemporaryError where L1 cannot be read.
 */
export async function prepareAttributes(
  { config, l1 }: Modules,
  parent: L2BlockRef,
  parentSystemConfig: SystemConfig,
  epoch: L2BlockRef['l1Origin'],
): Promise<PayloadAttributes> {
  const opensEpoch = epoch.number !== parent.l1Origin.number
  const l1Block = await l1.blockByHash(epoch.hash)
  if (l1Block === undefined) throw new TemporaryError(`L1 block ${epoch.number} (${epoch.hash}) is not there`)
  checkEpoch(config, parent, l1Block)
  const receipts = opensEpoch ? await l1.receipts(epoch.hash) : []
  return assembleAttributes(config, parent, parentSystemConfig, l1Block, receipts)
}

function checkEpoch(config: ChainConfig, parent: L2BlockRef, l1Block: L1Block): void {
  const origin = parent.l1Origin
  const follows =
    l1Block.number === origin.number
      ? l1Block.hash === origin.hash
      : l1Block.number === origin.number + 1n && l1Block.parentHash === origin.hash
  if (!follows)
    throw new ResetError(
      `L1 block ${l1Block.number} (${l1Block.hash}) does not follow L1 origin ${origin.number} (${origin.hash})`,
    )
  const timestamp = parent.timestamp + BigInt(config.blockTime)
  if (timestamp < l1Block.timestamp)
    throw new ResetError(
      `L2 block ${parent.number + 1n} at time ${timestamp} would precede its L1 origin at ${l1Block.timestamp}`,
    )
}

/** The pure part of {@link prepareAttributes}. `receipts` are the L1 block's where it opens the epoch, else none. */
export function assembleAttributes(
  config: ChainConfig,
  parent: L2BlockRef,
  parentSystemConfig: SystemConfig,
  l1Block: L1Block,
  receipts: L1Receipt[],
): PayloadAttributes {
  const opensEpoch = l1Block.number !== parent.l1Origin.number
  const systemConfig = opensEpoch ? applyConfigUpdates(config, parentSystemConfig, receipts) : parentSystemConfig
  const sequenceNumber = opensEpoch ? 0n : parent.sequenceNumber + 1n
  const gasLimit = BigInt(systemConfig.gasLimit)
  const deposits = [l1AttributesDeposit(l1InfoOf(l1Block, systemConfig, sequenceNumber))]
  if (opensEpoch) {
    deposits.push(...userDeposits(config.depositContractAddress, l1Block.hash, receipts))
    deposits.push(maturingDeposit(l1Block.hash, gasLimit))
  }
  return {
    timestamp: parent.timestamp + BigInt(config.blockTime),
    prevRandao: l1Block.mixHash,
    suggestedFeeRecipient: PREDEPLOYS.sequencerFeeVault,
    parentBeaconBlockRoot: l1Block.parentBeaconBlockRoot,
    gasLimit,
    eip1559Params: systemConfig.eip1559Params,
    minBaseFee: systemConfig.minBaseFee,
    transactions: deposits.map(encodeDeposit),
    noTxPool: true,
  }
}

/** The same attributes without the batch's transactions: what replaces a derived block that turns out invalid (Holocene). */
export function depositsOnly(attributes: PayloadAttributes): PayloadAttributes {
  return { ...attributes, transactions: attributes.transactions.filter((raw) => raw[0] === DEPOSIT_TYPE) }
}
