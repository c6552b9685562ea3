import { createWalletClient, custom, decodeFunctionData, type Hex, numberToHex, parseTransaction } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { commitContribution } from './actions/commit-contribution.ts'
import { createDatanet, OPEN_LICENCE } from './actions/create-datanet.ts'
import { openledgerChain } from './chain.ts'
import { type NativeClient, NoAccountError } from './native-transaction.ts'

const zero = '0x0000000000000000000000000000000000000000'
const chain = openledgerChain({ l1ChainId: 900, l2ChainId: 901, portal: zero, l2OutputOracle: zero })
const account = privateKeyToAccount(generatePrivateKey())

/** A client over a node that answers from a table and keeps what it was sent. */
function scriptedClient(withAccount = true) {
  const sent: Hex[] = []
  const asked: string[] = []
  const answers: Record<string, unknown> = {
    eth_chainId: numberToHex(901),
    eth_getTransactionCount: numberToHex(3),
    eth_estimateGas: numberToHex(100_000),
    eth_maxPriorityFeePerGas: numberToHex(1),
    eth_getBlockByNumber: { number: numberToHex(1), baseFeePerGas: numberToHex(7), transactions: [] },
  }
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    asked.push(method)
    if (method !== 'eth_sendRawTransaction') return answers[method]
    if (Array.isArray(params)) sent.push(params[0])
    return `0x${'aa'.repeat(32)}`
  }
  const client: NativeClient = createWalletClient({
    chain,
    transport: custom({ request }),
    ...(withAccount && { account }),
  })
  return { client, sent, asked }
}

describe('a write action', () => {
  it('sends one signed call to the native contract', async () => {
    const { client, sent } = scriptedClient()
    await createDatanet(client, { name: 'Solidity', domain: 'smart contracts' })
    const { to, data, chainId } = parseTransaction(sent[0]!)
    expect({ to, chainId }).toEqual({ to: NATIVE.datanets, chainId: 901 })
    const { functionName, args } = decodeFunctionData({ abi: datanetsAbi, data: data! })
    expect(functionName).toBe('create')
    expect(args![0]).toMatchObject({ name: 'Solidity', policy: 0, curators: [], licence: OPEN_LICENCE, bond: 0n })
  })

  it('adds a fifth to the gas that the node estimates', async () => {
    const { client, sent } = scriptedClient()
    await createDatanet(client, { name: 'Solidity', domain: 'smart contracts' })
    expect(parseTransaction(sent[0]!).gas).toBe(120_000n)
  })

  it('takes gas and nonce as they are given, so that many can be sent in a row', async () => {
    const { client, sent, asked } = scriptedClient()
    await commitContribution(client, { commitment: `0x${'01'.repeat(32)}`, bond: 5n, gas: 200_000n, nonce: 9 })
    expect(parseTransaction(sent[0]!)).toMatchObject({ gas: 200_000n, nonce: 9, value: 5n })
    expect(asked).not.toContain('eth_estimateGas')
  })

  it('says that there is nobody to sign', async () => {
    await expect(createDatanet(scriptedClient(false).client, { name: 'x', domain: 'y' })).rejects.toThrow(
      NoAccountError,
    )
  })
})
