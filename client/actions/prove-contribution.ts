import { type Hex, numberToHex } from 'viem'
import { CONTRIBUTION_STATUS } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { ClusterId, DatanetId } from '../../genesis/units.ts'
import type { NativeClient } from '../native-transaction.ts'
import { type ProvedSlotsErrorType, type ProvedState, provedField, provedSlots } from '../proved-slots.ts'
import { StateProofError } from '../state-proof.ts'

export type ProveContributionParameters = ProvedState & {
  /** Contribution id, from 1. */
  contribution: bigint
}
export type ProvedContribution = {
  datanet: DatanetId
  cluster: ClusterId
  contributor: Address
  contentHash: Hex
  /** Bytes. */
  size: number
  /** L2 block of the contribution. */
  blockNumber: bigint
  /** `CONTRIBUTION_STATUS`: one that is not accepted counts for nothing. */
  status: number
  withdrawn: boolean
}
export type ProveContributionReturnType = ProvedContribution
export type ProveContributionErrorType = ProvedSlotsErrorType

/** Datanets' variable that holds contributions by id (node/ledger/README.md, "Storage"). */
const CONTRIBUTIONS = 3n

/**
 * A contribution as the chain's state proves it, by eth_getProof: nothing is believed but the state root.
 * Throws {@link StateProofError} where the proof does not hold, or shows that there is no such contribution.
 *
 * @example
 * const { contentHash } = await proveContribution(client, { contribution: 1n, blockNumber, stateRoot })
 * if (keccak256(content) === contentHash) console.log('this very text was contributed')
 */
export async function proveContribution(
  client: NativeClient,
  parameters: ProveContributionParameters,
): Promise<ProveContributionReturnType> {
  const { contribution } = parameters
  const mapping = { variable: CONTRIBUTIONS, key: contribution, count: 3 }
  const slots = await provedSlots(client, 'datanets', mapping, parameters)
  const [ids, record, hash] = slots as [bigint, bigint, bigint]
  const datanet = provedField(ids, 0n, 64)
  if (datanet === 0n) throw new StateProofError(`there is no contribution ${contribution}`)
  const status = Number(provedField(record, 192n, 8))
  return {
    datanet: DatanetId(datanet),
    cluster: ClusterId(provedField(ids, 64n, 64)),
    blockNumber: provedField(ids, 128n, 64),
    contributor: numberToHex(provedField(record, 0n, 160), { size: 20 }),
    size: Number(provedField(record, 160n, 32)),
    status,
    withdrawn: status === CONTRIBUTION_STATUS.withdrawn,
    contentHash: numberToHex(hash, { size: 32 }),
  }
}
