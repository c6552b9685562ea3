import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  encodeFunctionData,
  erc20Abi,
  type Hash,
  type Hex,
  parseAbi,
  type SendTransactionErrorType,
  type TransactionReceipt,
} from 'viem'
import { estimateGas, readContract, sendTransaction, waitForTransactionReceipt } from 'viem/actions'
import { getL2TransactionHashes } from 'viem/op-stack'
import { l1Contract } from '../chain.ts'
import { type NativeClient, type NoAccountError, signerOf, TransactionRevertedError } from '../native-transaction.ts'

/** OptimismPortal 2.8.1 with a custom gas token (contracts-bedrock, OptimismPortal.sol). */
export const depositErc20Abi = parseAbi([
  'function depositERC20Transaction(address _to, uint256 _mint, uint256 _value, uint64 _gasLimit, bool _isCreation, bytes _data)',
])

/** Gas on L2 of a plain transfer with room for a receiving contract. */
const DEFAULT_L2_GAS = 100_000n

export type DepositOpenParameters = {
  /** Who pays on L1; the client's account where absent. */
  account?: Account | Address
  /** Wei of OPEN that L2 mints. */
  amount: bigint
  /** Who gets it on L2; the sender where absent. */
  to?: Address
  /** Gas limit of the deposit transaction on L2. */
  l2Gas?: bigint
  /** Call data on L2; none where absent. */
  data?: Hex
  /** The L2 chain, which names portal and token by the L1's id. */
  targetChain?: Chain
  /** Portal and token on L1, where no `targetChain` names them. */
  portal?: Address
  openToken?: Address
  /** Milliseconds to wait for each of the L1 transactions. */
  timeout?: number
}
export type DepositOpenReturnType = {
  l1Hash: Hash
  /** The deposit transaction on L2, computed from the portal's log. */
  l2Hash: Hash
  receipt: TransactionReceipt
}
export type DepositOpenErrorType =
  | SendTransactionErrorType
  | NoAccountError
  | TransactionRevertedError
  | MissingContractError

/** Neither the chain nor the parameters say where a contract lies on L1. */
export class MissingContractError extends BaseError {
  override name = 'MissingContractError'
  constructor(contract: string) {
    super(`where does ${contract} lie on L1?`, {
      metaMessages: [`pass \`${contract}\`, or a \`targetChain\` of openledgerChain that names it for this L1`],
    })
  }
}

function addressOf(client: NativeClient, parameters: DepositOpenParameters, name: 'portal' | 'openToken'): Address {
  const given = parameters[name]
  if (given) return given
  const { targetChain } = parameters
  const found = targetChain && client.chain ? l1Contract(targetChain, name, client.chain.id) : undefined
  if (!found) throw new MissingContractError(name)
  return found
}

/**
 * Brings OPEN from L1 to L2: approves the portal where its allowance is too small, then deposits.
 * The client is one of L1. Waits for both L1 transactions; L2 has the deposit when a block of that L1 origin is built.
 *
 * @example
 * const { l2Hash } = await depositOpen(l1Client, { amount: parseEther('100'), to: account, targetChain: openledger })
 * await waitForTransactionReceipt(l2Client, { hash: l2Hash })
 */
export async function depositOpen(
  client: NativeClient,
  parameters: DepositOpenParameters,
): Promise<DepositOpenReturnType> {
  const account = signerOf(client, parameters.account)
  const portal = addressOf(client, parameters, 'portal')
  const token = addressOf(client, parameters, 'openToken')
  const { amount, to = account.address, l2Gas = DEFAULT_L2_GAS, data = '0x', timeout = 60_000 } = parameters

  const send = async (target: Address, input: Hex): Promise<TransactionReceipt> => {
    // The portal burns gas by a price that other deposits raise after an estimate (ResourceMetering).
    const gas = ((await estimateGas(client, { account, to: target, data: input })) * 3n) / 2n
    const hash = await sendTransaction(client, { account, chain: client.chain, to: target, data: input, gas })
    const receipt = await waitForTransactionReceipt(client, { hash, timeout, pollingInterval: 250 })
    if (receipt.status !== 'success') throw new TransactionRevertedError(receipt)
    return receipt
  }

  const args = [account.address, portal] as const
  const allowance = await readContract(client, { abi: erc20Abi, address: token, functionName: 'allowance', args })
  if (allowance < amount) {
    await send(token, encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [portal, amount] }))
  }
  const deposit = [to, amount, amount, l2Gas, false, data] as const
  const input = encodeFunctionData({ abi: depositErc20Abi, functionName: 'depositERC20Transaction', args: deposit })
  const receipt = await send(portal, input)
  const l2Hash = getL2TransactionHashes({ logs: receipt.logs })[0]
  if (!l2Hash) throw new BaseError(`no TransactionDeposited log in ${receipt.transactionHash}`)
  return { l1Hash: receipt.transactionHash, l2Hash, receipt }
}
