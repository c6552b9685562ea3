/**
 * Executing what others claim: a block that must hash to what its sender says, and attributes that L1 dictates.
 * Where execution disagrees, a replay bundle is written (if a directory was given) before the error leaves.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { Block, HashedBlock, PayloadAttributes } from '../execution/block.ts'
import { attributesOf, type ExecutedBlock, executeBlock } from '../execution/execute-block.ts'
import { headerHash } from '../execution/header.ts'
import { InvalidBlockError } from '../execution/invalid-block.ts'
import type { NativeContracts } from '../execution/native.ts'
import { DEPOSIT_TYPE } from '../execution/transaction.ts'
import { StateDatabase } from '../state/state-database.ts'
import type { Store } from '../store/store.ts'
import { BlockMismatchError } from './import-error.ts'
import { headerDifferences } from './replay.ts'
import { type ReplayBundle, writeReplayBundle } from './replay-bundle.ts'
import { recordingStore, type WitnessRecord } from './state-witness.ts'

export type ExecutionModules = { config: ChainConfig; store: Store; natives: NativeContracts; state: StateDatabase }
export type ReplayOptions = { replayDirectory?: string }

/** A block as its sender claims it. Throws {@link BlockMismatchError} naming the first differing header field. */
export async function executeClaimed(
  modules: ExecutionModules,
  parent: HashedBlock,
  claimed: Block,
  options: ReplayOptions,
): Promise<ExecutedBlock> {
  const attributes = attributesOf(claimed)
  const executed = await executeReported(modules, { parent, attributes, claimed }, options)
  if (executed.hash === headerHash(claimed.header)) return executed
  const reason = `block ${claimed.header.number}: ${headerDifference(claimed, executed)}`
  await report(modules, { reason, parent, attributes, claimed, computed: executed }, options)
  throw new BlockMismatchError(reason)
}

/**
 * A block that L1 dictates. Holocene: where its batch holds an invalid transaction, the block consists of its
 * deposits alone. Throws InvalidBlockError where not even those can stand: L1 and we disagree about the rules.
 */
export async function executeDerived(
  modules: ExecutionModules,
  parent: HashedBlock,
  attributes: PayloadAttributes,
  options: ReplayOptions,
): Promise<{ executed: ExecutedBlock; depositsOnly: boolean }> {
  const claimed = undefined
  const deposits = attributes.transactions.filter((raw) => raw[0] === DEPOSIT_TYPE)
  try {
    const executed = await executeReported(modules, { parent, attributes, claimed }, options)
    return { executed, depositsOnly: false }
  } catch (error) {
    if (!(error instanceof InvalidBlockError) || deposits.length === attributes.transactions.length) throw error
    const bare = { ...attributes, transactions: deposits }
    return {
      executed: await executeReported(modules, { parent, attributes: bare, claimed }, options),
      depositsOnly: true,
    }
  }
}

async function executeReported(
  modules: ExecutionModules,
  input: Pick<ReplayBundle, 'parent' | 'attributes' | 'claimed'>,
  options: ReplayOptions,
): Promise<ExecutedBlock> {
  try {
    return await executeBlock(modules, input.parent, input.attributes)
  } catch (error) {
    if (error instanceof InvalidBlockError) {
      await report(modules, { ...input, reason: error.message, computed: undefined }, options)
    }
    throw error
  }
}

async function report(modules: ExecutionModules, bundle: ReplayBundle, options: ReplayOptions): Promise<void> {
  if (options.replayDirectory === undefined) return
  const { config } = modules
  await writeReplayBundle(options.replayDirectory, { ...bundle, config, witness: await witnessOf(modules, bundle) })
}

/** Executes once more over a state without memory, to learn every record that it reads. Blocks that fail are rare. */
async function witnessOf(
  { config, natives, store }: ExecutionModules,
  { parent, attributes }: ReplayBundle,
): Promise<WitnessRecord[]> {
  const recording = recordingStore(store)
  const state = await StateDatabase.open({ store: recording.store })
  try {
    await executeBlock({ config, natives, state }, parent, attributes)
  } catch (error) {
    if (!(error instanceof InvalidBlockError)) throw error
  }
  return recording.records()
}

function headerDifference(claimed: Block, executed: HashedBlock): string {
  const ours = executed.block.header
  const [field] = headerDifferences(claimed.header, ours)
  if (field === undefined) return `the header's hash is not ${executed.hash}`
  return `${field} is ${claimed.header[field]} in the header, execution gives ${ours[field]}`
}
