/** An ordinary ERC-20 on L2, deployed and called by viem: the chain is an EVM like any other. */
import { type Address, erc20Abi, getContractAddress, parseEther } from 'viem'
import { contractArtifact } from '../../genesis/contracts.ts'
import { l2Wallet, mined, type StoryContext, StoryError } from './context.ts'

/** The developer's first transaction deploys it, so its address is known on a later start. */
const DEPLOYMENT_NONCE = 0n
const AMOUNT = parseEther('1')

export async function ensureToken(context: StoryContext): Promise<Address> {
  const { developer, application } = context.cast
  const token = getContractAddress({ from: developer.address, nonce: DEPLOYMENT_NONCE })
  const wallet = l2Wallet(context, developer)
  const code = await context.l2.getCode({ address: token })
  if (!code) {
    const { abi, bytecode } = contractArtifact('OpenToken')
    await succeed(
      context,
      await wallet.deployContract({ abi, bytecode, args: [developer.address] }),
      'deployment of an ERC-20',
    )
  }
  const balanceOf = (address: Address) =>
    context.l2.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address] })
  if ((await balanceOf(application.address)) < AMOUNT) {
    const hash = await wallet.writeContract({
      address: token,
      abi: erc20Abi,
      functionName: 'transfer',
      args: [application.address, AMOUNT],
    })
    await succeed(context, hash, 'transfer of an ERC-20')
  }
  if ((await balanceOf(application.address)) < AMOUNT) throw new StoryError(`the ERC-20 ${token} did not move`)
  return token
}

async function succeed(context: StoryContext, hash: `0x${string}`, what: string): Promise<void> {
  const receipt = await mined(context, hash)
  if (receipt.status !== 'success') throw new StoryError(`${what} failed in transaction ${hash}`)
}
