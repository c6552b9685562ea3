/**
 * What a native contract answered when it refused a call: its custom error by name, with named
 * arguments, found wherever the transport put the revert data (EIP-140; geth's error code 3).
 */
import { type Abi, BaseError, decodeErrorResult, type Hex } from 'viem'
import { NATIVE_ABI } from '../genesis/abi/native.ts'
import { type Address, NATIVE, type NativeName } from '../genesis/addresses.ts'

/** A value of a decoded argument, for people. */
const shown = (value: unknown): string =>
  typeof value === 'string' && !value.startsWith('0x') ? JSON.stringify(value) : String(value)

/** A native contract reverted. `errorName` and `args` are the custom error of its ABI. */
export class NativeContractError extends BaseError {
  override name = 'NativeContractError'
  readonly contract: NativeName
  readonly functionName: string
  readonly errorName: string
  /** Arguments of the custom error by name. */
  readonly args: Record<string, unknown>

  constructor(
    at: { contract: NativeName; functionName: string },
    error: { name: string; args: Record<string, unknown> },
    cause: Error,
  ) {
    const listed = Object.entries(error.args).map(([name, value]) => `${name}: ${shown(value)}`)
    super(`${at.contract}.${at.functionName} refused: ${error.name}(${listed.join(', ')})`, {
      cause,
      metaMessages: [`contract ${NATIVE[at.contract]}`],
    })
    this.contract = at.contract
    this.functionName = at.functionName
    this.errorName = error.name
    this.args = error.args
  }
}

const isHex = (value: unknown): value is Hex => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value)

/** Revert data of a failed call or gas estimate, wherever in the chain of causes it stands. */
export function revertDataOf(error: unknown): Hex | undefined {
  let at: unknown = error
  for (let depth = 0; depth < 16 && typeof at === 'object' && at !== null; depth++) {
    for (const key of ['raw', 'data']) {
      const value: unknown = Reflect.get(at, key)
      if (isHex(value) && value.length >= 10) return value
      const nested: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'data') : undefined
      if (isHex(nested) && nested.length >= 10) return nested
    }
    at = Reflect.get(at, 'cause')
  }
  return undefined
}

/** The custom error that revert data encodes, with its arguments by name; undefined where the ABI does not know it. */
export function decodeNativeError(
  contract: NativeName,
  data: Hex,
): { name: string; args: Record<string, unknown> } | undefined {
  const abi: Abi = NATIVE_ABI[contract]
  let decoded: ReturnType<typeof decodeErrorResult<Abi>>
  try {
    decoded = decodeErrorResult({ abi, data })
  } catch (error) {
    if (error instanceof BaseError && error.name === 'AbiErrorSignatureNotFoundError') return undefined
    throw error
  }
  const inputs = decoded.abiItem.type === 'error' ? (decoded.abiItem.inputs ?? []) : []
  const values: readonly unknown[] = decoded.args ?? []
  return {
    name: decoded.errorName,
    args: Object.fromEntries(inputs.map((input, index) => [input.name || String(index), values[index]])),
  }
}

/** Runs a call; a revert by a custom error becomes a {@link NativeContractError}, anything else passes as it is. */
export async function namingErrors<T>(contract: NativeName, functionName: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const data = revertDataOf(error)
    const decoded = data && decodeNativeError(contract, data)
    if (!decoded || !(error instanceof Error)) throw error
    throw new NativeContractError({ contract, functionName }, decoded, error)
  }
}

/** Which native contract stands at an address. */
export function nativeNameAt(address: Address): NativeName | undefined {
  const entry = Object.entries(NATIVE).find(([, at]) => at === address.toLowerCase())
  return entry?.[0] as NativeName | undefined
}
