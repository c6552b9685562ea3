import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  decodeAbiParameters,
  encodeFunctionData,
  http,
  keccak256,
  numberToHex,
  parseAbi,
  parseEther,
  parseEventLogs,
  sliceHex,
  zeroHash,
} from 'viem'
import { getPortalVersion } from 'viem/op-stack'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChainConfig, parseChainConfig, serializeChainConfig } from '../genesis/chain-config.ts'
import { contractArtifact } from '../genesis/contracts.ts'
import { developmentAccount } from './accounts.ts'
import { Anvil, AnvilError, anvilBinary } from './anvil.ts'
import { batchInboxOf, deployL1, feeScalar, L1DeploymentError } from './l1-deployment.ts'

const L2_HASH = `0x${'22'.repeat(32)}` as const
const deployer = developmentAccount('deployer')
const roles = {
  batcher: developmentAccount('batcher').address,
  proposer: developmentAccount('proposer').address,
  unsafeBlockSigner: developmentAccount('sequencer').address,
}
const hasAnvil = (() => {
  try {
    return anvilBinary() !== ''
  } catch (error) {
    if (error instanceof AnvilError) return false
    throw error
  }
})()

describe.skipIf(!hasAnvil)('an L1 deployment on anvil', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'openledger-l1-'))
  let anvil: Anvil
  let config: ChainConfig
  let drafts: ChainConfig[]

  beforeAll(async () => {
    anvil = await Anvil.start({ dataDir, port: 0, blockTime: 1 })
    await anvil.fund([deployer.address], parseEther('10'))
    drafts = []
    const genesisHash = (draft: ChainConfig) => {
      drafts.push(draft)
      return L2_HASH
    }
    config = await deployL1({
      rpcUrl: anvil.url,
      deployer,
      roles,
      l2ChainId: 901,
      blockTime: 2,
      genesisHash,
      parameters: { window: 6n },
    })
  })
  afterAll(async () => {
    await anvil?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const client = () => createPublicClient({ transport: http(anvil.url), pollingInterval: 50 })
  const wallet = () => createWalletClient({ account: deployer, transport: http(anvil.url) })
  const write = async (address: Address, data: `0x${string}`) => {
    const hash = await wallet().sendTransaction({ to: address, data, chain: null })
    await createTestClient({ mode: 'anvil', transport: http(anvil.url) }).mine({ blocks: 1 })
    return client().waitForTransactionReceipt({ hash })
  }

  it('gives a config that survives its file, rooted in an L1 block that exists', async () => {
    expect(parseChainConfig(serializeChainConfig(config))).toEqual(config)
    const origin = await client().getBlock({ blockNumber: BigInt(config.genesis.l1.number) })
    expect(config.genesis.l1.hash).toBe(origin.hash)
    expect(config.genesis.l2Time).toBe(Number(origin.timestamp))
    expect(config.l1ChainId).toBe(900)
    expect(config.genesis.parameters).toEqual({ window: 6n })
  })

  it("takes block 0's hash from the caller, who sees the config without it", () => {
    expect(config.genesis.l2.hash).toBe(L2_HASH)
    expect(drafts.map((draft) => draft.genesis.l2.hash)).toEqual([zeroHash])
  })

  it('leaves no deployment event for the derivation to meet', async () => {
    const later = await client().getLogs({
      address: [config.depositContractAddress, config.l1SystemConfigAddress],
      fromBlock: BigInt(config.genesis.l1.number) + 1n,
    })
    expect(later).toEqual([])
  })

  it('locks OPEN in the portal and logs its deposit: mint, value, gas limit, creation flag, data', async () => {
    const portal = config.depositContractAddress
    const token = contractArtifact('OpenToken').abi
    const to = `0x${'0a'.repeat(20)}` as const
    await write(
      config.openTokenAddress,
      encodeFunctionData({ abi: token, functionName: 'approve', args: [portal, parseEther('10')] }),
    )
    const { abi } = contractArtifact('OptimismPortal')
    const args = [to, parseEther('3'), parseEther('2'), 100_000n, false, '0xabcd']
    const receipt = await write(portal, encodeFunctionData({ abi, functionName: 'depositERC20Transaction', args }))
    expect(receipt.status).toBe('success')
    const portalAbi = parseAbi([
      'event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData)',
    ])
    const [deposit] = parseEventLogs({ abi: portalAbi, logs: receipt.logs })
    expect(deposit?.args).toMatchObject({ from: deployer.address, version: 0n })
    expect(deposit?.args.to.toLowerCase()).toBe(to)
    const opaque = deposit!.args.opaqueData
    expect(decodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], sliceHex(opaque, 0, 64))).toEqual([
      parseEther('3'),
      parseEther('2'),
    ])
    expect(sliceHex(opaque, 64)).toBe(`${numberToHex(100_000n, { size: 8 })}00abcd`)
    expect(
      await client().readContract({
        address: config.openTokenAddress,
        abi: token,
        functionName: 'balanceOf',
        args: [portal],
      }),
    ).toBe(parseEther('3'))
  })

  it('refuses ether as a deposit: the gas paying token is OPEN', async () => {
    const { abi } = contractArtifact('OptimismPortal')
    const data = encodeFunctionData({
      abi,
      functionName: 'depositTransaction',
      args: [deployer.address, 1n, 100_000n, false, '0x'],
    })
    await expect(
      client().call({ account: deployer, to: config.depositContractAddress, data, value: 1n }),
    ).rejects.toThrow()
    await expect(client().call({ account: deployer, to: config.depositContractAddress, data })).resolves.toBeDefined()
  })

  it("looks to viem's OP Stack like a portal with an output oracle", async () => {
    const version = await getPortalVersion(client(), { chain: null, portalAddress: config.depositContractAddress })
    expect(version).toMatchObject({ major: 2, minor: 8 })
  })

  it('starts the output oracle at block 0 of L2', async () => {
    const { abi } = contractArtifact('L2OutputOracle')
    const ask = (functionName: string, args: unknown[] = []) =>
      client().readContract({ address: config.l2OutputOracleAddress, abi, functionName, args })
    expect(await ask('startingTimestamp')).toBe(BigInt(config.genesis.l2Time))
    expect(await ask('nextBlockNumber')).toBe(10n)
    expect(await ask('computeL2Timestamp', [5n])).toBe(BigInt(config.genesis.l2Time) + 10n)
  })

  it('logs every update of the system config in the form that derivation reads, from the owner alone', async () => {
    const { abi } = contractArtifact('SystemConfig')
    const address = config.l1SystemConfigAddress
    const updates: [string, unknown[], number, string][] = [
      ['setBatcherHash', [`0x${'00'.repeat(12)}${'ab'.repeat(20)}`], 0, `${'00'.repeat(12)}${'ab'.repeat(20)}`],
      ['setGasConfigEcotone', [7, 9], 1, `${'00'.repeat(32)}${feeScalar(7, 9).slice(2)}`],
      ['setGasLimit', [20_000_000n], 2, word(20_000_000n)],
      ['setUnsafeBlockSigner', [roles.proposer], 3, word(BigInt(roles.proposer))],
      ['setEIP1559Params', [250, 6], 4, word((250n << 32n) | 6n)],
      ['setOperatorFeeScalars', [3, 4n], 5, word((3n << 64n) | 4n)],
      ['setMinBaseFee', [5n], 6, word(5n)],
      ['setDAFootprintGasScalar', [400], 7, word(400n)],
    ]
    for (const [functionName, args, updateType, data] of updates) {
      const call = encodeFunctionData({ abi, functionName, args })
      const [log] = (await write(address, call)).logs
      expect(log!.topics, functionName).toEqual([
        keccak256('0x436f6e6669675570646174652875696e743235362c75696e74382c627974657329'),
        zeroHash,
        numberToHex(updateType, { size: 32 }),
      ])
      expect(decodeAbiParameters([{ type: 'bytes' }], log!.data)[0], functionName).toBe(`0x${data}`)
      await expect(client().call({ account: roles.batcher, to: address, data: call }), functionName).rejects.toThrow()
    }
  })

  it('refuses a system config that would stop the chain', async () => {
    const { abi } = contractArtifact('SystemConfig')
    const attempts: [string, unknown[]][] = [
      ['setGasLimit', [5_999_999n]],
      ['setEIP1559Params', [0, 6]],
      ['setEIP1559Params', [250, 0]],
      ['transferOwnership', [`0x${'00'.repeat(20)}`]],
    ]
    for (const [functionName, args] of attempts) {
      const request = { address: config.l1SystemConfigAddress, abi, functionName, args, account: deployer }
      await expect(client().simulateContract(request), functionName).rejects.toThrow('InvalidField')
    }
  })

  it('names the step that failed', async () => {
    const options = { rpcUrl: anvil.url, deployer, roles, l2ChainId: 902, blockTime: 2, genesisHash: () => L2_HASH }
    await expect(deployL1({ ...options, gasLimit: 1_000_000 })).rejects.toThrow(L1DeploymentError)
    await expect(deployL1({ ...options, gasLimit: 1_000_000 })).rejects.toThrow('initializing SystemConfig failed')
  })
})

describe('names and numbers of a deployment', () => {
  it('derive the batch inbox from the chain id: a zero byte and 19 bytes of its hash', () => {
    expect(batchInboxOf(901)).toBe(`0x00${keccak256(numberToHex(901, { size: 32 })).slice(2, 40)}`)
  })

  it('pack the fee scalar with version 1', () => {
    expect(feeScalar(1_368, 810_949)).toBe(`0x01${'00'.repeat(23)}000c5fc500000558`)
  })
})

function word(value: bigint): string {
  return numberToHex(value, { size: 32 }).slice(2)
}
