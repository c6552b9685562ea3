/** The steps of a publication on chain, of whatever kind the version is: base, model, run, version; each until it is mined. */
import { isAddressEqual } from 'viem'
import {
  confirmTransaction,
  createdModel,
  createModel,
  getModel,
  getParameter,
  type OpenRunParameters,
  openedRun,
  openRun,
  type PublishVersionParameters,
  publishedVersion,
  publishVersion,
  type RegisterBaseParameters,
  registerBase,
  registeredBase,
} from '../client/index.ts'
import type { BaseId, ModelId, RunId, VersionId } from '../genesis/units.ts'
import type { ProverClient } from './gateway/viem-prover-chain.ts'
import { PublicationError } from './publication.ts'

/** What a version is published under. */
export type PublicationTerms = {
  /** Datanets with their weights in basis points, which add up to 10,000. */
  datanets: readonly { datanet: bigint; weightBps: number }[]
  /** Name of the model, where none exists yet. */
  name: string
  /** Wei per 1,000 tokens of prompt and of answer, where no model exists yet. */
  pricePer1kIn: bigint
  pricePer1kOut: bigint
  /** A model of this account's to add the version to. */
  model?: bigint
}

export async function newBase(client: ProverClient, base: RegisterBaseParameters): Promise<BaseId> {
  return registeredBase(await confirmTransaction(client, { hash: await registerBase(client, base) }))
}

export async function newModel(client: ProverClient, base: bigint, terms: PublicationTerms): Promise<ModelId> {
  const { pricePer1kIn, pricePer1kOut, name } = terms
  const datanets = terms.datanets.map(({ datanet }) => datanet)
  const hash = await createModel(client, { base, datanets, pricePer1kIn, pricePer1kOut, name })
  return createdModel(await confirmTransaction(client, { hash }))
}

/** A model that the client's account owns; the chain would refuse the run only later. Throws {@link PublicationError}. */
export async function ownModel(client: ProverClient, model: bigint): Promise<bigint> {
  const { owner } = await getModel(client, { model })
  if (isAddressEqual(owner, client.account.address)) return model
  throw new PublicationError(`model ${model} belongs to ${owner}, not to ${client.account.address}`)
}

export async function newRun(client: ProverClient, run: OpenRunParameters): Promise<RunId> {
  return openedRun(await confirmTransaction(client, { hash: await openRun(client, run) }))
}

/** Pays the bond that the chain asks for now. */
export async function newVersion(
  client: ProverClient,
  publication: Omit<PublishVersionParameters, 'bond'>,
): Promise<VersionId> {
  const { run, adapterHash, curvatureHash, featureRoot, artifactHash, rows, dims, medianScale } = publication
  const hash = await publishVersion(client, {
    run,
    ...{ adapterHash, curvatureHash, featureRoot, artifactHash, rows, dims, medianScale },
    bond: await getParameter(client, { name: 'versionBond' }),
  })
  return publishedVersion(await confirmTransaction(client, { hash }))
}
