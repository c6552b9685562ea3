/**
 * Which L1 block the next L2 block names as its origin (specs.optimism.io, "Sequencer" and "Batch Queue"; op-node's
 * L1OriginSelector): the parent's own, or the one after it as soon as that one is old enough and deep enough.
 * Past the sequencer drift a block may hold no transactions, and must adopt the next origin if its time has come.
 * While L1 does not answer, or not soon, the parent's origin is kept as far as the drift goes: blocks need L1 for no more.
 */
import type { ChainConfig } from '../genesis/chain-config.ts'
import { TemporaryError } from '../node/errors.ts'
import type { L2BlockRef } from '../node/execution/block.ts'
import type { L1BlockRef, L1Source } from '../node/l1/source.ts'

export type OriginChoice =
  | { kind: 'build'; origin: L1BlockRef; empty: boolean }
  /** L1 does not allow a block now; `reason` is for the operator. */
  | { kind: 'stall'; reason: string }

export type OriginOptions = {
  /** L1 blocks that must lie above an origin before it is adopted. */
  confirmationDepth: number
  /** Milliseconds that L1 has to answer while a block can be built without it. Default 500. */
  patience?: number
}

type Modules = { config: ChainConfig; l1: L1Source }

const PATIENCE = 500

/** Throws TemporaryError where L1 does not answer and the block cannot be built without it. */
export async function chooseOrigin(
  modules: Modules,
  parent: L2BlockRef,
  options: OriginOptions,
): Promise<OriginChoice> {
  const asked = askOrigin(modules, parent, options)
  try {
    return await soon(asked, options.patience ?? PATIENCE)
  } catch (error) {
    if (!(error instanceof TemporaryError)) throw error
    // The source knows it by hash without asking anybody, unless this node has just been started.
    const known = await modules.l1.blockByHash(parent.l1Origin.hash)
    const timestamp = parent.timestamp + BigInt(modules.config.blockTime)
    if (known === undefined || driftsFrom(known, timestamp, modules.config)) return asked
    return { kind: 'build', origin: known, empty: false }
  }
}

/** Throws TemporaryError where the answer is late; it may still come. */
function soon<T>(answer: Promise<T>, patience: number): Promise<T> {
  const timer = AbortSignal.timeout(patience)
  const late = new Promise<never>((_, reject) => {
    timer.addEventListener('abort', () => reject(new TemporaryError(`L1 has not answered for ${patience} ms`)))
  })
  return Promise.race([answer, late])
}

const driftsFrom = (origin: L1BlockRef, timestamp: bigint, { maxSequencerDrift }: ChainConfig): boolean =>
  timestamp > origin.timestamp + BigInt(maxSequencerDrift)

async function askOrigin(
  { config, l1 }: Modules,
  parent: L2BlockRef,
  { confirmationDepth }: OriginOptions,
): Promise<OriginChoice> {
  const { number, hash } = parent.l1Origin
  const current = await l1.blockByNumber(number)
  if (current?.hash !== hash) {
    return { kind: 'stall', reason: `L1 origin ${number} (${hash}) of L2 block ${parent.number} was reorganized away` }
  }
  const timestamp = parent.timestamp + BigInt(config.blockTime)
  const drifts = (origin: L1BlockRef): boolean => driftsFrom(origin, timestamp, config)
  const next = await l1.blockByNumber(number + 1n)
  if (next === undefined) {
    if (!drifts(current)) return { kind: 'build', origin: current, empty: false }
    const reason = `L2 time ${timestamp} is more than ${config.maxSequencerDrift} s past L1 origin ${number} at ${current.timestamp}, and L1 has no next block`
    return { kind: 'stall', reason }
  }
  if (next.parentHash !== hash) return { kind: 'stall', reason: `L1 is being reorganized at block ${next.number}` }
  // Past the drift the rules leave no choice, so confirmations are not waited for.
  const mayAdopt = drifts(current) || (await isDeepEnough(l1, next, confirmationDepth))
  const origin = mayAdopt && next.timestamp <= timestamp ? next : current
  return { kind: 'build', origin, empty: drifts(origin) }
}

async function isDeepEnough(l1: L1Source, block: L1BlockRef, depth: number): Promise<boolean> {
  if (depth === 0) return true
  const latest = await l1.blockByTag('latest')
  return latest !== undefined && latest.number >= block.number + BigInt(depth)
}
