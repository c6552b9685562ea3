/** An account that the sequencer refuses still acts on L2, and leaves it, through L1. */
import { encodeFunctionData, parseAbi, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { account, type BridgeNetwork, PATIENCE, until } from './bridge-network.ts'
import { clientsOf, depositOf, finish } from './clients.ts'
import { L1_GAS } from './deposits.ts'

export const CENSORED = ['censored', 'not censored'] as const

const passerAbi = parseAbi(['function initiateWithdrawal(address target, uint256 gasLimit, bytes data) payable'])

export function describeForcedInclusion(network: () => BridgeNetwork): void {
  describe('an account that the sequencer refuses', () => {
    it(
      'withdraws by a deposit transaction, which no sequencer can leave out',
      async () => {
        const clients = clientsOf(network(), 'censored')
        const { l1, l2, address, targetChain } = clients
        network().censorship.refusedSenders.add(address.toLowerCase() as `0x${string}`)
        const refused = await l2.sendTransaction({ to: account('payee of censored').address, value: 1n })
        const other = clientsOf(network(), 'not censored').l2
        const from = await network().onL2(await other.sendTransaction({ to: address, value: 1n }))
        await until('three more blocks', async () => (await l2.getBlockNumber()) > from.blockNumber + 3n || undefined)
        expect(await l2.getTransactionCount({ address })).toBe(0)
        expect((await l2.getTransaction({ hash: refused })).blockNumber).toBeNull()

        const value = parseEther('5')
        const args = [address, 30_000n, '0x'] as const
        const data = encodeFunctionData({ abi: passerAbi, functionName: 'initiateWithdrawal', args })
        const request = { to: PREDEPLOYS.l2ToL1MessagePasser, value, data, gas: 300_000n }
        const before = await network().openOnL1(address)
        const forced = await network().onL1(await l1.depositTransaction({ request, targetChain, gas: L1_GAS }))
        const receipt = await depositOf(network(), forced)
        expect(receipt.status).toBe('success')
        await finish(network(), clients, receipt)
        expect((await network().openOnL1(address)) - before).toBe(value)
      },
      PATIENCE,
    )
  })
}
