/**
 * Outputs that are not what the chain derives: a bonded validator deletes them, two thirds decide what stands there
 * instead, the wrong side loses its bond, and a withdrawal that was proved by a deleted output stays where it is. These
 * tests follow each other on the same outputs.
 */
import {
  encodeFunctionData,
  erc20Abi,
  type Hex,
  keccak256,
  parseEther,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from 'viem'
import { getWithdrawals } from 'viem/op-stack'
import { beforeAll, describe, expect, it } from 'vitest'
import { developmentAccount } from '../../devnet/accounts.ts'
import type { Address } from '../../genesis/addresses.ts'
import { outputRoot } from '../../node/chain/output-root.ts'
import type { ChallengerEvent } from '../../sequencer/challenger.ts'
import { oracleAbi, signOutput, validatorsAbi } from '../../sequencer/output-validators.ts'
import type { ProposerEvent } from '../../sequencer/proposer.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { type BridgeNetwork, OUTPUT_BOND, PATIENCE, SUBMISSION_INTERVAL, until, VALIDATORS } from './bridge-network.ts'
import { clientsOf, prove } from './clients.ts'

export const ROBBERS = ['withdrawer by a wrong output'] as const

const PROPOSER = developmentAccount('proposer')
const LIAR = VALIDATORS[2]!
const WRONG: Hex = `0x${'bad0'.repeat(16)}`

export function describeProposals(network: () => BridgeNetwork): void {
  let contract: Address
  beforeAll(async () => {
    const oracle = network().config.l2OutputOracleAddress
    contract = await network().l1().readContract({ address: oracle, abi: oracleAbi, functionName: 'PROPOSER' })
  })
  const oracle = (functionName: 'nextBlockNumber' | 'nextOutputIndex') => {
    const address = network().config.l2OutputOracleAddress
    return network().l1().readContract({ address, abi: oracleAbi, functionName })
  }
  const bondOf = async (who: Address) => {
    const read = { address: contract, abi: validatorsAbi, functionName: 'accounts', args: [who] } as const
    return (await network().l1().readContract(read))[0]
  }
  const dispute = () => network().l1().readContract({ address: contract, abi: validatorsAbi, functionName: 'dispute' })
  const proposed = () => eventOf<ProposerEvent, 'proposed'>(network().proposer, 'proposed')
  const bond = async (who: Address) => {
    const deployer = network().l1()
    const approval = { address: network().config.openTokenAddress, abi: erc20Abi, functionName: 'approve' } as const
    await network().onL1(await deployer.writeContract({ ...approval, args: [contract, OUTPUT_BOND] }))
    const bonding = { address: contract, abi: validatorsAbi, functionName: 'bond' } as const
    await network().onL1(await deployer.writeContract({ ...bonding, args: [who, OUTPUT_BOND] }))
  }

  describe('outputs', () => {
    it(
      'are posted with the signatures of validators that derive them too',
      async () => {
        const honest = await until('an output with signatures', async () => {
          const event = await proposed()
          return event.signers.length === 2 ? event : undefined
        })
        const signers = VALIDATORS.slice(0, 2).map(({ address }) => address.toLowerCase())
        expect(honest.signers).toEqual(signers.toSorted())
        const block = await network().verifier.chain.blockByNumber(honest.l2Block)
        expect(honest.outputRoot).toBe(outputRoot(block!))
        const receipt = await network().l1().getTransactionReceipt({ hash: honest.transaction })
        const [log] = parseEventLogs({ abi: validatorsAbi, eventName: 'Proposed', logs: receipt.logs })
        expect(log?.args.signers.map((signer) => signer.toLowerCase())).toEqual(honest.signers)
      },
      PATIENCE,
    )

    it(
      'are taken from the bonded proposer alone',
      async () => {
        const args = [WRONG, await oracle('nextBlockNumber'), zeroHash, 0n, []] as const
        const data = encodeFunctionData({ abi: validatorsAbi, functionName: 'propose', args })
        await expect(network().l1(LIAR).call({ account: LIAR, to: contract, data })).rejects.toThrow()
        const direct = encodeFunctionData({
          abi: oracleAbi,
          functionName: 'proposeL2Output',
          args: [WRONG, args[1], zeroHash, 0n],
        })
        const to = network().config.l2OutputOracleAddress
        await expect(network().l1(PROPOSER).call({ account: PROPOSER, to, data: direct })).rejects.toThrow(
          'only the proposer',
        )
      },
      PATIENCE,
    )

    it(
      'that a validator does not derive are deleted, and what they proved pays nothing',
      async () => {
        const clients = clientsOf(network(), ROBBERS[0])
        const { l1, l2, address, targetChain } = clients
        const value = parseEther('9')
        const receipt = await network().onL2(
          await l2.initiateWithdrawal({ request: { gas: 30_000n, to: address, value } }),
        )
        const [withdrawal] = getWithdrawals(receipt)
        await until('the output after the withdrawal', async () => {
          return (await oracle('nextBlockNumber')) >= receipt.blockNumber || undefined
        })
        await network().proposer.stop()
        await Promise.all(network().challengers.map((challenger) => challenger.stop()))
        const onL1 = await network().openOnL1(address)
        const index = await oracle('nextOutputIndex')
        const number = await oracle('nextBlockNumber')
        await until(
          'the block to propose',
          async () => network().verifier.chain.head('safe').block.header.number >= number || undefined,
        )

        // All of the wrong output is true but its state root, so that the withdrawal is in it.
        const output = { outputIndex: index, l2BlockNumber: number, outputRoot: WRONG, timestamp: 0n }
        const proof = await l2.buildProveWithdrawal({ output, withdrawal: withdrawal! })
        const { messagePasserStorageRoot, latestBlockhash } = proof.outputRootProof
        const wrong = keccak256(
          `${zeroHash}${WRONG.slice(2)}${messagePasserStorageRoot.slice(2)}${latestBlockhash.slice(2)}`,
        )
        const proposal = { address: contract, abi: validatorsAbi, functionName: 'propose' } as const
        await network().onL1(
          await network()
            .l1(PROPOSER)
            .writeContract({ ...proposal, args: [wrong, number, zeroHash, 0n, []] }),
        )
        const outputRootProof = { ...proof.outputRootProof, stateRoot: WRONG }
        await network().onL1(await l1.proveWithdrawal({ ...proof, outputRootProof }))
        expect(await l1.getWithdrawalStatus({ receipt, targetChain })).toBe('waiting-to-finalize')

        const winner = network().challengers[0]!
        const before = await network().openOnL1(VALIDATORS[0]!.address)
        const challenge = eventOf<ChallengerEvent, 'challenged'>(winner, 'challenged')
        winner.start()
        const right = outputRoot((await network().sequencer.chain.blockByNumber(number))!)
        expect(await challenge).toMatchObject({ index, l2Block: number, wrongRoot: wrong, outputRoot: right })
        expect(await oracle('nextOutputIndex')).toBe(index)
        expect((await dispute()).slice(0, 3)).toEqual([number, wrong, right])
        expect(await l1.getWithdrawalStatus({ receipt, targetChain })).toBe('waiting-to-prove')
        await network().passFinalization()
        await expect(l1.finalizeWithdrawal({ targetChain, withdrawal: withdrawal! })).rejects.toThrow()

        // What stands there instead needs two of three, and the honest node's proposer waits for them.
        const settled = proposed()
        const unbonded = eventOf<ProposerEvent, 'waiting'>(network().proposer, 'waiting', ({ reason }) =>
          reason.includes('has no bond'),
        )
        network().proposer.start()
        network().challengers[1]!.start()
        expect(await settled).toMatchObject({ l2Block: number, outputRoot: right, signers: { length: 2 } })
        expect((await dispute())[4]).toBe(zeroAddress)
        expect([await bondOf(PROPOSER.address), await bondOf(VALIDATORS[0]!.address)]).toEqual([0n, OUTPUT_BOND])
        expect((await network().openOnL1(VALIDATORS[0]!.address)) - before).toBe(OUTPUT_BOND / 2n)
        await expect(l1.finalizeWithdrawal({ targetChain, withdrawal: withdrawal! })).rejects.toThrow(
          'output root proven is not the same as current output root',
        )
        expect(await network().openOnL1(address)).toBe(onL1)

        // A proposer without a bond proposes no more; with one it goes on, and the withdrawal is proved anew.
        await unbonded
        await bond(PROPOSER.address)
        await proposed()
        const { withdrawal: again } = await prove(network(), clients, receipt)
        await network().passFinalization()
        await network().onL1(await l1.finalizeWithdrawal({ targetChain, withdrawal: again }))
        expect((await network().openOnL1(address)) - onL1).toBe(value)
      },
      PATIENCE,
    )

    it(
      'that are right come back, and the challenger loses its bond to the proposer and the fire',
      async () => {
        const open = await network()
          .l1()
          .readContract({ address: network().config.openTokenAddress, abi: erc20Abi, functionName: 'totalSupply' })
        const before = await network().openOnL1(PROPOSER.address)
        const index = (await oracle('nextOutputIndex')) - 1n
        const again = eventOf<ProposerEvent, 'proposed'>(
          network().proposer,
          'proposed',
          (event) => event.signers.length === 2,
        )
        const challenge = {
          address: contract,
          abi: validatorsAbi,
          functionName: 'challenge',
          args: [index, WRONG],
        } as const
        const receipt = await network().onL1(await network().l1(LIAR).writeContract(challenge))
        const [log] = parseEventLogs({ abi: validatorsAbi, eventName: 'Challenged', logs: receipt.logs })
        const l2Block = log!.args.l2Block
        await until('the settlement', async () => (await dispute())[4] === zeroAddress || undefined)
        await again
        expect(await bondOf(LIAR.address)).toBe(0n)
        expect(await bondOf(PROPOSER.address)).toBe(OUTPUT_BOND)
        expect((await network().openOnL1(PROPOSER.address)) - before).toBe(OUTPUT_BOND / 2n)
        const supply = await network()
          .l1()
          .readContract({ address: network().config.openTokenAddress, abi: erc20Abi, functionName: 'totalSupply' })
        expect(open - supply).toBe(OUTPUT_BOND / 2n)

        // Whoever signed another root than the one that was settled loses its bond, too.
        await bond(LIAR.address)
        const output = { l2Block, outputRoot: WRONG }
        const signature = await signOutput(LIAR, contract, network().config.l1ChainId, output)
        const slash = {
          address: contract,
          abi: validatorsAbi,
          functionName: 'slashSigner',
          args: [WRONG, l2Block, signature],
        } as const
        await network().onL1(await network().l1(VALIDATORS[1]!).writeContract(slash))
        expect(await bondOf(LIAR.address)).toBe(0n)
        await expect(network().l1(LIAR).simulateContract(slash)).rejects.toThrow('NothingToSlash')
      },
      PATIENCE,
    )

    it(
      'are signed ahead of their turn',
      async () => {
        await network().proposer.stop()
        const ahead = (await oracle('nextBlockNumber')) + BigInt(SUBMISSION_INTERVAL)
        await until('a safe block two outputs on', async () => {
          return network().verifier.chain.head('safe').block.header.number >= ahead || undefined
        })
        const root = outputRoot((await network().verifier.chain.blockByNumber(ahead))!)
        await until('signatures on it', async () => {
          return network().proposer.attestations.signatures(ahead, root).length === 2 || undefined
        })
        network().proposer.start()
      },
      PATIENCE,
    )

    it(
      'are posted with what has arrived where validators are silent, and that is told',
      async () => {
        await Promise.all(network().challengers.map((challenger) => challenger.stop()))
        const unsigned = await eventOf<ProposerEvent, 'proposed'>(
          network().proposer,
          'proposed',
          ({ signers }) => signers.length === 0,
        )
        expect(unsigned).toMatchObject({ signers: [], quorum: 2 })
        const signed = eventOf<ProposerEvent, 'proposed'>(
          network().proposer,
          'proposed',
          ({ signers }) => signers.length === 2,
        )
        for (const challenger of network().challengers) challenger.start()
        expect((await signed).l2Block).toBeGreaterThan(unsigned.l2Block)
      },
      PATIENCE,
    )

    it("are refused a signature that is no validator's", async () => {
      const output = { l2Block: 3n, outputRoot: WRONG }
      const signature = await signOutput(LIAR, contract, network().config.l1ChainId, output)
      const sent = askRpc(network().urls.l2, 'openledger_submitOutputSignature', '0x3', WRONG, signature)
      await expect(sent).rejects.toThrow('is not an active validator')
    })
  })
}

type Source<E> = { onEvent(listener: (event: E) => void): () => void }

/** The next event of a kind. */
function eventOf<E extends { kind: string }, K extends E['kind']>(
  source: Source<E>,
  kind: K,
  fits: (event: Extract<E, { kind: K }>) => boolean = () => true,
): Promise<Extract<E, { kind: K }>> {
  return new Promise((resolve) => {
    const stop = source.onEvent((event) => {
      if (event.kind !== kind) return
      const found = event as Extract<E, { kind: K }>
      if (!fits(found)) return
      stop()
      resolve(found)
    })
  })
}
