/** What an audit asks of the chain and of the gateway. `viem-audit-reads.ts` is the real one. */
import type { Hex } from 'viem'
import type { Leaf } from '../../protocol/leaf.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { CorpusReads } from '../attribute/corpus.ts'
import type { EntryRules } from '../attribute/settlement-leaf.ts'
import type { Prices } from '../gateway/price.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import type { Opening } from './leaf-audit.ts'
import type { ProverFiles } from './prover-files.ts'

export type SettledLeaf = {
  request: Hex
  leaf: Leaf
  /** L2 block of the settlement. */
  block: bigint
}

export interface AuditReads extends CorpusReads {
  /** Every leaf settled up to the head, in order. */
  settledLeaves(): Promise<SettledLeaf[]>
  version(version: bigint): Promise<VersionState | undefined>
  /** What the model asked when a leaf of block `asOf` was answered: prices that stood then, or a little before. */
  prices(model: bigint, asOf: bigint): Promise<Prices[]>
  /** Parameters as they were after a block. */
  entryRules(block: bigint): Promise<EntryRules>
  maxScaleFactor(block: bigint): Promise<bigint>
  /** Puts a tuned version's artifact and files into the store, by their hashes. Throws ArtifactError where they cannot be had. */
  fetchArtifact(store: ArtifactStore, artifact: Hex): Promise<void>
  /** What the prover shows; a sentence where it shows nothing. */
  opening(request: Hex): Promise<Opening | { refused: string }>
}

export type StepOnRecord = { step: number; lossMicro: number; checkpointHash: Hex }

/** What auditing a tuned version's own making asks besides. */
export interface VersionAuditReads extends AuditReads {
  /** The version's run, and its steps that were on record when the version was published, in order. */
  recordedSteps(version: bigint): Promise<{ run: bigint; steps: StepOnRecord[] }>
  /** What the prover hands out by hash. */
  readonly files: ProverFiles
}
