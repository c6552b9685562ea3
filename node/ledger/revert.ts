/**
 * How a native call ends without success: one of these two is thrown, and only ledger.ts catches them.
 * Any other error is a defect of the node and is not turned into a result.
 */
import { encodeErrorResult, type Hex, parseAbi } from 'viem'

/** The call reverts; `data` is its ABI-encoded custom error. */
export class NativeRevert extends Error {
  override name = 'NativeRevert'
  readonly data: Hex

  constructor(errorName: string, data: Hex) {
    super(errorName)
    this.data = data
  }
}

/** The call needs more gas than it was given. */
export class OutOfGas extends Error {
  override name = 'OutOfGas'
}

const sharedAbi = parseAbi(['error InvalidField(string field, string reason)'])

/** The error that every native contract declares: an argument that cannot be taken, and why. */
export function invalidField(field: string, reason: string): NativeRevert {
  const data = encodeErrorResult({ abi: sharedAbi, errorName: 'InvalidField', args: [field, reason] })
  return new NativeRevert(`InvalidField: ${field}: ${reason}`, data)
}
