import { encodeFunctionData, type Hash, type TransactionReceipt } from 'viem'
import { DATANET_POLICY, datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { DatanetId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type Licence = {
  /** Wei that a licence costs for each row that it covers. */
  feePerRow: bigint
  /** Basis points of the model owner's part of a fee. */
  revenueShareBps: number
  commercialUse: boolean
  /** Seconds from purchase; 0 has no end. */
  expiry: bigint
  attributionDuty: boolean
}

/** Free for any use, with the duty to attribute. */
export const OPEN_LICENCE: Licence = {
  feePerRow: 0n,
  revenueShareBps: 0,
  commercialUse: true,
  expiry: 0n,
  attributionDuty: true,
}

export type CreateDatanetParameters = WriteOptions & {
  name: string
  /** What it is about, in a few words. */
  domain: string
  /** `DATANET_POLICY`; open where absent. */
  policy?: (typeof DATANET_POLICY)[keyof typeof DATANET_POLICY]
  /** Of a curated Datanet, and of no other: 1 to 32. */
  curators?: readonly Address[]
  /** Of a curated Datanet: how many curators must agree. */
  quorum?: number
  /** {@link OPEN_LICENCE} where absent. */
  licence?: Licence
  /** Wei of a commitment's bond that stay while the contribution stands. */
  bond?: bigint
  /** Where its description lies. */
  uri?: string
}
export type CreateDatanetReturnType = Hash
export type CreateDatanetErrorType = NativeWriteErrorType

/**
 * Creates a Datanet. Returns the transaction's hash; {@link createdDatanet} reads the id from its receipt.
 *
 * @example
 * const hash = await createDatanet(client, { name: 'Solidity', domain: 'smart contracts' })
 * const datanet = createdDatanet(await confirmTransaction(client, { hash }))
 */
export async function createDatanet(
  client: NativeClient,
  parameters: CreateDatanetParameters,
): Promise<CreateDatanetReturnType> {
  const { name, domain, policy, curators, quorum, licence, bond, uri, ...options } = parameters
  const config = {
    name,
    domain,
    policy: policy ?? DATANET_POLICY.open,
    curators: curators ?? [],
    quorum: quorum ?? 0,
    licence: licence ?? OPEN_LICENCE,
    bond: bond ?? 0n,
    uri: uri ?? '',
  }
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'create', args: [config] })
  return sendNative(client, options, { contract: 'datanets', data })
}

/** Id of the Datanet that a {@link createDatanet} transaction created. */
export function createdDatanet(receipt: TransactionReceipt): DatanetId {
  const log = onlyEvent(receipt.logs, { abi: datanetsAbi, contract: 'datanets', eventName: 'DatanetCreated' })
  return DatanetId(log.args.datanet)
}
