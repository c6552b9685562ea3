/**
 * Raw scores of all rows against a query: by the WASM kernel or a GPU where speed counts, by the protocol's plain
 * loop where two independent roads must meet (the auditor). All three give the same integers.
 */
import { rawScore } from '../../protocol/score.ts'
import type { GpuScores } from '../gpu/scores.ts'
import { loadScoresKernelFromFile } from '../kernel/scores-file.ts'
import type { Artifact } from './artifact.ts'

/** Raw score of every row, by row index. */
export type RowScores = (query: Int8Array) => Int32Array
/** Makes rows ready to be scored again and again. */
export type ScoresEngine = (artifact: ScoredRows) => RowScores
export type ScoredRows = Pick<Artifact, 'rows' | 'dims' | 'signs'>

/** The same where the answer may take its time, as a GPU's does. Every {@link ScoresEngine} is one. */
export type LaterScores = (query: Int8Array) => Int32Array | Promise<Int32Array>
export type LaterScoresEngine = (artifact: ScoredRows) => LaterScores | Promise<LaterScores>

/** The kernel, which holds a copy of the rows. */
export async function kernelScores(): Promise<ScoresEngine> {
  const kernel = await loadScoresKernelFromFile()
  return ({ rows, dims, signs }) => kernel.load({ rows: rows.length, dims, signs }).scores
}

/** The GPU, which holds a copy of the rows. Rejects with GpuMemoryError and GpuFailedError, as gpu/scores.ts says. */
export function gpuScores(gpu: GpuScores): LaterScoresEngine {
  return async ({ rows, dims, signs }) => (await gpu.load({ rows: rows.length, dims, signs })).scores
}

/** The protocol's loop: the reference, slow. */
export const plainScores: ScoresEngine =
  ({ rows }) =>
  (query) =>
    Int32Array.from(rows, ({ signs }) => rawScore(signs, query))
