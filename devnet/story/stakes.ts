/** Stakes of the prover and the validators, and the validators' attestations. */

import { type PrivateKeyAccount, parseEther } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { STAKE_ROLE, stakingAbi } from '../../genesis/abi/staking.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type BatchCall, type StoryContext, sendAll } from './context.ts'

const PROVER_STAKE = parseEther('500')
const VALIDATOR_STAKE = parseEther('100')
const GAS = 400_000n

export async function ensureStakes(context: StoryContext): Promise<void> {
  const wanted = [
    { account: context.cast.prover, role: STAKE_ROLE.prover, amount: PROVER_STAKE },
    ...context.cast.validators.map((account) => ({ account, role: STAKE_ROLE.validator, amount: VALIDATOR_STAKE })),
  ]
  const stakes = await Promise.all(
    wanted.map(({ account, role }) =>
      context.l2.readContract({
        address: NATIVE.staking,
        abi: stakingAbi,
        functionName: 'stakeOf',
        args: [account.address, role],
      }),
    ),
  )
  const missing = wanted.filter((_, index) => stakes[index]!.amount === 0n)
  await sendAll(
    context,
    missing.map(({ account, role, amount }) => stakeCall(account, role, amount)),
  )
}

function stakeCall(account: PrivateKeyAccount, role: number, value: bigint): BatchCall {
  return {
    account,
    to: NATIVE.staking,
    abi: stakingAbi,
    functionName: 'stake',
    args: [role],
    value,
    gas: GAS,
    label: `stake of ${account.address}`,
  }
}

export async function ensureAttestations(context: StoryContext, version: bigint): Promise<void> {
  const { validators } = context.cast
  const attested = await Promise.all(
    validators.map(({ address }) =>
      context.l2.readContract({
        address: NATIVE.models,
        abi: modelsAbi,
        functionName: 'hasAttested',
        args: [version, address],
      }),
    ),
  )
  const missing = validators.filter((_, index) => !attested[index])
  await sendAll(
    context,
    missing.map((account) => ({
      account,
      to: NATIVE.models,
      abi: modelsAbi,
      functionName: 'attest',
      args: [version],
      gas: GAS,
      label: `attestation by ${account.address}`,
    })),
  )
}
