/** A version with its run and its model, read through the SDK. */
import { getModel, getRun, getVersion, type NativeClient, NativeContractError } from '../../client/index.ts'
import type { Address } from '../../genesis/addresses.ts'
import type { VersionState } from './prover-chain.ts'

/** The call's result, or undefined where the contract says that there is no such thing. */
export async function orUndefined<T>(errorName: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof NativeContractError && error.errorName === errorName) return undefined
    throw error
  }
}

/** Undefined where there is no such version. */
export async function readVersion(client: NativeClient, version: bigint): Promise<VersionState | undefined> {
  const found = await orUndefined('UnknownVersion', getVersion(client, { version }))
  if (!found) return undefined
  const [run, model] = await Promise.all([getRun(client, { run: found.run }), getModel(client, { model: found.model })])
  const { datanets, seed, manifestRoot, hyperparametersHash } = run
  const { featureRoot, artifactHash, rows, medianScale } = found
  const { pricePer1kIn, pricePer1kOut, name } = model
  return {
    version,
    model: found.model,
    publisher: found.publisher.toLowerCase() as Address,
    ...{ datanets, seed, manifestRoot, hyperparametersHash },
    ...{ featureRoot, artifactHash, rows, medianScale },
    ...{ pricePer1kIn, pricePer1kOut, name },
  }
}
