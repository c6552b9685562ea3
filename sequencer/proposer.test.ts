import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type Abi,
  concat,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  publicActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import type { Address } from '../genesis/addresses.ts'
import { sampleConfig } from '../genesis/testing/sample-config.ts'
import { outputRoot } from '../node/chain/output-root.ts'
import { MemoryL1 } from '../node/derivation/testing/memory-l1.ts'
import { MemoryL2 } from '../node/derivation/testing/memory-l2.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, anvilBinary, startAnvil, type TestAnvil } from '../node/l1/testing/anvil.ts'
import { Proposer, type ProposerEvent } from './proposer.ts'

describe('an output root', () => {
  it('is keccak of version, state root, message passer root and block hash', () => {
    const word = (byte: string): Hex => `0x${byte.repeat(32)}`
    const { block } = new MemoryL2(sampleConfig()).head
    const header = { ...block.header, stateRoot: word('01'), withdrawalsRoot: word('02') }
    expect(outputRoot({ hash: word('03'), block: { ...block, header } })).toBe(
      keccak256(concat([word('00'), word('01'), word('02'), word('03')])),
    )
  })
})

type Artifact = { abi: Abi; bytecode: { object: Hex } }
const account = privateKeyToAccount(ANVIL_KEY)
const artifact = (name: string): Artifact => {
  const path = `@eth-optimism/contracts-bedrock/forge-artifacts/${name}.sol/${name}.json`
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(path), 'utf8'))
}

/** An L2OutputOracle behind its proxy that wants every third block of one second, from block 0 on. */
async function deployOracle(anvil: TestAnvil) {
  const wallet = createWalletClient({ account, transport: http(anvil.url), pollingInterval: 20 }).extend(publicActions)
  const deploy = async ({ abi, bytecode }: Artifact, args: unknown[]): Promise<Address> => {
    const hash = await wallet.deployContract({ abi, bytecode: bytecode.object, args, chain: null })
    return (await wallet.waitForTransactionReceipt({ hash })).contractAddress!
  }
  const [proxy, oracle] = [artifact('Proxy'), artifact('L2OutputOracle')]
  const address = await deploy(proxy, [account.address])
  const implementation = await deploy(oracle, [])
  const data = encodeFunctionData({
    abi: oracle.abi,
    functionName: 'initialize',
    args: [3n, 1n, 0n, 1n, account.address, account.address, 12n],
  })
  const upgrade = {
    address,
    abi: proxy.abi,
    functionName: 'upgradeToAndCall',
    args: [implementation, data],
    chain: null,
  }
  await wallet.waitForTransactionReceipt({ hash: await wallet.writeContract(upgrade) })
  const read = (functionName: string, args: unknown[] = []) =>
    wallet.readContract({ address, abi: oracle.abi, functionName, args })
  return { address, read }
}

describe.skipIf(anvilBinary() === undefined)('the proposer', () => {
  it('posts the root of every block that the oracle asks for, once it is safe, and no other', async () => {
    const anvil = await startAnvil()
    try {
      const oracle = await deployOracle(anvil)
      const config = { ...sampleConfig(), l1ChainId: ANVIL_CHAIN_ID, l2OutputOracleAddress: oracle.address }
      const l1 = new MemoryL1(config)
      const l2 = new MemoryL2(config)
      for (let index = 0; index < 8; index++) await l2.sequence(l1)
      let safe = 2n
      const chain = { head: () => l2.at(safe), blockByNumber: async (number: bigint) => l2.at(number) }
      const proposer = new Proposer(
        { config, chain },
        { l1Rpc: [anvil.url], privateKey: ANVIL_KEY, pollInterval: 10, checkInterval: 10 },
      )
      const events: ProposerEvent[] = []
      const second = new Promise<void>((resolve) => {
        proposer.onEvent((event) => {
          events.push(event)
          if (events.length === 2) resolve()
        })
      })
      safe = 7n
      proposer.start()
      await second
      await proposer.stop()
      expect(events).toMatchObject([
        { kind: 'proposed', l2Block: 3n, outputRoot: outputRoot(l2.at(3n)) },
        { kind: 'proposed', l2Block: 6n, outputRoot: outputRoot(l2.at(6n)) },
      ])
      expect(await oracle.read('latestBlockNumber')).toBe(6n)
      expect(await oracle.read('getL2Output', [1n])).toMatchObject({
        outputRoot: outputRoot(l2.at(6n)),
        l2BlockNumber: 6n,
      })
    } finally {
      await anvil.stop()
    }
  })
})
