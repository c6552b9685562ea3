/**
 * A challenge between processes: a verifier with a validator's key and bond finds a wrong output on L1 and deletes it; the
 * sequencer's proposer, with the verifier's signature, puts the right one in its place.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, createWalletClient, type Hex, http, parseEther, zeroAddress, zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { developmentAccount, developmentKey, operatorAccounts } from '../../devnet/accounts.ts'
import { Anvil } from '../../devnet/anvil.ts'
import { deployL1 } from '../../devnet/l1-deployment.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type ChainConfig, serializeChainConfig } from '../../genesis/chain-config.ts'
import { genesisHash } from '../../node/chain/genesis-block.ts'
import { contractInRole, oracleAbi, validatorsAbi } from '../../sequencer/output-validators.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { freePort } from '../fixtures/command-line.ts'
import { NodeProcess } from '../fixtures/node-process.ts'
import { hasAnvil, PATIENCE, until } from './bridge-network.ts'

const BOND = parseEther('1000')
const WRONG: Hex = `0x${'bad0'.repeat(16)}`
const output = z.object({ outputRoot: z.string() })

describe.skipIf(!hasAnvil)('a wrong output between processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-validator-'))
  const lives: (() => Promise<unknown>)[] = []
  let anvil: Anvil
  let config: ChainConfig
  let contract: Address

  beforeAll(async () => {
    anvil = await Anvil.start({ dataDir: join(folder, 'l1'), port: 0, blockTime: 1 })
    lives.push(() => anvil.stop())
    const operators = operatorAccounts()
    await anvil.fund(
      Object.values(operators).map(({ address }) => address),
      parseEther('1000'),
    )
    config = await deployL1({
      rpcUrl: anvil.url,
      deployer: operators.deployer,
      roles: {
        batcher: operators.batcher.address,
        proposer: operators.proposer.address,
        unsafeBlockSigner: operators.sequencer.address,
        validators: [operators.outputValidator.address],
      },
      outputBond: BOND,
      l2ChainId: 901,
      blockTime: 1,
      submissionInterval: 4,
      // Nothing becomes final while the test lasts.
      finalizationPeriod: 3_600,
      genesisHash,
    })
    writeFileSync(join(folder, 'chain.json'), serializeChainConfig(config))
    contract = (await contractInRole(l1(), config.l2OutputOracleAddress, 'CHALLENGER'))!
  }, PATIENCE)
  afterAll(async () => {
    for (const end of lives.toReversed()) await end()
    rmSync(folder, { recursive: true })
  })

  const l1 = () => createPublicClient({ transport: http(anvil.url), pollingInterval: 100, cacheTime: 0 })
  const oracle = (functionName: 'nextBlockNumber' | 'nextOutputIndex') =>
    l1().readContract({ address: config.l2OutputOracleAddress, abi: oracleAbi, functionName })
  const rootAt = async (index: bigint) => {
    const read = { address: config.l2OutputOracleAddress, abi: oracleAbi, functionName: 'getL2Output' } as const
    return (await l1().readContract({ ...read, args: [index] })).outputRoot
  }
  const disputes = async () => {
    const found = await l1().readContract({ address: contract, abi: validatorsAbi, functionName: 'dispute' })
    return found[4] !== zeroAddress
  }
  const bondOf = async (name: string) => {
    const args = [developmentAccount(name).address] as const
    return (await l1().readContract({ address: contract, abi: validatorsAbi, functionName: 'accounts', args }))[0]
  }
  const keyFile = (name: string) => {
    const path = join(folder, `${name}.key`)
    writeFileSync(path, developmentKey(name))
    return path
  }
  const start = async (name: 'sequencer' | 'verifier', ...args: string[]) => {
    const l1Options = ['--l1-rpc', anvil.url, '--l1-beacon', anvil.url, '--l1-blob-id', 'block-number']
    const common = ['--chain', join(folder, 'chain.json'), '--data-dir', join(folder, name), ...l1Options]
    const node = await NodeProcess.start(name, ...common, ...args)
    lives.push(() => node.stop())
    return node
  }
  const startSequencer = (port: number, ...args: string[]) => {
    const keys = ['--sequencer-key-file', keyFile('sequencer'), '--batcher-key-file', keyFile('batcher')]
    return start('sequencer', ...keys, '--rpc-port', String(port), '--l1-blob-sidecar', '4844', ...args)
  }
  /** What a node says that the output root of a block is. */
  const outputAt = async (url: string, l2Block: bigint) => {
    const answer = await askRpc(url, 'optimism_outputAtBlock', `0x${l2Block.toString(16)}`)
    return output.parse(answer).outputRoot
  }

  it(
    'is deleted by a verifier with its bond, and replaced by what the verifier has signed',
    async () => {
      const port = await freePort()
      const silent = await startSequencer(port)
      const validator = ['--validator-key-file', keyFile('output-validator'), '--proposer-rpc', silent.rpcUrl]
      const verifier = await start('verifier', '--rpc-port', '0', '--bootstrap', silent.p2pAddress, ...validator)

      const number = await oracle('nextBlockNumber')
      const index = await oracle('nextOutputIndex')
      await until('the time of the block to propose', async () => {
        const { timestamp } = await l1().getBlock()
        return timestamp > BigInt(config.genesis.l2Time) + number * BigInt(config.blockTime) || undefined
      })
      const proposer = createWalletClient({ account: developmentAccount('proposer'), transport: http(anvil.url) })
      const proposal = { address: contract, abi: validatorsAbi, functionName: 'propose', chain: null } as const
      const hash = await proposer.writeContract({ ...proposal, args: [WRONG, number, zeroHash, 0n, []] })
      expect((await l1().waitForTransactionReceipt({ hash })).status).toBe('success')
      expect(await rootAt(index)).toBe(WRONG)

      const challenged = await verifier.line(/output \d+ challenged/)
      expect(challenged).toContain(`output ${index} challenged: block ${number} has 0x`)
      expect(challenged).toContain(`not ${WRONG}`)
      expect([await oracle('nextOutputIndex'), await disputes()]).toEqual([index, true])

      // The node that proposes had no proposer until now; the verifier goes on trying to deliver.
      expect(await silent.stop()).toBe(0)
      const sequencer = await startSequencer(port, '--proposer-key-file', keyFile('proposer'))
      const right = await outputAt(verifier.rpcUrl, number)
      const proposed = await sequencer.line(new RegExp(`output root of block ${number} proposed`))
      expect(proposed).toContain(`${right}, signed by 1`)
      expect([await rootAt(index), await disputes()]).toEqual([right, false])
      expect(await outputAt(sequencer.rpcUrl, number)).toBe(right)

      // The bond of who proposed is gone: half to the challenger, and the proposer says that it has none.
      expect([await bondOf('proposer'), await bondOf('output-validator')]).toEqual([0n, BOND])
      await sequencer.line(/no output root can be proposed: proposer 0x\w+ has no bond/)
    },
    PATIENCE,
  )
})
