/** OPEN out of L2, from initiation to finalization, by viem's op-stack actions as they are. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEther, zeroAddress } from 'viem'
import { getWithdrawals, publicActionsL1, publicActionsL2, walletActionsL1, walletActionsL2 } from 'viem/op-stack'
import { describe, expect, it } from 'vitest'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { type BridgeNetwork, FINALIZATION_PERIOD, PATIENCE, SUBMISSION_INTERVAL } from './bridge-network.ts'
import { clientsOf, prove } from './clients.ts'

export const WITHDRAWERS = ['withdrawer', 'prepared withdrawer', 'early withdrawer', 'estimating withdrawer'] as const

/** Where a chain of dispute games would name the contract that makes them, by L1's chain id. */
const NO_FACTORY = { 900: { address: zeroAddress } }

export function describeWithdrawals(network: () => BridgeNetwork): void {
  describe('a withdrawal', () => {
    it(
      'goes from initiation to finalization, and L1 pays exactly what L2 burned',
      async () => {
        const { l1, l2, address, targetChain } = clientsOf(network(), 'withdrawer')
        const value = parseEther('7')
        const before = await network().openOnL1(address)
        const onL2 = await l2.getBalance({ address })
        const receipt = await network().onL2(
          await l2.initiateWithdrawal({ request: { gas: 50_000n, to: address, value } }),
        )
        const [withdrawal] = getWithdrawals(receipt)
        expect(withdrawal).toMatchObject({ sender: address, target: address, value, data: '0x' })
        const fee = receipt.gasUsed * receipt.effectiveGasPrice + (receipt.l1Fee ?? 0n)
        expect(onL2 - (await l2.getBalance({ address }))).toBeGreaterThanOrEqual(value + fee)

        const { provedIn } = await prove(network(), { l1, l2, address, targetChain }, receipt)
        const status = () => l1.getWithdrawalStatus({ receipt, targetChain })
        expect(await status()).toBe('waiting-to-finalize')
        const waiting = { withdrawalHash: withdrawal!.withdrawalHash, targetChain }
        const { period, seconds } = await l1.getTimeToFinalize(waiting)
        expect(period).toBe(FINALIZATION_PERIOD)
        expect(seconds).toBeGreaterThan(0)
        await expect(l1.finalizeWithdrawal({ targetChain, withdrawal: withdrawal! })).rejects.toThrow(
          'finalization period has not elapsed',
        )
        await l1.waitToFinalize(waiting)
        expect(await status()).toBe('ready-to-finalize')
        expect(await l1.getTimeToFinalize(waiting)).toMatchObject({ seconds: 0 })
        const finalized = await network().onL1(await l1.finalizeWithdrawal({ targetChain, withdrawal: withdrawal! }))
        expect(finalized.blockNumber).toBeGreaterThan(provedIn)
        expect(await status()).toBe('finalized')
        expect((await network().openOnL1(address)) - before).toBe(value)
        await expect(l1.finalizeWithdrawal({ targetChain, withdrawal: withdrawal! })).rejects.toThrow('already been')
      },
      PATIENCE,
    )

    it('is prepared on L1 by buildInitiateWithdrawal, with the gas that it needs there', async () => {
      const { l1, l2, address } = clientsOf(network(), 'prepared withdrawer')
      const request = await l1.buildInitiateWithdrawal({ to: address, value: 5n })
      expect(request.request).toMatchObject({ to: address, value: 5n })
      const receipt = await network().onL2(await l2.initiateWithdrawal(request))
      expect(getWithdrawals(receipt)[0]).toMatchObject({ value: 5n, gasLimit: request.request.gas })
    })

    it(
      'waits to be proved until an output of its block, or of a later one, is on L1',
      async () => {
        const { l1, l2, address, targetChain } = clientsOf(network(), 'early withdrawer')
        const hash = await l2.initiateWithdrawal({ request: { gas: 50_000n, to: address, value: 1n } })
        const receipt = await network().onL2(hash)
        // L2 is ahead of the outputs by the time that a batch and a proposal take.
        expect(await l1.getWithdrawalStatus({ receipt, targetChain })).toBe('waiting-to-prove')
        expect(await l1.getTimeToProve({ receipt, targetChain })).toMatchObject({ interval: SUBMISSION_INTERVAL })
        const { output, withdrawal } = await l1.waitToProve({ receipt, targetChain })
        expect(output.l2BlockNumber).toBeGreaterThanOrEqual(receipt.blockNumber)
        expect(output.l2BlockNumber % BigInt(SUBMISSION_INTERVAL)).toBe(0n)
        expect(withdrawal.value).toBe(1n)
        expect(await l1.getWithdrawalStatus({ receipt, targetChain })).toBe('ready-to-prove')
        expect(await l1.getTimeToProve({ receipt, targetChain })).toMatchObject({ seconds: 0 })
      },
      PATIENCE,
    )

    it(
      'has its gas estimated at each step',
      async () => {
        const { l1, l2, address, targetChain } = clientsOf(network(), 'estimating withdrawer')
        const request = { gas: 50_000n, to: address, value: 2n }
        const initiating = await l2.estimateInitiateWithdrawalGas({ request })
        const receipt = await network().onL2(await l2.initiateWithdrawal({ request }))
        expect(initiating).toBeGreaterThanOrEqual(receipt.gasUsed)
        const { output, withdrawal } = await l1.waitToProve({ receipt, targetChain })
        const proof = await l2.buildProveWithdrawal({ output, withdrawal })
        const proving = await l1.estimateProveWithdrawalGas(proof)
        const proved = await network().onL1(await l1.proveWithdrawal(proof))
        expect(proving).toBeGreaterThanOrEqual(proved.gasUsed)
        await l1.waitToFinalize({ withdrawalHash: withdrawal.withdrawalHash, targetChain })
        const finalizing = await l1.estimateFinalizeWithdrawalGas({ withdrawal, targetChain })
        const finalized = await network().onL1(await l1.finalizeWithdrawal({ withdrawal, targetChain }))
        expect(finalizing).toBeGreaterThanOrEqual(finalized.gasUsed)
      },
      PATIENCE,
    )

    it('is proved from the verifier, which knows L1 alone, as well as from the sequencer', async () => {
      const { l1, targetChain } = clientsOf(network(), 'withdrawer')
      const output = await l1.getL2Output({ l2BlockNumber: 1n, targetChain })
      const { sequencer, verifier } = network()
      const number = Number(output.l2BlockNumber)
      const answers = [network().urls.l2, network().urls.verifier].map((url) =>
        askRpc(url, 'optimism_outputAtBlock', `0x${number.toString(16)}`),
      )
      for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ outputRoot: output.outputRoot })
      const block = await verifier.chain.blockByNumber(output.l2BlockNumber)
      expect(block?.hash).toBe((await sequencer.chain.blockByNumber(output.l2BlockNumber))?.hash)
    })
  })

  describe('the portal', () => {
    it("has no dispute games: viem's four actions that ask for them apply to it not, and all others have a test here", async () => {
      const { l1, l2, targetChain } = clientsOf(network(), 'withdrawer')
      const decorators = [publicActionsL1()(l1), publicActionsL2()(l2), walletActionsL1()(l1), walletActionsL2()(l2)]
      const actions = new Set(decorators.flatMap((decorator) => Object.keys(decorator)))
      const suites = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'))
      const text = suites.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join()
      const untested = [...actions].filter((action) => !text.includes(`.${action}(`))
      expect(untested).toEqual(['getGame', 'getGames', 'getTimeToNextGame', 'waitForNextGame'])
      const chain = { ...targetChain, contracts: { ...targetChain.contracts, disputeGameFactory: NO_FACTORY } }
      const games = { l2BlockNumber: 1n, targetChain: chain }
      for (const asked of [l1.getGames, l1.getGame, l1.getTimeToNextGame]) await expect(asked(games)).rejects.toThrow()
    })

    it(
      "is of version 2, whose withdrawals are proved by the oracle's outputs and not by games",
      async () => {
        const { l1, targetChain } = clientsOf(network(), 'withdrawer')
        expect(await l1.getPortalVersion({ targetChain })).toMatchObject({ major: 2, minor: 8 })
        const { seconds, interval } = await l1.getTimeToNextL2Output({ l2BlockNumber: 1n, targetChain })
        expect({ seconds, interval }).toEqual({ seconds: 0, interval: SUBMISSION_INTERVAL })
        const latest = await l1.getL2Output({ l2BlockNumber: 1n, targetChain })
        const next = await l1.waitForNextL2Output({ l2BlockNumber: latest.l2BlockNumber + 1n, targetChain })
        expect(next.outputIndex).toBe(latest.outputIndex + 1n)
        expect(next.l2BlockNumber).toBe(latest.l2BlockNumber + BigInt(SUBMISSION_INTERVAL))
      },
      PATIENCE,
    )
  })
}
