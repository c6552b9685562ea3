/**
 * The ABI's encoding of values that take one word each (Solidity, "Contract ABI Specification"): numbers, addresses, booleans,
 * fixed bytes. What a settlement logs is of these, some fifteen events of it, so they do not go through the general encoder.
 */
import type { AbiParameter } from 'viem'
import { hexToBytes } from '../../execution/bytes.ts'

/** Writes a value into its 32 bytes of a target that holds zeros. */
type WordWriter = (target: DataView, offset: number, value: unknown) => void

function writeInteger(target: DataView, offset: number, value: bigint): void {
  let rest = value
  for (let at = 24; at >= 0; at -= 8) {
    target.setBigUint64(offset + at, rest)
    rest >>= 64n
  }
}

const number: WordWriter = (target, offset, value) => writeInteger(target, offset, BigInt(value as bigint | number))
const address: WordWriter = (target, offset, value) => writeInteger(target, offset, BigInt(value as string))
const bool: WordWriter = (target, offset, value) => target.setUint8(offset + 31, value === true ? 1 : 0)
const fixedBytes: WordWriter = (target, offset, value) =>
  new Uint8Array(target.buffer, target.byteOffset + offset, 32).set(hexToBytes(value as `0x${string}`))

function writerOf({ type }: AbiParameter): WordWriter | undefined {
  if (/^u?int\d+$/.test(type)) return number
  if (type === 'address') return address
  if (type === 'bool') return bool
  return /^bytes\d+$/.test(type) ? fixedBytes : undefined
}

/** An encoder of values of these types; undefined where one of them takes more than a word. Values must fit their types. */
export function staticEncoder(
  inputs: readonly AbiParameter[],
): ((values: readonly unknown[]) => Uint8Array) | undefined {
  const writers = inputs.map(writerOf)
  if (!writers.every((writer) => writer !== undefined)) return undefined
  return (values) => {
    const bytes = new Uint8Array(32 * writers.length)
    const target = new DataView(bytes.buffer)
    writers.forEach((write, i) => {
      write(target, 32 * i, values[i])
    })
    return bytes
  }
}
