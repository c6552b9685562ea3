/**
 * Where the L2 chain still agrees with L1 (op-node's FindL2Heads): the last block whose L1 origin is canonical, and
 * the last block that was derived from L1 blocks that are all canonical. An L1 that is shorter than remembered lacks
 * the missing blocks like any other reorganized L1.
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { CriticalError, TemporaryError } from '../errors.ts'
import type { L2BlockRef } from '../execution/block.ts'
import type { L1Source } from '../l1/source.ts'
import type { HeadLabel } from './reads.ts'
import type { SafeHeadEntry } from './safe-head-index.ts'

/** What is asked of the chain (Chain has it). */
export type HeadsView = {
  headRef(label: HeadLabel): L2BlockRef
  blockRef(number: bigint): Promise<L2BlockRef>
  safeHeadsUpTo(l1Number: bigint): AsyncGenerator<SafeHeadEntry>
}

/** `unsafe` is undefined where the whole chain stands, so that blocks built meanwhile are left alone. */
export type CommonHeads = { unsafe: bigint | undefined; safe: { number: bigint; hash: Hex } }

type Modules = { config: ChainConfig; chain: HeadsView; l1: L1Source }

/** Throws TemporaryError where L1 does not answer or has no genesis block yet, CriticalError where L1 is another chain. */
export async function commonHeads(modules: Modules): Promise<CommonHeads> {
  await checkGenesisOrigin(modules)
  return { unsafe: await lastCanonicalOrigin(modules), safe: await lastCanonicalSafe(modules) }
}

export async function isCanonical(l1: L1Source, block: { number: bigint; hash: Hex }): Promise<boolean> {
  return (await l1.blockByNumber(block.number))?.hash === block.hash
}

async function checkGenesisOrigin({ config, l1 }: Modules): Promise<void> {
  const { number, hash } = config.genesis.l1
  const block = await l1.blockByNumber(BigInt(number))
  if (block === undefined) throw new TemporaryError(`L1 has no block ${number} yet, at which this chain begins`)
  if (block.hash === hash) return
  throw new CriticalError(
    `L1 is another chain: its block ${number} is ${block.hash}, genesis.l1.hash of chain config "${config.name}" is ${hash}`,
  )
}

/** Origins only grow along L2, so the boundary is found by halving. */
async function lastCanonicalOrigin({ chain, l1 }: Modules): Promise<bigint | undefined> {
  const head = chain.headRef('unsafe')
  if (await isCanonical(l1, head.l1Origin)) return undefined
  let bad = head.number
  let good = 0n
  while (bad - good > 1n) {
    const middle = (good + bad) / 2n
    if (await isCanonical(l1, (await chain.blockRef(middle)).l1Origin)) good = middle
    else bad = middle
  }
  return good
}

async function lastCanonicalSafe({ chain, l1 }: Modules): Promise<{ number: bigint; hash: Hex }> {
  const latest = await l1.blockByTag('latest')
  if (latest === undefined) throw new TemporaryError('L1 has no latest block')
  for await (const entry of chain.safeHeadsUpTo(latest.number)) {
    if (await isCanonical(l1, entry.l1)) return entry.l2
  }
  throw new CriticalError('database damaged: no safe head is recorded for the L1 block at which this chain begins')
}
