import fc from 'fast-check'
import { type AbiParameter, decodeAbiParameters, encodeAbiParameters, type Hex, parseAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import { NATIVE_ABI } from '../../../genesis/abi/native.ts'
import { word } from '../testing/ledger-stage.ts'
import { argumentDecoder } from './calldata.ts'
import { bytesOf, hexOf } from './face.ts'

type Inputs = readonly AbiParameter[]

/** What viem makes of the bytes, where its encoding of that is the bytes again. */
function oracle(inputs: Inputs, encoded: Uint8Array): readonly unknown[] | undefined {
  try {
    const values: readonly unknown[] = decodeAbiParameters(inputs, encoded)
    return encodeAbiParameters(inputs, values) === hexOf(encoded) ? values : undefined
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

/** Addresses without their checksum. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

const hexBytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(hexOf)
const text = fc.string({ unit: 'grapheme', maxLength: 70 }).filter((each) => !each.startsWith('\ufeff'))

/** Values of a parameter. */
function valuesOf(parameter: AbiParameter): fc.Arbitrary<unknown> {
  const { type } = parameter
  const array = /^(.*)\[(\d*)\]$/.exec(type)
  if (array) {
    const element = valuesOf({ ...parameter, type: array[1]! })
    const [minLength, maxLength] = array[2] === '' ? [0, 4] : [Number(array[2]), Number(array[2])]
    return fc.array(element, { minLength, maxLength })
  }
  if (type === 'tuple' && 'components' in parameter)
    return fc.record(Object.fromEntries(parameter.components.map((each) => [each.name!, valuesOf(each)])))
  if (type === 'string') return text
  if (type === 'bytes') return fc.uint8Array({ maxLength: 100 }).map(hexOf)
  if (type === 'bool') return fc.boolean()
  if (type === 'address') return hexBytes(20)
  const [, kind, size] = /^(uint|int|bytes)(\d+)$/.exec(type)!
  if (kind === 'bytes') return hexBytes(Number(size))
  const bits = BigInt(size!)
  const range =
    kind === 'uint' ? { min: 0n, max: (1n << bits) - 1n } : { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
  return fc.bigInt(range).map((value) => (bits <= 48n ? Number(value) : value))
}

const FUNCTIONS = Object.entries(NATIVE_ABI).flatMap(([contract, abi]) =>
  abi
    .filter((item) => item.type === 'function')
    .map((item) => [`${contract}.${item.name}`, item.inputs as Inputs] as const),
)

const inputsOf = (name: string): Inputs => FUNCTIONS.find(([full]) => full === name)![1]

describe('arguments', () => {
  it.each(FUNCTIONS)('of %s come back from their encoding', (_, inputs) => {
    const decode = argumentDecoder(inputs)
    fc.assert(
      fc.property(fc.tuple(...inputs.map(valuesOf)), (values) => {
        expect(plain(decode(bytesOf(encodeAbiParameters(inputs, values))))).toEqual(plain(values))
      }),
      { numRuns: 10 },
    )
  })

  it.each([
    ['settle', inputsOf('attribution.settle')],
    ['create', inputsOf('datanets.create')],
    ['openRun', inputsOf('models.openRun')],
    ['contribute', inputsOf('datanets.contribute')],
    ['signed', parseAbiParameters('int32 a, (int64 b, string[] c)[2] d, bytes4 e, bool f')],
  ] as [string, Inputs][])('of %s are read where the encoding is canonical, and only there', (_, inputs) => {
    const decode = argumentDecoder(inputs)
    const change = fc.record({
      at: fc.nat({ max: 4_000 }),
      value: fc.oneof(fc.constantFrom(0, 1, 0x20, 0x40, 0x80, 0xff), fc.nat({ max: 255 })),
      kind: fc.constantFrom('low byte of a word', 'any byte', 'cut', 'more'),
    })
    fc.assert(
      fc.property(fc.tuple(...inputs.map(valuesOf)), fc.array(change, { maxLength: 2 }), (values, changes) => {
        let encoded = bytesOf(encodeAbiParameters(inputs, values))
        for (const { at, value, kind } of changes) {
          const place = kind === 'any byte' ? at % encoded.length : (at % Math.ceil(encoded.length / 32)) * 32 + 31
          if (kind === 'cut') encoded = encoded.slice(0, at % encoded.length)
          else if (kind === 'more') encoded = Uint8Array.of(...encoded, value)
          else if (place < encoded.length) encoded[place] = value
          if (encoded.length === 0) return
        }
        expect(plain(decode(encoded))).toEqual(plain(oracle(inputs, encoded)))
      }),
      { numRuns: 150 },
    )
  })

  it('that no encoding could hold are refused before anything is made of them', () => {
    const huge = `0x${word(32).slice(2)}${'f'.repeat(64)}` as Hex
    expect(argumentDecoder(parseAbiParameters('uint64[] list'))(bytesOf(huge))).toBeUndefined()
    const many = `0x${word(32).slice(2)}${word(0xffff_ffff).slice(2)}` as Hex
    for (const type of ['uint64[]', 'string[]', 'bytes', 'string'])
      expect(argumentDecoder([{ type }])(bytesOf(many))).toBeUndefined()
  })

  it('keep a byte order mark', () => {
    const inputs = parseAbiParameters('string text')
    expect(argumentDecoder(inputs)(bytesOf(encodeAbiParameters(inputs, ['\ufeffa'])))).toEqual(['\ufeffa'])
  })
})

it('many offsets to one long list are refused: nothing is read twice', () => {
  // settle(leaves): 64 offsets that all lead to one leaf with 28 entries. A decoder that follows them reads 1,792 entries.
  const inputs = inputsOf('attribution.settle')
  const entry = { row: 1, cluster: 1n, raw: 1, scale: 1 }
  const hash = word(1)
  const receipt = { channel: hash, n: 0n, version: 1n, fee: 1n, promptTokens: 0, outputTokens: 0, promptHash: hash }
  const entries = Array.from({ length: 28 }, () => entry)
  const leaf = { ...receipt, outputHash: hash, openable: false, asOf: 1n, queryHash: hash, entries }
  const one = encodeAbiParameters([inputs[0]!], [[leaf]]).slice(2 + 3 * 64)
  const count = 64
  const leaves = [word(count), ...Array.from({ length: count }, () => word(32 * count))]
    .map((each) => each.slice(2))
    .join('')
  const body = leaves + one
  const aliased = bytesOf(
    `0x${[word(64), word(64 + body.length / 2)].map((each) => each.slice(2)).join('')}${body}${word(0).slice(2)}`,
  )
  expect(argumentDecoder(inputs)(aliased)).toBeUndefined()
  // One offset to that leaf is the canonical encoding, so it is the sharing that is refused.
  expect(argumentDecoder(inputs)(bytesOf(encodeAbiParameters(inputs, [[leaf], []])))).toHaveLength(2)
})
