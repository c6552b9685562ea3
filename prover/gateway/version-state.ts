/** A version with its run and its model, read through the SDK. */
import { readContract } from 'viem/actions'
import {
  getModel,
  getRun,
  getVersion,
  type NativeClient,
  NativeContractError,
  namingErrors,
} from '../../client/index.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
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
  const { adapterHash, curvatureHash, featureRoot, artifactHash, rows, medianScale } = found
  const { pricePer1kIn, pricePer1kOut, name } = model
  const { weightsHash, tokenizerHash, architecture } = await readBase(client, model.base)
  return {
    version,
    model: found.model,
    publisher: found.publisher.toLowerCase() as Address,
    ...{ datanets, seed, manifestRoot, hyperparametersHash },
    ...{ adapterHash, curvatureHash, featureRoot, artifactHash, rows, medianScale },
    ...{ pricePer1kIn, pricePer1kOut, name },
    base: { id: model.base, weightsHash, tokenizerHash, architecture },
  }
}

/** A base as it was registered. */
export function readBase(client: NativeClient, base: bigint) {
  const args = [base] as const
  return namingErrors('models', 'getBase', () =>
    readContract(client, { abi: modelsAbi, address: NATIVE.models, functionName: 'getBase', args }),
  )
}
