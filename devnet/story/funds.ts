/** OPEN for everybody in the story, bridged from L1: one portal deposit per account, sent with consecutive nonces. */
import { encodeFunctionData, erc20Abi, type PrivateKeyAccount, parseEther } from 'viem'
import { depositErc20Abi } from '../../client/actions/deposit-open.ts'
import { developmentAccount } from '../accounts.ts'
import { l1Wallet, type StoryContext, StoryError, until } from './context.ts'

type Need = { account: PrivateKeyAccount; amount: bigint }

/** Gas on L2 of a deposit that only mints and transfers. */
const L2_GAS = 100_000n
/** L1 gas of one deposit: the portal burns gas to price its L2 gas, the more the more is bought at once. */
const L1_GAS = 500_000n
/** Time for the deposits to be mined on L1 and to be derived on L2. */
const ARRIVAL_TIMEOUT = 120_000

function needsOf(context: StoryContext): Need[] {
  const { cast } = context
  return [
    { account: cast.curator, amount: parseEther('10') },
    { account: cast.builder, amount: parseEther('50') },
    { account: cast.prover, amount: parseEther('600') },
    { account: cast.application, amount: parseEther('50') },
    { account: cast.developer, amount: parseEther('10') },
    { account: cast.copier, amount: parseEther('10') },
    ...cast.validators.map((account) => ({ account, amount: parseEther('110') })),
    ...cast.contributors.map((account) => ({ account, amount: parseEther('5') })),
  ]
}

export async function ensureFunds(context: StoryContext): Promise<void> {
  const needs = needsOf(context)
  const missing: Need[] = []
  for (const need of needs) if (!(await isFunded(context, need))) missing.push(need)
  if (missing.length === 0) return
  await deposit(context, missing)
  await until(context, 'deposits on L2', ARRIVAL_TIMEOUT, async () => {
    const funded = await Promise.all(missing.map((need) => isFunded(context, need)))
    return funded.every(Boolean) || undefined
  })
  context.progress(`${missing.length} accounts hold OPEN bridged from L1`)
}

/** An account that has sent a transaction was funded before it; its balance may be spent. */
async function isFunded(context: StoryContext, { account, amount }: Need): Promise<boolean> {
  const [balance, nonce] = await Promise.all([
    context.l2.getBalance({ address: account.address }),
    context.l2.getTransactionCount({ address: account.address }),
  ])
  return nonce > 0 || balance >= amount
}

async function deposit(context: StoryContext, needs: Need[]): Promise<void> {
  const deployer = developmentAccount('deployer')
  const wallet = l1Wallet(context, deployer)
  const portal = context.config.depositContractAddress
  const total = needs.reduce((sum, need) => sum + need.amount, 0n)
  let nonce = await context.l1.getTransactionCount({ address: deployer.address, blockTag: 'pending' })
  const approve = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [portal, total] })
  const hashes = [
    await wallet.sendTransaction({ to: context.config.openTokenAddress, data: approve, gas: 100_000n, nonce: nonce++ }),
  ]
  for (const { account, amount } of needs) {
    const args = [account.address, amount, amount, L2_GAS, false, '0x'] as const
    const data = encodeFunctionData({ abi: depositErc20Abi, functionName: 'depositERC20Transaction', args })
    hashes.push(await wallet.sendTransaction({ to: portal, data, gas: L1_GAS, nonce: nonce++ }))
  }
  for (const hash of hashes) {
    const receipt = await context.l1.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new StoryError(`L1 transaction ${hash} of a deposit failed`)
  }
}
