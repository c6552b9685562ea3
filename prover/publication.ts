/**
 * What an account has put on chain on the way to a version, found again by what it is: base, model, run, steps, version. So a
 * publication that was cut anywhere goes on without a second run, or a step recorded twice.
 */
import type { Hex } from 'viem'
import { getBlockNumber, getContractEvents, getTransactionCount } from 'viem/actions'
import { getModel, getStep, getStepCount } from '../client/index.ts'
import { modelsAbi } from '../genesis/abi/models.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { logPages } from './attribute/chain-corpus.ts'
import { readBase } from './gateway/version-state.ts'
import type { ProverClient } from './gateway/viem-prover-chain.ts'
import type { BaseHashes } from './tune/recipe.ts'

/** What is on chain, and what was computed, do not go together; or the chain does not take what was sent. */
export class PublicationError extends Error {
  override name = 'PublicationError'
}

/** Milliseconds between two looks, and for all of them. */
const POLLING_INTERVAL = 250
const MINED_WITHIN = 60_000

/** Waits until no transaction of the account is under way, such as an earlier life of this process may have sent. */
export async function ownTransactionsMined(client: ProverClient): Promise<void> {
  const { address } = client.account
  const deadline = Date.now() + MINED_WITHIN
  for (;;) {
    const [pending, mined] = await Promise.all([
      getTransactionCount(client, { address, blockTag: 'pending' }),
      getTransactionCount(client, { address, blockTag: 'latest' }),
    ])
    if (pending <= mined) return
    if (Date.now() > deadline)
      throw new PublicationError(`${pending - mined} transactions of ${address} are not mined within a minute`)
    await new Promise((resolve) => setTimeout(resolve, POLLING_INTERVAL))
  }
}

/** A base that the account has registered by these hashes. */
export async function findBase(client: ProverClient, base: BaseHashes): Promise<bigint | undefined> {
  for await (const range of pages(client)) {
    const args = { registrant: client.account.address }
    const logs = await getContractEvents(client, {
      ...models,
      eventName: 'BaseRegistered',
      args,
      strict: true,
      ...range,
    })
    for (const { args } of logs) {
      if (args.weightsHash !== base.weightsHash || args.architecture !== base.architecture) continue
      if ((await readBase(client, args.base)).tokenizerHash === base.tokenizerHash) return args.base
    }
  }
  return undefined
}

/** A model of the account's on a base, by its name and its Datanets. */
export async function findModel(
  client: ProverClient,
  model: { base: bigint; name: string; datanets: readonly bigint[] },
): Promise<bigint | undefined> {
  for await (const range of pages(client)) {
    const args = { owner: client.account.address, base: model.base }
    const logs = await getContractEvents(client, { ...models, eventName: 'ModelCreated', args, strict: true, ...range })
    for (const { args } of logs) {
      if (args.name !== model.name) continue
      const { datanets } = await getModel(client, { model: args.model })
      if (sorted(datanets) === sorted(model.datanets)) return args.model
    }
  }
  return undefined
}

export type FoundRun = { run: bigint; seed: bigint; manifestRoot: Hex; version: bigint | undefined }

/** Runs of a model by a recipe, the latest first, with the version that each has. */
export async function findRuns(client: ProverClient, model: bigint, hyperparametersHash: Hex): Promise<FoundRun[]> {
  const runs: FoundRun[] = []
  for await (const range of pages(client)) {
    const args = { model }
    const opened = await getContractEvents(client, { ...models, eventName: 'RunOpened', args, strict: true, ...range })
    for (const { args } of opened) {
      if (args.hyperparametersHash !== hyperparametersHash) continue
      runs.unshift({ run: args.run, seed: args.seed, manifestRoot: args.manifestRoot, version: undefined })
    }
    const published = await getContractEvents(client, {
      ...models,
      eventName: 'VersionPublished',
      args,
      strict: true,
      ...range,
    })
    for (const { args } of published) {
      const run = runs.find(({ run }) => run === args.run)
      if (run) run.version = args.version
    }
  }
  return runs
}

export type StepOnRecord = { step: number; lossMicro: number; checkpointHash: Hex }

/** The recorded steps of a run, in their order. */
export async function stepsOnRecord(client: ProverClient, run: bigint): Promise<StepOnRecord[]> {
  const count = await getStepCount(client, { run })
  const steps: StepOnRecord[] = []
  for (let index = 0; index < count; index++) {
    const { step, lossMicro, checkpointHash } = await getStep(client, { run, index })
    steps.push({ step, lossMicro: Number(lossMicro), checkpointHash })
  }
  return steps
}

const models = { address: NATIVE.models, abi: modelsAbi } as const
const sorted = (ids: readonly bigint[]) => ids.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join()

async function* pages(client: ProverClient) {
  yield* logPages(0n, await getBlockNumber(client, { cacheTime: 0 }))
}
