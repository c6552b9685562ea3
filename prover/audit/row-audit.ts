/**
 * Rows of a tuned version computed again from the contents, with the adapter and curvature that the chain commits to: every sign, the scale,
 * whom the row speaks of, and that it is under featureRoot. And the curvature itself.
 */
import { VOID_ROW } from '../../protocol/lexical.ts'
import { merkleProof, verifyMerkleProof } from '../../protocol/merkle.ts'
import { type Row, rowLeaf } from '../../protocol/row.ts'
import { areSame } from '../../protocol/same-rows.ts'
import type { TunedArtifact } from '../attribute/artifact.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import type { TuningPlan } from '../tune/plan.ts'
import { recomputeCurvature, recomputeRows } from '../tune/replay.ts'
import { openTunedModel, type TunedModel } from '../tune/tuned-model.ts'
import { maxScaleOf } from './artifact-audit.ts'
import { orFault } from './fault.ts'
import { type Difference, unequal } from './leaf-audit.ts'
import { counted } from './progress.ts'
import { fetchFiles } from './prover-files.ts'
import type { VersionScene } from './version-plan.ts'

/** The version's model lies in the kernel's arena; undefined, with a difference, where a file is missing or wrong. */
export function modelOf(
  { reads, models, state }: VersionScene,
  artifact: TunedArtifact,
  found: (difference: Difference) => void,
): Promise<TunedModel | undefined> {
  const { artifactHash } = state
  return orFault(found, { what: 'model', settled: artifactHash }, async () => {
    const { recipe, adapterConfig, adapterWeights, curvature } = ARTIFACT_FILES
    await fetchFiles(reads.files, models.store, artifact, [recipe, adapterConfig, adapterWeights, curvature])
    return openTunedModel(models, { artifactHash, baseDirectory: models.baseDirectory })
  })
}

/** Tells of each row with what differs in it. Indices are of the plan. */
export async function auditRows(
  scene: VersionScene,
  { plan, artifact, model }: { plan: TuningPlan; artifact: TunedArtifact; model: TunedModel },
  indices: readonly number[],
  told: (index: number, differences: Difference[]) => void,
): Promise<void> {
  const { state, progress, signal } = scene
  const planned = await plannedModel(scene, { plan, model })
  const leaves = artifact.rows.map(rowLeaf)
  const tell = counted(progress, 'rows')
  let done = 0
  for await (const { index, row } of recomputeRows(planned, indices)) {
    signal?.throwIfAborted()
    const listed = artifact.rows[index]
    const proof = listed ? merkleProof(leaves, index) : []
    const leaf = leaves[index] ?? new Uint8Array()
    const isIncluded = verifyMerkleProof({ root: state.featureRoot, leaf, index, count: state.rows, proof })
    const inclusion = isIncluded ? [] : [outside(index, state.featureRoot)]
    const expected = isRepeat(artifact, row) ? { ...row, ...VOID_ROW } : row
    told(index, [...(listed ? rowDifferences(listed, expected) : [absent(index)]), ...inclusion])
    tell(++done, indices.length)
  }
}

/** The model as it reads what the plan gives: nothing of the artifact's own decides what is recomputed. */
async function plannedModel(
  scene: VersionScene,
  { plan, model }: { plan: TuningPlan; model: TunedModel },
): Promise<TunedModel> {
  const { artifact } = model
  const signs = new Uint8Array()
  const rows = plan.manifest.map(({ index, contribution }) => ({
    ...{ index, contribution, cluster: plan.clusters[index]!, scale: 0, signs },
  }))
  const tuned = { ...artifact.tuned, maxScale: await maxScaleOf(scene) }
  return { ...model, artifact: { ...artifact, manifest: plan.manifest, rarity: plan.rarity, rows, tuned } }
}

/** Whether an earlier row of its cluster says the same: then it had to be void. Earlier ones are as the artifact has them; they may be drawn too. */
const isRepeat = ({ rows }: TunedArtifact, row: Row): boolean =>
  rows.some((other) => other.index < row.index && other.cluster === row.cluster && areSame(other, row))

const absent = (index: number): Difference => ({
  ...{ what: `row ${index}`, settled: 'not in the artifact', recomputed: 'a row' },
})

const outside = (index: number, featureRoot: string): Difference => ({
  ...{
    what: `inclusion of row ${index}`,
    settled: featureRoot,
    recomputed: "the artifact's row is not under this root",
  },
})

function rowDifferences(listed: Row, computed: Row): Difference[] {
  const { index } = computed
  const wrong = differingBits(listed.signs, computed.signs)
  return [
    ...unequal(`scale of row ${index}`, listed.scale, computed.scale),
    ...unequal(`contribution of row ${index}`, listed.contribution, computed.contribution),
    ...unequal(`cluster of row ${index}`, listed.cluster, computed.cluster),
    ...(wrong === 0 ? [] : [{ what: `signs of row ${index}`, settled: 'listed', recomputed: `${wrong} are others` }]),
  ]
}

function differingBits(a: Uint8Array, b: Uint8Array): number {
  let count = 0
  for (const [i, byte] of a.entries()) {
    for (let left = byte ^ b[i]!; left > 0; left &= left - 1) count++
  }
  return count
}

export async function auditCurvature(
  { state, progress, signal }: VersionScene,
  { plan, model }: { plan: TuningPlan; model: TunedModel },
  found: (difference: Difference) => void,
): Promise<void> {
  progress(`computing the curvature of ${plan.curvatureRows.length} rows again`)
  const settled = state.curvatureHash
  const told = { factors: counted(progress, 'curvature, factors'), moments: counted(progress, 'curvature, moments') }
  const hash = await orFault(found, { what: 'curvatureHash', settled }, () =>
    recomputeCurvature(model, {
      plan,
      progress: ({ stage, done, total }) => told[stage](done, total),
      ...(signal && { signal }),
    }),
  )
  if (hash) unequal('curvatureHash', settled, hash).forEach(found)
}
