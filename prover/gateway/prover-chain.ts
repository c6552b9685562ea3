/**
 * What a prover asks of the chain: the interface between its own work and viem. `viem-prover-chain.ts` is the
 * real one.
 */
import type { Hash, Hex } from 'viem'
import type { SettleOutcome, SettleVoucher } from '../../client/index.ts'
import type { Address } from '../../genesis/addresses.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { AnswerReceipt } from '../../protocol/receipt.ts'
import type { EntryRules } from '../attribute/settlement-leaf.ts'
import type { Prices } from './price.ts'

export type ChannelState = {
  payer: Address
  receiver: Address
  /** Wei. */
  deposit: bigint
  settled: bigint
  /** Seconds since 1970; 0 while it is open. */
  closingAt: bigint
  closed: boolean
}

export type VersionState = {
  version: bigint
  model: bigint
  publisher: Address
  /** Of the run. */
  datanets: readonly bigint[]
  seed: bigint
  manifestRoot: Hex
  hyperparametersHash: Hex
  adapterHash: Hex
  curvatureHash: Hex
  featureRoot: Hex
  artifactHash: Hex
  rows: number
  medianScale: number
  /** Of the model: wei per 1,000 tokens when this was read. Prices change, with notice. */
  pricePer1kIn: bigint
  pricePer1kOut: bigint
  name: string
  /** Of the model, as registered. */
  base: { id: bigint; weightsHash: Hex; tokenizerHash: Hex; architecture: string }
}

/** Governed numbers that a prover works by. */
export type ProverRules = EntryRules & {
  maxScaleFactor: bigint
  /** L2 blocks. */
  maxLeafAge: bigint
}

export interface ProverChain {
  readonly chainId: number
  /** Lower case: who signs receipts and settles. */
  readonly account: Address
  /** The unsafe head: number and seconds since 1970. */
  head(): Promise<{ number: bigint; timestamp: bigint }>
  /** Undefined where there is no such channel. */
  channel(channel: Hex): Promise<ChannelState | undefined>
  /** Cap in wei and expiry in seconds of a key that may sign for the payer; both 0 where it may not. */
  signer(channel: Hex, key: Address): Promise<{ cap: bigint; expiry: bigint }>
  /** Undefined where there is no such version. */
  version(version: bigint): Promise<VersionState | undefined>
  isLive(version: bigint): Promise<boolean>
  /** What a model asks now. */
  prices(model: bigint): Promise<Prices>
  /** Versions that this account, or one that it serves, has published so far, ascending. */
  publishedVersions(): Promise<bigint[]>
  rules(): Promise<ProverRules>
  signReceipt(receipt: AnswerReceipt): Promise<Hex>
  /** Sends a settlement and waits until it is mined. */
  settle(leaves: readonly Leaf[], vouchers: readonly SettleVoucher[]): Promise<SettleOutcome & { transaction: Hash }>
}
