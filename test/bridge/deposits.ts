/** OPEN into L2, and calls that L1 makes there. */
import { encodeFunctionData, erc20Abi, type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { depositErc20Abi, depositOpen } from '../../client/index.ts'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { account, type BridgeNetwork, PATIENCE } from './bridge-network.ts'
import { clientsOf, depositOf, finish } from './clients.ts'

export const DEPOSITORS = ['depositor', 'caller', 'payer', 'builder', 'refused', 'reverting', 'creator'] as const

/** The portal burns gas by a price that other deposits of the same L1 block change after an estimate. */
export const L1_GAS = 1_000_000n
/** Creation code of a contract whose code is the one byte 0x00. */
const CREATION: Hex = '0x60015ff3'
/** Creation code that reverts. */
const REVERTING: Hex = '0x5f5ffd'

export function describeDeposits(network: () => BridgeNetwork): void {
  const callOfWopen = (spender: string, amount: bigint) =>
    encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender as Hex, amount] })
  const allowance = (owner: Hex, spender: Hex) =>
    network()
      .l2()
      .readContract({
        address: PREDEPLOYS.wopen,
        abi: erc20Abi,
        functionName: 'allowance',
        args: [owner, spender],
      })

  describe('OPEN', () => {
    it(
      'comes in by depositOpen and goes out again, and the portal holds what L2 has',
      async () => {
        const clients = clientsOf(network(), 'depositor')
        const { l1, l2, address, targetChain } = clients
        const to = account('nobody yet').address
        const amount = parseEther('11')
        const onL1 = await network().openOnL1(address)
        const { l2Hash } = await depositOpen(l1, { amount, to, targetChain })
        await network().onL2(l2Hash)
        expect(await l2.getBalance({ address: to })).toBe(amount)
        expect(onL1 - (await network().openOnL1(address))).toBe(amount)

        const value = parseEther('10')
        const hash = await l2.initiateWithdrawal({ request: { gas: 30_000n, to, value } })
        await finish(network(), clients, await network().onL2(hash))
        expect(await network().openOnL1(to)).toBe(value)
      },
      PATIENCE,
    )
  })

  describe('a deposit transaction', () => {
    it(
      'calls a contract of L2 in the name of its sender on L1 (buildDepositTransaction)',
      async () => {
        const { l1, l2, address, targetChain } = clientsOf(network(), 'builder')
        const spender = account('spender of builder').address
        const request = await l2.buildDepositTransaction({ to: PREDEPLOYS.wopen, data: callOfWopen(spender, 77n) })
        const estimate = await l1.estimateDepositTransactionGas({ request: request.request, targetChain })
        const receipt = await network().onL1(await l1.depositTransaction({ ...request, gas: L1_GAS }))
        // The portal burns L1 gas to price L2 gas, by the base fee of the block.
        expect(estimate).toBeGreaterThan(receipt.gasUsed / 2n)
        const onL2 = await depositOf(network(), receipt)
        expect(onL2).toMatchObject({ status: 'success', from: address.toLowerCase(), type: '0x7e' })
        expect(await allowance(address, spender)).toBe(77n)
      },
      PATIENCE,
    )

    it(
      'carries a message without any request to L2 before it',
      async () => {
        const { l1, address, targetChain } = clientsOf(network(), 'caller')
        const spender = account('spender of caller').address
        const request = { to: PREDEPLOYS.wopen, data: callOfWopen(spender, 78n), gas: 100_000n }
        const receipt = await network().onL1(await l1.depositTransaction({ request, targetChain, gas: L1_GAS }))
        expect((await depositOf(network(), receipt)).status).toBe('success')
        expect(await allowance(address, spender)).toBe(78n)
      },
      PATIENCE,
    )

    it(
      "moves its sender's OPEN on L2",
      async () => {
        const { l1, l2, address, targetChain } = clientsOf(network(), 'payer')
        const to = account('payee of payer').address
        const before = await l2.getBalance({ address })
        const request = { to, value: parseEther('3'), gas: 50_000n }
        await depositOf(
          network(),
          await network().onL1(await l1.depositTransaction({ request, targetChain, gas: L1_GAS })),
        )
        expect(await l2.getBalance({ address: to })).toBe(parseEther('3'))
        expect(before - (await l2.getBalance({ address }))).toBe(parseEther('3'))
      },
      PATIENCE,
    )

    it(
      'creates a contract',
      async () => {
        const { l1, l2, targetChain } = clientsOf(network(), 'creator')
        const request = { isCreation: true, data: CREATION, gas: 200_000n } as const
        const receipt = await network().onL1(await l1.depositTransaction({ request, targetChain, gas: L1_GAS }))
        const { contractAddress, status } = await depositOf(network(), receipt)
        expect(status).toBe('success')
        expect(await l2.getCode({ address: contractAddress! })).toBe('0x00')
      },
      PATIENCE,
    )

    it('that brings ether is refused on L1: the portal takes OPEN', async () => {
      const { l1, targetChain, address } = clientsOf(network(), 'refused')
      const request = { to: address, mint: 1n, gas: 50_000n }
      await expect(l1.depositTransaction({ request, targetChain })).rejects.toThrow(/NoValue|0xf2365b5b|reverted/)
    })

    it(
      'that reverts on L2 still mints, because L1 has taken the tokens',
      async () => {
        const { l1, l2, address } = clientsOf(network(), 'reverting')
        const { openTokenAddress, depositContractAddress: portal } = network().config
        const before = await l2.getBalance({ address })
        const amount = parseEther('4')
        const approval = { address: openTokenAddress, abi: erc20Abi, functionName: 'approve' } as const
        await network().onL1(await l1.writeContract({ ...approval, args: [portal, amount] }))
        const deposit = {
          address: portal,
          abi: depositErc20Abi,
          functionName: 'depositERC20Transaction',
          gas: L1_GAS,
        } as const
        const args = [`0x${'00'.repeat(20)}`, amount, amount, 100_000n, true, REVERTING] as const
        const receipt = await network().onL1(await l1.writeContract({ ...deposit, args }))
        expect((await depositOf(network(), receipt)).status).toBe('reverted')
        expect((await l2.getBalance({ address })) - before).toBe(amount)
      },
      PATIENCE,
    )
  })
}
