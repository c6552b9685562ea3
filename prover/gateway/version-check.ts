/** Whether an artifact is what a version on chain says of it: whoever serves or audits a version asks this first. */
import type { Artifact } from '../attribute/artifact.ts'
import type { VersionState } from './prover-chain.ts'

export type VersionDifference = { what: string; onChain: string; inArtifact: string }

/** Every value of the version that its artifact says otherwise; none where they agree. Hashes of its files are checked elsewhere. */
export function versionDifferences(state: VersionState, artifact: Artifact): VersionDifference[] {
  const { tuned } = artifact
  const pairs: [what: string, onChain: string | number | bigint, inArtifact: string | number | bigint][] = [
    ['manifestRoot', state.manifestRoot, artifact.manifestRoot],
    ['featureRoot', state.featureRoot, artifact.featureRoot],
    ['rows', state.rows, artifact.rows.length],
    ['medianScale', state.medianScale, artifact.medianScale],
    ['seed', state.seed, artifact.seed],
    ['block', state.seed, artifact.block],
    ['datanets', [...state.datanets].sort(ascending).join(), artifact.datanets.join()],
  ]
  if (tuned) {
    pairs.push(
      ['hyperparametersHash', state.hyperparametersHash, tuned.recipeHash],
      ['adapterHash', state.adapterHash, tuned.adapterHash],
      ['curvatureHash', state.curvatureHash, tuned.curvatureHash],
      ['weightsHash', state.base.weightsHash, tuned.weightsHash],
      ['tokenizerHash', state.base.tokenizerHash, tuned.tokenizerHash],
    )
  }
  return pairs.flatMap(([what, onChain, inArtifact]) =>
    onChain === inArtifact ? [] : [{ what, onChain: String(onChain), inArtifact: String(inArtifact) }],
  )
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)
