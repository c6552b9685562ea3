/** The in-memory chain's version, published and built into a folder as a prover keeps it. */
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { buildRetrievalVersion } from '../attribute/retrieval-run.ts'
import type { InMemoryChain } from './in-memory-chain.ts'

export async function versionOnDisk(chain: InMemoryChain, directory: string) {
  const state = await chain.publish()
  const { maxScaleFactor } = await chain.rules()
  const { artifact, corpus } = await buildRetrievalVersion(chain, {
    datanets: state.datanets,
    block: state.seed,
    maxScaleFactor,
  })
  const store = await ArtifactStore.open(directory)
  const hash = await store.put(artifact, corpus)
  return { state, artifact, store, hash }
}
