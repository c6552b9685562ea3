import {
  encodeAbiParameters,
  type GetBlockErrorType,
  type GetProofErrorType,
  type Hex,
  keccak256,
  numberToHex,
} from 'viem'
import { getBlock, getProof } from 'viem/actions'
import { CONTRIBUTION_STATUS } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { ClusterId, DatanetId } from '../../genesis/units.ts'
import type { NativeClient } from '../native-transaction.ts'
import { StateProofError, verifyStateProof } from '../state-proof.ts'

export type ProveContributionParameters = {
  /** Contribution id, from 1. */
  contribution: bigint
  /** Block whose state is proved. A node keeps what proofs need for recent blocks only. */
  blockNumber: bigint
  /**
   * State root of that block, from somebody whom the caller believes: a header, or an output root on L1. Where absent it is
   * the same node's, and the proof shows only that the node does not contradict itself.
   */
  stateRoot?: Hex
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
  withdrawn: boolean
}
export type ProveContributionReturnType = ProvedContribution
export type ProveContributionErrorType = StateProofError | GetProofErrorType | GetBlockErrorType

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
  const { contribution, blockNumber } = parameters
  const stateRoot = parameters.stateRoot ?? (await getBlock(client, { blockNumber })).stateRoot
  const key = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [contribution, CONTRIBUTIONS])
  const first = BigInt(keccak256(key))
  const slots = [first, first + 1n, first + 2n].map((slot) => numberToHex(BigInt.asUintN(256, slot), { size: 32 }))
  const proof = await getProof(client, { address: NATIVE.datanets, storageKeys: slots, blockNumber })
  // Whose proof it is must not be for the answering node to say.
  const { storage } = verifyStateProof(stateRoot, { ...proof, address: NATIVE.datanets })
  const [ids, record, hash] = slots.map((slot) => {
    const value = storage.get(slot)
    if (value === undefined) throw new StateProofError(`slot ${slot} is not in it`)
    return value
  }) as [bigint, bigint, bigint]
  const field = (word: bigint, shift: bigint, bits: number) => BigInt.asUintN(bits, word >> shift)
  const datanet = field(ids, 0n, 64)
  if (datanet === 0n) throw new StateProofError(`there is no contribution ${contribution}`)
  return {
    datanet: DatanetId(datanet),
    cluster: ClusterId(field(ids, 64n, 64)),
    blockNumber: field(ids, 128n, 64),
    contributor: numberToHex(field(record, 0n, 160), { size: 20 }),
    size: Number(field(record, 160n, 32)),
    withdrawn: field(record, 192n, 8) === BigInt(CONTRIBUTION_STATUS.withdrawn),
    contentHash: numberToHex(hash, { size: 32 }),
  }
}
