/** What people have at hand besides viem: ethers, and Foundry's cast where it is installed. */
import { execFile, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Contract, JsonRpcProvider, Wallet } from 'ethers'
import { encodeFunctionData, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { developmentKey } from '../../devnet/accounts.ts'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { compileSolidity } from '../fixtures/solidity.ts'
import { account, type BridgeNetwork, PATIENCE, until } from './bridge-network.ts'
import { clientsOf, deploy } from './clients.ts'
import { L1_GAS } from './deposits.ts'

/** One for each test: they run side by side, and an account's nonces go one by one. */
export const TOOL_USERS = ['user of ethers', 'user of cast', 'depositor by cast'] as const

const SEND_MESSAGE = 'sendMessage(address,bytes,uint32)'
const DEPOSIT = 'depositTransaction(address,uint256,uint64,bool,bytes)'
const MIN_GAS = 200_000
const keyOf = (name: string) => developmentKey(`bridge: ${name}`)

/** cast of the npm package, else the one on PATH. */
const cast = ((): string | undefined => {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/cast-linux-amd64/package.json')
    return join(dirname(manifest), 'bin/cast')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return spawnSync('cast', ['--version']).status === 0 ? 'cast' : undefined
  }
})()

export function describeTools(network: () => BridgeNetwork): void {
  const { abi, bytecode } = compileSolidity('test/bridge/solidity/Mailbox.sol', 'Mailbox')
  const message = (text: string) => encodeFunctionData({ abi, functionName: 'deliver', args: [text] })
  const mailbox = (user: (typeof TOOL_USERS)[number]) =>
    deploy(clientsOf(network(), user).l2, { abi, bytecode }, [PREDEPLOYS.l2CrossDomainMessenger])
  const delivered = (address: `0x${string}`, text: string) =>
    until(`the message ${text}`, async () => {
      const found = await network().l2().readContract({ address, abi, functionName: 'text' })
      return found === text || undefined
    })
  const balance = (name: string) =>
    network()
      .l2()
      .getBalance({ address: account(name).address })

  describe('ethers', () => {
    it(
      'transfers OPEN on L2 and sends a message from L1',
      async () => {
        const target = await mailbox('user of ethers')
        const options = { cacheTimeout: -1, polling: true, pollingInterval: 100 }
        const [l1, l2] = [network().urls.l1, network().urls.l2].map(
          (url) => new JsonRpcProvider(url, undefined, options),
        )
        const key = keyOf('user of ethers')
        const payment = { to: account('paid by ethers').address, value: parseEther('1') }
        const sent = await new Wallet(key, l2!).sendTransaction(payment)
        expect((await sent.wait())?.status).toBe(1)
        expect(await balance('paid by ethers')).toBe(parseEther('1'))
        const address = network().config.l1CrossDomainMessengerAddress
        const messenger = new Contract(address, [`function ${SEND_MESSAGE} payable`], new Wallet(key, l1!))
        const down = await messenger.getFunction('sendMessage')(target, message('by ethers'), MIN_GAS, {
          gasLimit: L1_GAS,
        })
        expect((await down.wait()).status).toBe(1)
        await delivered(target, 'by ethers')
        for (const provider of [l1, l2]) provider!.destroy()
      },
      PATIENCE,
    )
  })

  describe('cast', () => {
    /** What a command of cast prints. */
    const run = async (...args: string[]) => (await promisify(execFile)(cast!, args)).stdout.trim()
    const send = async (user: (typeof TOOL_USERS)[number], url: string, ...args: string[]) => {
      const common = ['send', '--json', '--rpc-url', url, '--private-key', keyOf(user)]
      expect(JSON.parse(await run(...common, ...args)).status).toBe('0x1')
    }

    it.skipIf(cast === undefined)(
      'transfers OPEN on L2, reads the balance, and sends a message from L1',
      async () => {
        const target = await mailbox('user of cast')
        const { l1, l2 } = network().urls
        const paid = account('paid by cast').address
        await send('user of cast', l2, paid, '--value', '1ether')
        expect(await run('balance', '--rpc-url', l2, paid)).toBe(String(parseEther('1')))
        const messenger = network().config.l1CrossDomainMessengerAddress
        const args = [target, message('by cast'), String(MIN_GAS)]
        await send('user of cast', l1, '--gas-limit', String(L1_GAS), messenger, SEND_MESSAGE, ...args)
        await delivered(target, 'by cast')
      },
      PATIENCE,
    )

    it.skipIf(cast === undefined)(
      'deposits a call of its own through the portal, and L2 makes it',
      async () => {
        const { l1, l2 } = network().urls
        const { depositContractAddress: portal } = network().config
        const to = account('paid by a deposit of cast').address
        const wei = String(parseEther('2'))
        await send(
          'depositor by cast',
          l1,
          '--gas-limit',
          String(L1_GAS),
          portal,
          DEPOSIT,
          to,
          wei,
          String(MIN_GAS),
          'false',
          '0x',
        )
        await until('the deposit', async () => (await run('balance', '--rpc-url', l2, to)) === wei || undefined)
      },
      PATIENCE,
    )
  })
}
