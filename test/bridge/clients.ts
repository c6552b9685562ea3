/** What several suites do with viem's op-stack actions. */
import { type Abi, type Hex, parseAbi, type TransactionReceipt } from 'viem'
import { getL2TransactionHashes } from 'viem/op-stack'
import type { Address } from '../../genesis/addresses.ts'
import { account, type BridgeNetwork, PATIENCE, until } from './bridge-network.ts'

/** An account's clients of both layers. */
export function clientsOf(network: BridgeNetwork, name: string) {
  const signer = account(name)
  return { l1: network.l1(signer), l2: network.l2(signer), targetChain: network.l2Chain, address: signer.address }
}

export type Clients = ReturnType<typeof clientsOf>

/** The L2 receipt of the only deposit that an L1 transaction made, whether it succeeded there or not. */
export function depositOf(network: BridgeNetwork, receipt: TransactionReceipt) {
  const [hash, ...others] = getL2TransactionHashes({ logs: receipt.logs })
  if (hash === undefined || others.length > 0) throw new Error(`${receipt.transactionHash} did not make one deposit`)
  return network.l2().waitForTransactionReceipt({ hash, timeout: PATIENCE })
}

/** Proves the first withdrawal of an L2 receipt on L1, and says against which output. */
export async function prove(network: BridgeNetwork, { l1, l2, targetChain }: Clients, receipt: TransactionReceipt) {
  const { output, withdrawal } = await l1.waitToProve({ receipt, targetChain })
  const proof = await l2.buildProveWithdrawal({ output, withdrawal })
  const { blockNumber } = await network.onL1(await l1.proveWithdrawal(proof))
  return { output, withdrawal, provedIn: blockNumber }
}

/** From an L2 receipt to the L1 receipt of its finalized withdrawal. Does not wait viem's ten seconds of reserve. */
export async function finish(network: BridgeNetwork, clients: Clients, receipt: TransactionReceipt) {
  const { l1, targetChain } = clients
  const { withdrawal, output, provedIn } = await prove(network, clients, receipt)
  const proved = await l1.getBlock({ blockNumber: provedIn })
  const { period } = await l1.getTimeToFinalize({ withdrawalHash: withdrawal.withdrawalHash, targetChain })
  const later = proved.timestamp > output.timestamp ? proved.timestamp : output.timestamp
  await until('end of the finalization period', async () => {
    const { timestamp } = await l1.getBlock()
    return timestamp > later + BigInt(period) || undefined
  })
  return network.onL1(await l1.finalizeWithdrawal({ targetChain, withdrawal }))
}

/** Deploys a contract and returns its address. */
export async function deploy(
  client: Clients['l1'] | Clients['l2'],
  { abi, bytecode }: { abi: Abi; bytecode: Hex },
  args: unknown[] = [],
): Promise<Address> {
  const data = { abi, bytecode, args, chain: client.chain, account: client.account }
  const hash = await client.deployContract(data)
  const receipt = await client.waitForTransactionReceipt({ hash, timeout: PATIENCE })
  if (receipt.status !== 'success' || !receipt.contractAddress) throw new Error(`deployment ${hash} failed`)
  return receipt.contractAddress.toLowerCase() as Address
}

export const messengerAbi = parseAbi([
  'function sendMessage(address target, bytes message, uint32 minGasLimit) payable',
  'event RelayedMessage(bytes32 indexed msgHash)',
  'event FailedRelayedMessage(bytes32 indexed msgHash)',
])
