import { encodeFunctionData, type Hash, type Hex, keccak256, type TransactionReceipt, toHex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { contributionCommitment } from '../../protocol/commitment.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ContributeParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  /** The text itself, UTF-8, at most `maxContentBytes`: it rides in calldata, and the chain checks hash and MinHash. */
  content: Uint8Array
  /** 32 bytes that the commitment was made with. */
  salt: Hex
  /** IPFS content id, where there is one. */
  cid?: string
}
export type ContributeReturnType = Hash
export type ContributeErrorType = NativeWriteErrorType

/**
 * Puts a text into a Datanet, after {@link commitContribution} of {@link commitmentOf} was mined.
 * Returns the transaction's hash; {@link contributed} reads the outcome from its receipt, or {@link proposed} in a curated Datanet.
 *
 * @example
 * const salt = toHex(crypto.getRandomValues(new Uint8Array(32)))
 * const commitment = commitmentOf({ owner: account.address, datanet, content, salt })
 * await confirmTransaction(client, { hash: await commitContribution(client, { commitment, bond }) })
 * const receipt = await confirmTransaction(client, { hash: await contribute(client, { datanet, content, salt }) })
 * const { contribution, cluster } = contributed(receipt)
 */
export async function contribute(
  client: NativeClient,
  parameters: ContributeParameters,
): Promise<ContributeReturnType> {
  const { datanet, content, salt, cid, ...options } = parameters
  const args = [datanet, toHex(content), cid ?? '', salt] as const
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'contributeContent', args })
  return sendNative(client, options, { contract: 'datanets', data })
}

/** What {@link commitContribution} must be given before `content` is contributed by `owner`. */
export function commitmentOf(parameters: { owner: Address; datanet: bigint; content: Uint8Array; salt: Hex }): Hex {
  const { owner, datanet, content, salt } = parameters
  return contributionCommitment({ owner, datanet: DatanetId(datanet), contentHash: keccak256(content), salt })
}

export type Contributed = {
  contribution: ContributionId
  cluster: ClusterId
  /** True where the text founded its cluster; false where it is a near-duplicate of the founder. */
  founder: boolean
  contentHash: Hex
}

/**
 * What a {@link contribute} transaction brought about, or the review that accepted a proposal. Throws EventMissingError where
 * the contribution is still a proposal: then {@link proposed} reads it.
 */
export function contributed(receipt: TransactionReceipt): Contributed {
  const { args } = onlyEvent(receipt.logs, { abi: datanetsAbi, contract: 'datanets', eventName: 'Contributed' })
  return {
    contribution: ContributionId(args.contribution),
    cluster: ClusterId(args.cluster),
    founder: args.founder,
    contentHash: args.contentHash,
  }
}

export type Proposed = {
  contribution: ContributionId
  contentHash: Hex
  /** Wei that stay until the proposal is decided or taken back. */
  bond: bigint
  /** Seconds since 1970 from which it may be taken back, whoever has voted. */
  endsAt: bigint
}

/** The proposal that a {@link contribute} transaction made in a curated Datanet: it is in no cluster until it is accepted. */
export function proposed(receipt: Pick<TransactionReceipt, 'logs'>): Proposed {
  const { args } = onlyEvent(receipt.logs, { abi: datanetsAbi, contract: 'datanets', eventName: 'Proposed' })
  const { contribution, contentHash, bond, endsAt } = args
  return { contribution: ContributionId(contribution), contentHash, bond, endsAt }
}
