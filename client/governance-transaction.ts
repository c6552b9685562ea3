/**
 * Calls to gOPEN and the Governor, with their errors by name: OpenZeppelin's own, and those with which a native
 * contract refuses what a proposal asks of it, which pass through timelock and Governor as they are.
 */
import { type Abi, BaseError, type ContractFunctionExecutionError, encodeFunctionData, type Hash, type Hex } from 'viem'
import { getContractError } from 'viem/utils'
import { gopenAbi, governorAbi, timelockAbi } from '../genesis/abi/governance.ts'
import { NATIVE_ABI } from '../genesis/abi/native.ts'
import { type Address, PREDEPLOYS } from '../genesis/addresses.ts'
import { type NativeClient, type NoAccountError, sendCall, signerOf, type WriteOptions } from './native-transaction.ts'

export type GovernanceWriteErrorType = ContractFunctionExecutionError | NoAccountError

/** One call of a proposal, which the timelock makes. */
export type GovernedCall = { to: Address; data: Hex; value?: bigint }

/** What is voted on. Its calls and its description make its id. */
export type Proposal = { calls: readonly GovernedCall[]; description: string }

const CONTRACTS = {
  gopen: { address: PREDEPLOYS.gopen, abi: gopenAbi },
  governor: { address: PREDEPLOYS.governor, abi: governorAbi },
} as const satisfies Record<string, { address: Address; abi: Abi }>

/** Every error that can come back. */
const ERRORS: Abi = [gopenAbi, governorAbi, timelockAbi, ...Object.values(NATIVE_ABI)].flatMap((abi: Abi) =>
  abi.filter(({ type }) => type === 'error'),
)

/** Sends a call to gOPEN or the Governor. Throws viem's ContractFunctionExecutionError with the custom error by name. */
export async function sendGovernance(
  client: NativeClient,
  options: WriteOptions,
  call: { contract: keyof typeof CONTRACTS; functionName: string; args: readonly unknown[]; value?: bigint },
): Promise<Hash> {
  const { address } = CONTRACTS[call.contract]
  const abi: Abi = CONTRACTS[call.contract].abi
  const { functionName, args, value = 0n } = call
  const account = signerOf(client, options.account)
  const data = encodeFunctionData({ abi, functionName, args })
  try {
    return await sendCall(client, { ...options, account }, { to: address, data, value })
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    throw getContractError(error, { abi: [...abi, ...ERRORS], address, args, functionName, sender: account.address })
  }
}

/** A proposal's calls as the Governor takes them: targets, values, calldatas. */
export function callLists(calls: readonly GovernedCall[]): [Address[], bigint[], Hex[]] {
  return [calls.map(({ to }) => to), calls.map(({ value }) => value ?? 0n), calls.map(({ data }) => data)]
}
