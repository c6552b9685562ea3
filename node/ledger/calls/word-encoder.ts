/**
 * The ABI's encoding (Solidity, "Contract ABI Specification") of what a settlement logs: values of one word each, and bytes. It
 * logs some seventeen events, so they do not go through the general encoder.
 */
import type { AbiParameter } from 'viem'
import { hexToBytes } from '../../execution/bytes.ts'
import { writeWord } from '../../execution/evm/word.ts'

const WORD = 32

/** Writes a value into its 32 bytes of a target that holds zeros. */
type WordWriter = (target: DataView, offset: number, value: unknown) => void

const number: WordWriter = (target, offset, value) => writeWord(target, offset, BigInt(value as bigint | number))
const address: WordWriter = (target, offset, value) => writeWord(target, offset, BigInt(value as string))
const bool: WordWriter = (target, offset, value) => target.setUint8(offset + 31, value === true ? 1 : 0)
const fixedBytes: WordWriter = (target, offset, value) =>
  new Uint8Array(target.buffer, target.byteOffset + offset, WORD).set(hexToBytes(value as `0x${string}`))

function writerOf({ type }: AbiParameter): WordWriter | 'bytes' | undefined {
  if (/^u?int\d+$/.test(type)) return number
  if (type === 'address') return address
  if (type === 'bool') return bool
  if (type === 'bytes') return 'bytes'
  return /^bytes\d+$/.test(type) ? fixedBytes : undefined
}

/** An encoder of values of these types; undefined where one of them is neither of one word nor bytes. Values must fit their types. */
export function wordEncoder(inputs: readonly AbiParameter[]): ((values: readonly unknown[]) => Uint8Array) | undefined {
  const writers = inputs.map(writerOf)
  if (!writers.every((writer) => writer !== undefined)) return undefined
  const head = WORD * writers.length
  return (values) => {
    const tails = writers.map((writer, i) => (writer === 'bytes' ? hexToBytes(values[i] as `0x${string}`) : undefined))
    const room = tails.reduce((sum, tail) => sum + (tail ? WORD + WORD * Math.ceil(tail.length / WORD) : 0), head)
    const bytes = new Uint8Array(room)
    const target = new DataView(bytes.buffer)
    let at = head
    for (const [i, writer] of writers.entries()) {
      const tail = tails[i]
      if (writer !== 'bytes') writer(target, WORD * i, values[i])
      if (!tail) continue
      target.setUint32(WORD * i + 28, at)
      target.setUint32(at + 28, tail.length)
      bytes.set(tail, at + WORD)
      at += WORD + WORD * Math.ceil(tail.length / WORD)
    }
    return bytes
  }
}
