/** Messages and tokens between contracts of both layers, by the messengers and the standard bridge. */
import { encodeFunctionData, erc20Abi, parseAbi, parseEther, parseEventLogs } from 'viem'
import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { contractArtifact } from '../../genesis/contracts.ts'
import { compileSolidity } from '../fixtures/solidity.ts'
import { type BridgeNetwork, PATIENCE } from './bridge-network.ts'
import { clientsOf, deploy, depositOf, finish, messengerAbi } from './clients.ts'
import { L1_GAS } from './deposits.ts'

export const MESSENGERS = ['sender on L1', 'sender on L2', 'bridger'] as const

const factoryAbi = parseAbi([
  'function createOptimismMintableERC20(address remoteToken, string name, string symbol) returns (address)',
  'event OptimismMintableERC20Created(address indexed localToken, address indexed remoteToken, address deployer)',
])
const bridgeAbi = parseAbi([
  'function bridgeERC20(address localToken, address remoteToken, uint256 amount, uint32 minGasLimit, bytes extraData)',
  'function bridgeETH(uint32 minGasLimit, bytes extraData) payable',
])
const MIN_GAS = 200_000

export function describeMessages(network: () => BridgeNetwork): void {
  const mailbox = () => compileSolidity('test/bridge/solidity/Mailbox.sol', 'Mailbox')
  const deliver = (text: string) => encodeFunctionData({ abi: mailbox().abi, functionName: 'deliver', args: [text] })

  describe('a message', () => {
    it(
      'from L1 is delivered on L2 with the name of its sender',
      async () => {
        const { l1, l2, address } = clientsOf(network(), 'sender on L1')
        const target = await deploy(l2, mailbox(), [PREDEPLOYS.l2CrossDomainMessenger])
        const messenger = { address: network().config.l1CrossDomainMessengerAddress, abi: messengerAbi } as const
        const args = [target, deliver('down'), MIN_GAS] as const
        const receipt = await network().onL1(
          await l1.writeContract({ ...messenger, functionName: 'sendMessage', args, gas: L1_GAS }),
        )
        const onL2 = await depositOf(network(), receipt)
        expect(parseEventLogs({ abi: messengerAbi, logs: onL2.logs }).map(({ eventName }) => eventName)).toEqual([
          'RelayedMessage',
        ])
        const { abi } = mailbox()
        expect(await l2.readContract({ address: target, abi, functionName: 'text' })).toBe('down')
        expect(await l2.readContract({ address: target, abi, functionName: 'sender' })).toBe(address)
      },
      PATIENCE,
    )

    it(
      'from L2 is delivered on L1 when its withdrawal is finalized',
      async () => {
        const clients = clientsOf(network(), 'sender on L2')
        const { l1, l2, address } = clients
        const target = await deploy(l1, mailbox(), [network().config.l1CrossDomainMessengerAddress])
        const messenger = { address: PREDEPLOYS.l2CrossDomainMessenger, abi: messengerAbi } as const
        const args = [target, deliver('up'), MIN_GAS] as const
        const hash = await l2.writeContract({ ...messenger, functionName: 'sendMessage', args })
        const finalized = await finish(network(), clients, await network().onL2(hash))
        expect(parseEventLogs({ abi: messengerAbi, logs: finalized.logs }).map(({ eventName }) => eventName)).toEqual([
          'RelayedMessage',
        ])
        const { abi } = mailbox()
        expect(await l1.readContract({ address: target, abi, functionName: 'text' })).toBe('up')
        expect(await l1.readContract({ address: target, abi, functionName: 'sender' })).toBe(address)
      },
      PATIENCE,
    )
  })

  describe('the standard bridge', () => {
    it(
      'takes a plain ERC-20 to L2 and back',
      async () => {
        const clients = clientsOf(network(), 'bridger')
        const { l1, l2, address } = clients
        const token = await deploy(l1, contractArtifact('OpenToken'), [address])
        const factory = { address: PREDEPLOYS.optimismMintableErc20Factory, abi: factoryAbi } as const
        const names = [token, 'Bridged', 'BRI'] as const
        const made = await network().onL2(
          await l2.writeContract({ ...factory, functionName: 'createOptimismMintableERC20', args: names }),
        )
        const [created] = parseEventLogs({ abi: factoryAbi, logs: made.logs })
        const twin = created!.args.localToken
        const onL1 = () =>
          l1.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address] })
        const onL2 = () => l2.readContract({ address: twin, abi: erc20Abi, functionName: 'balanceOf', args: [address] })
        const whole = await onL1()

        const bridge = { address: network().config.l1StandardBridgeAddress, abi: bridgeAbi } as const
        const amount = parseEther('25')
        const approval = { address: token, abi: erc20Abi, functionName: 'approve' } as const
        await network().onL1(await l1.writeContract({ ...approval, args: [bridge.address, amount] }))
        const down = [token, twin, amount, MIN_GAS, '0x'] as const
        const receipt = await network().onL1(
          await l1.writeContract({ ...bridge, functionName: 'bridgeERC20', args: down, gas: L1_GAS }),
        )
        expect((await depositOf(network(), receipt)).status).toBe('success')
        expect([await onL1(), await onL2()]).toEqual([whole - amount, amount])

        const back = parseEther('24')
        const up = [twin, token, back, MIN_GAS, '0x'] as const
        const l2Bridge = { address: PREDEPLOYS.l2StandardBridge, abi: bridgeAbi } as const
        const hash = await l2.writeContract({ ...l2Bridge, functionName: 'bridgeERC20', args: up })
        await finish(network(), clients, await network().onL2(hash))
        expect([await onL1(), await onL2()]).toEqual([whole - amount + back, amount - back])
      },
      PATIENCE,
    )
  })
}
