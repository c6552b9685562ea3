/**
 * Faults of what a prover published or hands out: a file that is missing or damaged, a model that cannot be opened or has no room, a
 * training that cannot be taken again. They are differences with a name, not an audit's end.
 */
import { ArtifactError } from '../attribute/artifact.ts'
import { CurvatureError } from '../features/curvature.ts'
import { MemoryBudgetError } from '../kernel/arena.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { CheckpointError } from '../train/checkpoint.ts'
import { DivergedError } from '../train/trainer.ts'
import type { Difference } from './leaf-audit.ts'

const FAULTS = [
  ArtifactError,
  CheckpointError,
  CurvatureError,
  DivergedError,
  MemoryBudgetError,
  ModelFileError,
] as const

export const isFault = (error: unknown): error is Error => FAULTS.some((Fault) => error instanceof Fault)

/** The work's result; or its fault, told to `found` as what was recomputed of `what`, and undefined. */
export async function orFault<Result>(
  found: (difference: Difference) => void,
  { what, settled }: { what: string; settled: string },
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isFault(error)) throw error
    found({ what, settled, recomputed: `cannot be computed: ${error.message}` })
    return undefined
  }
}
