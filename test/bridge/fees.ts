/** What viem's op-stack actions say that a transaction will cost, and what it costs. */
import { encodeFunctionData, erc20Abi, parseAbi, serializeTransaction } from 'viem'
import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { contractArtifact } from '../../genesis/contracts.ts'
import { account, type BridgeNetwork, PATIENCE, until } from './bridge-network.ts'
import { clientsOf } from './clients.ts'

export const FEE_PAYERS = ['fee payer', 'operator fee payer'] as const

const oracleAbi = parseAbi(['function getL1Fee(bytes) view returns (uint256)'])
const l1BlockAbi = parseAbi(['function operatorFeeConstant() view returns (uint64)'])

export function describeFees(network: () => BridgeNetwork): void {
  const transfer = () => ({ account: account('fee payer'), to: account('payee of fees').address, value: 1n })
  const call = () =>
    ({
      account: account('fee payer'),
      address: PREDEPLOYS.wopen,
      abi: erc20Abi,
      functionName: 'approve',
      args: [account('payee of fees').address, 1n],
    }) as const
  const asData = () => ({ to: PREDEPLOYS.wopen, data: encodeFunctionData(call()), account: account('fee payer') })

  describe('fees', () => {
    it(
      'of L1 data are charged as the oracle says (estimateL1Fee)',
      async () => {
        const { l2 } = clientsOf(network(), 'fee payer')
        expect(await l2.estimateL1Fee(transfer())).toBeGreaterThan(0n)
        const before = await l2.getBalance({ address: l2.account.address })
        const receipt = await network().onL2(await l2.sendTransaction(transfer()))
        const { blockNumber } = receipt
        // A transfer is below the least size that is charged, so its exact bytes do not matter.
        const bytes = serializeTransaction({ chainId: l2.chain.id, type: 'eip1559', to: transfer().to, value: 1n })
        const oracle = { address: PREDEPLOYS.gasPriceOracle, abi: oracleAbi, functionName: 'getL1Fee' } as const
        expect(receipt.l1Fee).toBe(await l2.readContract({ ...oracle, args: [bytes], blockNumber }))
        const paid = before - (await l2.getBalance({ address: l2.account.address, blockNumber }))
        expect(paid).toBeGreaterThanOrEqual(1n + receipt.gasUsed * receipt.effectiveGasPrice + receipt.l1Fee!)
      },
      PATIENCE,
    )

    it('of L1 have a gas and a price (estimateL1Gas, getL1BaseFee)', async () => {
      const { l2 } = clientsOf(network(), 'fee payer')
      expect(await l2.estimateL1Gas(transfer())).toBeGreaterThan(0n)
      expect(await l2.getL1BaseFee()).toBeGreaterThan(0n)
    })

    it('in total are those of L1, of the operator and of execution (estimateTotalFee)', async () => {
      const { l2 } = clientsOf(network(), 'fee payer')
      const total = await l2.estimateTotalFee(transfer())
      const execution = 21_000n * (await l2.getGasPrice())
      expect(total).toBeGreaterThan(execution / 2n)
      expect(await l2.estimateTotalGas(transfer())).toBeGreaterThanOrEqual(21_000n)
    })

    it('of a contract call are those of its data (estimateContract…)', async () => {
      const { l2 } = clientsOf(network(), 'fee payer')
      expect(await l2.estimateContractL1Gas(call())).toBe(await l2.estimateL1Gas(asData()))
      expect(await l2.estimateContractL1Fee(call())).toBeGreaterThan(0n)
      expect(await l2.estimateContractTotalGas(call())).toBeGreaterThan(await l2.estimateContractL1Gas(call()))
      expect(await l2.estimateContractTotalFee(call())).toBeGreaterThan(await l2.estimateContractL1Fee(call()))
    })

    it(
      'of the operator are charged once L1 has set them (estimateOperatorFee)',
      async () => {
        const { l1SystemConfigAddress: address } = network().config
        const { abi } = contractArtifact('SystemConfig')
        const owner = network().l1()
        const [scalar, constant] = [2_000, 1_000_000n]
        const change = { address, abi, functionName: 'setOperatorFeeScalars', args: [scalar, constant] } as const
        await network().onL1(await owner.writeContract(change))
        const { l2 } = clientsOf(network(), 'operator fee payer')
        const l1Block = { address: PREDEPLOYS.l1Block, abi: l1BlockAbi, functionName: 'operatorFeeConstant' } as const
        await until('the operator fee', async () => (await l2.readContract(l1Block)) === constant || undefined)
        const payment = { to: account('payee of fees').address, value: 1n }
        // Jovian: gas × scalar × 100 + constant.
        const fee = (gas: bigint) => gas * BigInt(scalar) * 100n + constant
        expect(await l2.estimateOperatorFee(payment)).toBe(fee(await l2.estimateGas(payment)))
        const before = await l2.getBalance({ address: l2.account.address })
        const receipt = await network().onL2(await l2.sendTransaction(payment))
        const paid = before - (await l2.getBalance({ address: l2.account.address }))
        const execution = receipt.gasUsed * receipt.effectiveGasPrice
        expect(paid).toBe(1n + execution + receipt.l1Fee! + fee(receipt.gasUsed))
      },
      PATIENCE,
    )
  })
}
