/**
 * How a native call ends without success: one of these two is thrown, and only ledger.ts catches them.
 * Any other error is a defect of the node and is not turned into a result.
 */
import { type AbiParameter, encodeAbiParameters, type Hex, toFunctionSelector } from 'viem'

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

type ErrorShape = { selector: Hex; inputs: readonly AbiParameter[] }

/** An error's ABI encoding: its selector and its arguments. */
export function errorData({ selector, inputs }: ErrorShape, args: readonly unknown[]): Hex {
  return `${selector}${encodeAbiParameters(inputs, args).slice(2)}`
}

const invalidFieldShape: ErrorShape = {
  selector: toFunctionSelector('InvalidField(string,string)'),
  inputs: [
    { name: 'field', type: 'string' },
    { name: 'reason', type: 'string' },
  ],
}

/** The error that every native contract declares: an argument that cannot be taken, and why. */
export function invalidField(field: string, reason: string): NativeRevert {
  return new NativeRevert(`InvalidField: ${field}: ${reason}`, errorData(invalidFieldShape, [field, reason]))
}
