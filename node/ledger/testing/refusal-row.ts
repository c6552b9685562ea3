/** One line of the tables of wrong arguments (refusals.test.ts). */
import type { Actor } from './ledger-stage.ts'
import type { RefusalStage } from './refusal-stage.ts'

export type Refusal = { args: readonly unknown[]; error: string; from?: Pick<Actor, 'address'>; value?: bigint }
/** For a function that answers whatever canonical arguments it is given. */
export const TOTAL = 'answers any arguments'
export type Row = (stage: RefusalStage) => Refusal
export type Rows = Record<string, Row[] | typeof TOTAL>

/** An id that nothing has. */
export const UNKNOWN = 999n

/** A row whose arguments need nothing of the stage. */
export const refuses =
  (args: readonly unknown[], error: string, rest: Partial<Refusal> = {}): Row =>
  () => ({ args, error, ...rest })
