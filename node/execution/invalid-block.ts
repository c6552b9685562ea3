/** A block that breaks a rule of consensus: whoever sent it is wrong, and executing it again changes nothing. */
import { NodeError } from '../errors.ts'

/** The message names the rule, what was found and what it must be. Counts as critical where L1 itself gave the block. */
export class InvalidBlockError extends NodeError {
  override name = 'InvalidBlockError'
  readonly severity = 'critical'
}
