/** Third and last stage: every row of the plan by the tuned model, on disk as it comes; then all of it as the version's artifact. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { concat, type Hex, keccak256 } from 'viem'
import { lexicalVector, medianScale, type RowFeature, VOID_ROW } from '../../protocol/lexical.ts'
import { merkleRoot } from '../../protocol/merkle.ts'
import type { Rarity } from '../../protocol/ngrams.ts'
import { DIMS, encodeRow, type Row, rowLeaf } from '../../protocol/row.ts'
import { repeats } from '../../protocol/same-rows.ts'
import { encodeArtifactHead } from '../attribute/artifact.ts'
import type { TunedParts } from '../attribute/artifact-tuned.ts'
import { type FeatureText, type Featurizer, rowFeatures } from '../features/features.ts'
import { planName, type TuningPlan } from './plan.ts'
import { RowFile } from './row-file.ts'
import { type TuningRun, workPaths } from './tuning-run.ts'
import type { WindowText } from './window-texts.ts'

export type RowsEvent = { type: 'rows'; done: number; total: number }

/** All rows are void, so nothing could ever be attributed to any. */
export class VoidVersionError extends Error {
  override name = 'VoidVersionError'
}

export type MadeArtifact = { artifactHash: Hex; featureRoot: Hex; medianScale: number }

/** A window as features see it. */
export const featureText = ({ pieces, lexicalIds }: WindowText, rarity: Rarity): FeatureText => ({
  pieces,
  lexical: lexicalVector(lexicalIds, rarity),
})

/** Throws {@link VoidVersionError}. */
export async function* makeRows(
  { plan, store, directory, signal }: TuningRun,
  {
    featurizer,
    tuned,
    maxScaleFactor,
  }: { featurizer: Featurizer; tuned: Omit<TunedParts, 'maxScale'>; maxScaleFactor: bigint },
): AsyncGenerator<RowsEvent, MadeArtifact, void> {
  const name = keccak256(concat([planName(plan), tuned.adapterHash, tuned.curvatureHash]))
  const file = await RowFile.open(workPaths(directory).rows, name)
  try {
    const total = plan.windows.length
    const source = { count: total, read: async (index: number) => featureText(plan.windows[index]!, plan.rarity) }
    for await (const { index, feature } of rowFeatures(featurizer, source, file.count)) {
      await nextTurn()
      signal?.throwIfAborted()
      await file.append(feature ?? VOID_ROW)
      yield { type: 'rows', done: index + 1, total }
    }
    return await putArtifact(store, plan, file, { tuned, maxScaleFactor })
  } finally {
    await file.close()
  }
}

async function putArtifact(
  store: TuningRun['store'],
  plan: TuningPlan,
  file: RowFile,
  { tuned, maxScaleFactor }: { tuned: Omit<TunedParts, 'maxScale'>; maxScaleFactor: bigint },
): Promise<MadeArtifact> {
  const { corpus, manifest, rarity } = plan
  const repeated = await repeatedRows(plan, file)
  const feature = async (index: number): Promise<RowFeature> => (repeated.has(index) ? VOID_ROW : file.row(index))
  const scales: number[] = []
  for (let index = 0; index < file.count; index++) scales.push((await feature(index)).scale)
  const counted = scales.filter((scale) => scale > 0)
  if (counted.length === 0)
    throw new VoidVersionError(
      `all ${file.count} rows are void: no gradient of theirs is finite, so there is nothing to publish`,
    )
  const median = medianScale(counted)
  const maxScale = Math.min(median * Number(maxScaleFactor), 0xffff)
  const head = encodeArtifactHead({
    ...{ dims: DIMS, seed: corpus.block, block: corpus.block, datanets: corpus.datanets, medianScale: median },
    ...{ rarity, manifest, tuned: { ...tuned, maxScale } },
  })
  const leaves: Uint8Array[] = []
  async function* bytes() {
    yield head
    for (const { index, contribution } of manifest) {
      const { scale, signs } = await feature(index)
      const row: Row = { index, contribution, cluster: plan.clusters[index]!, scale: Math.min(scale, maxScale), signs }
      leaves.push(rowLeaf(row))
      yield encodeRow(row)
    }
  }
  const artifactHash = await store.putArtifactBytes(bytes())
  return { artifactHash, featureRoot: merkleRoot(leaves), medianScale: median }
}

/** Rows that repeat an earlier one of their cluster: only one cluster's are in memory at once. */
async function repeatedRows({ clusters }: TuningPlan, file: RowFile): Promise<Set<number>> {
  const repeated = new Set<number>()
  for (const [cluster, indices] of Map.groupBy(clusters.keys(), (index) => clusters[index]!)) {
    const rows: (RowFeature & { cluster: bigint })[] = []
    for (const index of indices) rows.push({ cluster, ...(await file.row(index)) })
    for (const [at, isRepeat] of repeats(rows).entries()) if (isRepeat) repeated.add(indices[at]!)
  }
  return repeated
}
