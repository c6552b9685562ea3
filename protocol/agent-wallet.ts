/**
 * A key's agreement to be an agent's wallet (ERC-8004, "On-chain metadata"; the domain and type are those of its
 * reference contracts). It names the agent's owner, so it is of no use after a transfer.
 */
import type { Hex } from 'viem'
import { AGENT_REGISTRY } from '../genesis/addresses.ts'

export type AgentWalletSet = {
  agentId: bigint
  newWallet: Hex
  /** The agent's owner when the wallet is set. */
  owner: Hex
  /** Seconds since 1970; the registry takes one at most five minutes off. */
  deadline: bigint
}

const types = {
  AgentWalletSet: [
    { name: 'agentId', type: 'uint256' },
    { name: 'newWallet', type: 'address' },
    { name: 'owner', type: 'address' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/** Argument of viem's signTypedData. */
export function agentWalletTypedData(chainId: number, message: AgentWalletSet) {
  return {
    domain: { name: 'ERC8004IdentityRegistry', version: '1', chainId, verifyingContract: AGENT_REGISTRY },
    types,
    primaryType: 'AgentWalletSet',
    message,
  } as const
}
