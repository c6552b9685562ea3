/** What op-node's methods say of this rollup, and what an operator may tell its nodes. */
import { numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HashedBlock } from '../../node/execution/block.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { type BridgeNetwork, PATIENCE, until } from './bridge-network.ts'

const l1Ref = z.object({
  hash: z.string(),
  number: z.number().positive(),
  parentHash: z.string(),
  timestamp: z.number(),
})
const l2Ref = z.object({ hash: z.string(), number: z.number(), l1origin: z.object({ number: z.number() }) })
const syncStatus = z.object({
  current_l1: l1Ref,
  head_l1: l1Ref,
  safe_l1: l1Ref,
  finalized_l1: l1Ref,
  unsafe_l2: l2Ref,
  safe_l2: l2Ref,
  finalized_l2: l2Ref.extend({ number: z.number().positive() }),
})
const safeHeadAt = z.object({
  l1Block: z.object({ hash: z.string(), number: z.number() }),
  safeHead: z.object({ hash: z.string(), number: z.number() }),
})

export function describeRollupNode(network: () => BridgeNetwork): void {
  const ask = (where: 'l2' | 'verifier' | 'admin' | 'verifierAdmin', method: string, ...params: unknown[]) =>
    askRpc(network().urls[where], method, ...params)
  const status = async (where: 'l2' | 'verifier') => syncStatus.safeParse(await ask(where, 'optimism_syncStatus')).data

  describe('a rollup node', () => {
    it.for(['l2', 'verifier'] as const)('knows all heads of L1 and of L2 (%s: optimism_syncStatus)', async (where) => {
      const heads = await until('all heads', () => status(where))
      const { head_l1, safe_l1, finalized_l1, current_l1, unsafe_l2, safe_l2, finalized_l2 } = heads
      expect(finalized_l1.number).toBeLessThan(safe_l1.number)
      expect(safe_l1.number).toBeLessThan(head_l1.number)
      expect(current_l1.number).toBeLessThanOrEqual(head_l1.number)
      expect(finalized_l2.number).toBeLessThanOrEqual(safe_l2.number)
      expect(safe_l2.number).toBeLessThanOrEqual(unsafe_l2.number)
      for (const { number, hash } of [head_l1, safe_l1, finalized_l1, current_l1]) {
        expect(
          (
            await network()
              .l1()
              .getBlock({ blockNumber: BigInt(number) })
          ).hash,
        ).toBe(hash)
      }
    })

    it('says by which L1 block which L2 block was safe, as every node that read L1 (optimism_safeHeadAtL1Block)', async () => {
      const { finalized_l1 } = await until('all heads', () => status('verifier'))
      const number = numberToHex(finalized_l1.number)
      const answer = safeHeadAt.parse(await ask('l2', 'optimism_safeHeadAtL1Block', number))
      expect(await ask('verifier', 'optimism_safeHeadAtL1Block', number)).toEqual(answer)
      expect(answer.l1Block.number).toBeLessThanOrEqual(finalized_l1.number)
      const block = await network()
        .l2()
        .getBlock({ blockNumber: BigInt(answer.safeHead.number) })
      expect(block.hash).toBe(answer.safeHead.hash)
      await expect(ask('l2', 'optimism_safeHeadAtL1Block', '0x0')).rejects.toThrow('no L2 block was safe by L1 block 0')
    })

    it('gives the rollup config by the names of the OP Stack (optimism_rollupConfig)', async () => {
      const { config } = network()
      expect(await ask('verifier', 'optimism_rollupConfig')).toMatchObject({
        l1_chain_id: config.l1ChainId,
        l2_chain_id: config.l2ChainId,
        block_time: 1,
        jovian_time: 0,
        genesis: { l1: config.genesis.l1, l2: config.genesis.l2, l2_time: config.genesis.l2Time },
        batch_inbox_address: config.batchInboxAddress,
        deposit_contract_address: config.depositContractAddress,
        l1_system_config_address: config.l1SystemConfigAddress,
      })
    })

    it('takes blocks from an operator where gossip has not brought them (admin_postUnsafePayload)', async () => {
      const { verifier, sequencer } = network()
      const first = verifier.chain.head('unsafe').block.header.number + 1n
      // Batches may just have brought it to the sequencer's head.
      const last = await until('a block that the verifier did not have', async () => {
        const { number } = sequencer.chain.head('unsafe').block.header
        return number >= first ? number : undefined
      })
      for (let number = first; number <= last; number++) {
        const block = (await sequencer.chain.blockByNumber(number))!
        const lie = { ...envelopeOf(block), parentBeaconBlockRoot: `0x${'11'.repeat(32)}` }
        await expect(ask('verifierAdmin', 'admin_postUnsafePayload', lie)).rejects.toThrow('not to its blockHash')
        expect(await ask('verifierAdmin', 'admin_postUnsafePayload', envelopeOf(block))).toBeNull()
        expect((await verifier.chain.blockByNumber(number))?.hash).toBe(block.hash)
      }
      expect(verifier.chain.head('unsafe').block.header.number).toBeGreaterThanOrEqual(last)
    })

    it(
      "stops and starts building at its operator's word (admin_stopSequencer, admin_startSequencer)",
      async () => {
        expect(await ask('admin', 'admin_sequencerActive')).toBe(true)
        const head = await ask('admin', 'admin_stopSequencer')
        expect(await ask('admin', 'admin_sequencerActive')).toBe(false)
        await expect(ask('admin', 'admin_stopSequencer')).rejects.toThrow('does not run')
        const before = await network().l1().getBlockNumber()
        await until('two L1 blocks', async () => (await network().l1().getBlockNumber()) > before + 1n || undefined)
        expect((await network().l2().getBlock()).hash).toBe(head)
        await expect(ask('admin', 'admin_startSequencer', `0x${'11'.repeat(32)}`)).rejects.toThrow(
          'is not the unsafe head',
        )
        expect(await ask('admin', 'admin_startSequencer', head)).toBeNull()
        await expect(ask('admin', 'admin_startSequencer', head)).rejects.toThrow('runs already')
        await until('a block', async () => (await network().l2().getBlock()).hash !== head || undefined)
      },
      PATIENCE,
    )

    it('lets nobody but its operator do so', async () => {
      for (const where of ['l2', 'verifier'] as const)
        await expect(ask(where, 'admin_stopSequencer')).rejects.toThrow(/not exist|not available|not found/)
      await expect(ask('verifierAdmin', 'admin_stopSequencer')).rejects.toThrow('no sequencer')
      expect(await ask('verifierAdmin', 'admin_sequencerActive')).toBe(false)
    })
  })
}

/** op-node's ExecutionPayloadEnvelope. */
function envelopeOf({ hash, block: { header, transactions } }: HashedBlock) {
  return {
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    executionPayload: {
      parentHash: header.parentHash,
      feeRecipient: header.beneficiary,
      stateRoot: header.stateRoot,
      receiptsRoot: header.receiptsRoot,
      logsBloom: header.logsBloom,
      prevRandao: header.mixHash,
      blockNumber: numberToHex(header.number),
      gasLimit: numberToHex(header.gasLimit),
      gasUsed: numberToHex(header.gasUsed),
      timestamp: numberToHex(header.timestamp),
      extraData: header.extraData,
      baseFeePerGas: numberToHex(header.baseFeePerGas),
      blockHash: hash,
      transactions: transactions.map((transaction) => bytesToHex(transaction)),
      withdrawals: [],
      blobGasUsed: numberToHex(header.blobGasUsed),
      excessBlobGas: numberToHex(header.excessBlobGas),
      withdrawalsRoot: header.withdrawalsRoot,
    },
  }
}
