/** A creation's end: what its init code returned becomes the account's code (EIP-2, 170, 3541). */
import { EMPTY_BYTES } from '../bytes.ts'
import { charge, type Frame } from './frame.ts'
import { Halt } from './halt.ts'

const MAX_CODE_BYTES = 24_576
const BYTE_GAS = 200
const RESERVED = 0xef

/** Why the creation fails all the same, or undefined. Nothing happens to a frame that is a call's. */
export function depositCode(frame: Frame): string | undefined {
  if (!frame.isCreation) return undefined
  const { machine, address, output } = frame
  const { schedule } = machine.parameters
  if (!schedule.hasEmptyAccounts && output.length > MAX_CODE_BYTES) return 'max code size exceeded'
  if (schedule.reservesEf && output[0] === RESERVED) return 'invalid code: must not begin with 0xef'
  try {
    charge(frame, BYTE_GAS * output.length)
  } catch (error) {
    if (!(error instanceof Halt)) throw error
    if (schedule.codeDepositFails) return 'contract creation code storage out of gas'
    // Frontier keeps an account whose code it could not pay for, without the code.
    frame.output = EMPTY_BYTES
    return undefined
  }
  if (output.length > 0) machine.overlay.setCode(address, output)
  return undefined
}
