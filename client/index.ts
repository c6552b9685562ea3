/**
 * The SDK: a chain definition, viem-style actions for the native contracts, and their errors.
 *
 * @example
 * const chain = openledgerChain({ l1ChainId, l2ChainId, portal, l2OutputOracle })
 * const client = createWalletClient({ account, chain, transport: http() }).extend(openledgerActions())
 * const hash = await client.createDatanet({ name: 'Solidity', domain: 'smart contracts' })
 */
export { l1Contract, type OpenledgerChain, type OpenledgerChainConfig, openledgerChain } from './chain.ts'
export { type ChallengeOutcome, challengeOutcome } from './challenge-outcome.ts'
export {
  type OpenledgerPublicActions,
  type OpenledgerWalletActions,
  openledgerActions,
  openledgerPublicActions,
  openledgerWalletActions,
} from './decorators.ts'
export * from './exports/agents.ts'
export * from './exports/asset-faces.ts'
export * from './exports/attribution.ts'
export * from './exports/channels.ts'
export * from './exports/datanets.ts'
export * from './exports/deposits.ts'
export * from './exports/governance.ts'
export * from './exports/models.ts'
export * from './exports/parameters.ts'
export * from './exports/staking.ts'
export { decodeNativeError, NativeContractError, namingErrors, revertDataOf } from './native-error.ts'
export { EventMissingError } from './native-event.ts'
export {
  confirmTransaction,
  type NativeClient,
  type NativeWriteErrorType,
  NoAccountError,
  TransactionRevertedError,
  type WriteOptions,
} from './native-transaction.ts'
export type { RowProof } from './row-proof.ts'
export { type ProvedAccount, StateProofError, verifyStateProof } from './state-proof.ts'
export { typedDataSigner } from './typed-data-signer.ts'
