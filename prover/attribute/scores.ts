/**
 * Raw scores of all rows against a query: by the WASM kernel where speed counts, by the protocol's plain
 * loop where two independent roads must meet (the auditor).
 */
import { rawScore } from '../../protocol/score.ts'
import { loadScoresKernelFromFile } from '../kernel/scores-file.ts'
import type { Artifact } from './artifact.ts'

/** Raw score of every row, by row index. */
export type RowScores = (query: Int8Array) => Int32Array
/** Makes rows ready to be scored again and again. */
export type ScoresEngine = (artifact: Pick<Artifact, 'rows' | 'dims' | 'signs'>) => RowScores

/** The kernel, which holds a copy of the rows. */
export async function kernelScores(): Promise<ScoresEngine> {
  const kernel = await loadScoresKernelFromFile()
  return ({ rows, dims, signs }) => kernel.load({ rows: rows.length, dims, signs }).scores
}

/** The protocol's loop: the reference, slow. */
export const plainScores: ScoresEngine =
  ({ rows }) =>
  (query) =>
    Int32Array.from(rows, ({ signs }) => rawScore(signs, query))
