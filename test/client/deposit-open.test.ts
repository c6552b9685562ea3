/** depositOpen against the real portal on anvil: the L2 hash that it returns is that of the deposit which a node derives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createPublicClient,
  createWalletClient,
  erc20Abi,
  type Hex,
  hexToBytes,
  http,
  keccak256,
  parseEther,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { depositOpen, openledgerChain } from '../../client/index.ts'
import { developmentAccount } from '../../devnet/accounts.ts'
import { Anvil, AnvilError, anvilBinary } from '../../devnet/anvil.ts'
import { deployL1 } from '../../devnet/l1-deployment.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { userDeposits } from '../../node/derivation/deposit.ts'
import { encodeDeposit } from '../../node/execution/transaction.ts'
import type { L1Receipt } from '../../node/l1/source.ts'

const account = developmentAccount('deployer')
const recipient = developmentAccount('batcher').address
const hasAnvil = (() => {
  try {
    return anvilBinary() !== ''
  } catch (error) {
    if (error instanceof AnvilError) return false
    throw error
  }
})()

describe.skipIf(!hasAnvil)('depositOpen', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'openledger-deposit-'))
  let anvil: Anvil
  let config: ChainConfig

  beforeAll(async () => {
    anvil = await Anvil.start({ dataDir, port: 0, blockTime: 1 })
    await anvil.fund([account.address], parseEther('10'))
    const roles = { batcher: recipient, proposer: recipient, unsafeBlockSigner: recipient }
    const genesisHash = () => `0x${'22'.repeat(32)}` as const
    config = await deployL1({ rpcUrl: anvil.url, deployer: account, roles, l2ChainId: 901, blockTime: 2, genesisHash })
  })
  afterAll(async () => {
    await anvil?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const l1 = () => {
    const chain = {
      id: 900,
      name: 'L1',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [anvil.url] } },
    }
    return createWalletClient({ account, chain, transport: http(anvil.url), pollingInterval: 50, cacheTime: 0 })
  }
  const lockedInPortal = () =>
    createPublicClient({ transport: http(anvil.url) }).readContract({
      abi: erc20Abi,
      address: config.openTokenAddress,
      functionName: 'balanceOf',
      args: [config.depositContractAddress],
    })

  /** A block's receipts as the node's derivation takes them. */
  const receiptsOf = async (blockHash: Hex): Promise<L1Receipt[]> => {
    const client = createPublicClient({ transport: http(anvil.url) })
    const { transactions } = await client.getBlock({ blockHash })
    const receipts = await Promise.all(transactions.map((hash) => client.getTransactionReceipt({ hash })))
    return receipts.map(({ status, logs, transactionHash }) => ({
      transactionHash,
      succeeded: status === 'success',
      logs: logs.map(({ address, topics, data }) => ({ address, topics: [...topics], data: hexToBytes(data) })),
    }))
  }

  it('locks the tokens in the portal and names the deposit transaction of L2', async () => {
    const before = await lockedInPortal()
    const amount = parseEther('3')
    const { l2Hash, receipt } = await depositOpen(l1(), { amount, to: recipient, targetChain: openledgerChain(config) })
    expect((await lockedInPortal()) - before).toBe(amount)
    const [deposit] = userDeposits(
      config.depositContractAddress,
      receipt.blockHash,
      await receiptsOf(receipt.blockHash),
    )
    expect(deposit).toMatchObject({ to: recipient.toLowerCase(), mint: amount, value: amount })
    expect(keccak256(encodeDeposit(deposit!))).toBe(l2Hash)
  })

  it('says which address is missing where nothing names it', async () => {
    await expect(depositOpen(l1(), { amount: 1n })).rejects.toThrow('where does portal lie on L1?')
  })
})
