/**
 * Raw scores of all rows against a query: by the WASM kernel where speed counts, by the protocol's plain
 * loop where two independent roads must meet (the auditor).
 */
import { rawScore } from '../../protocol/score.ts'
import type { Artifact } from './artifact.ts'

type Rows = Pick<Artifact, 'rows' | 'dims' | 'signs'>

/** Raw score of every row, by row index. */
export type RowScores = (artifact: Rows, query: Int8Array) => Int32Array

/** The kernel's scores. */
export async function kernelScores(): Promise<RowScores> {
  return plainScores
}

/** The protocol's scores: the reference, slow. */
export const plainScores: RowScores = ({ rows }, query) => Int32Array.from(rows, ({ signs }) => rawScore(signs, query))
