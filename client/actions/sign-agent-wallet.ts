import type { Account, Address, Hex } from 'viem'
import { getChainId, type SignTypedDataErrorType, signTypedData } from 'viem/actions'
import { agentWalletTypedData } from '../../protocol/agent-wallet.ts'
import { type NativeClient, type NoAccountError, signerOf } from '../native-transaction.ts'

export type SignAgentWalletParameters = {
  /** The new wallet; the client's account where absent. */
  account?: Account | Address
  /** Agent id. */
  agent: bigint
  /** The agent's owner. */
  owner: Address
  /** Seconds since 1970, at most five minutes off. */
  deadline: bigint
}
/** What setAgentWallet takes besides the agent. */
export type SignAgentWalletReturnType = { wallet: Address; deadline: bigint; signature: Hex }
export type SignAgentWalletErrorType = NoAccountError | SignTypedDataErrorType

/**
 * Signs that the account agrees to be an agent's wallet (EIP-712, protocol/agent-wallet.ts). Nothing is sent.
 *
 * @example
 * const agreed = await signAgentWallet(client, { agent, owner, deadline })
 */
export async function signAgentWallet(
  client: NativeClient,
  parameters: SignAgentWalletParameters,
): Promise<SignAgentWalletReturnType> {
  const { agent, owner, deadline } = parameters
  const account = signerOf(client, parameters.account)
  const chainId = client.chain?.id ?? (await getChainId(client))
  const wallet = account.address
  const signature = await signTypedData(client, {
    account,
    ...agentWalletTypedData(chainId, { agentId: agent, newWallet: wallet, owner, deadline }),
  })
  return { wallet, deadline, signature }
}
