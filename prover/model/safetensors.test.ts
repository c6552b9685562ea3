import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { memorySource } from './byte-source.ts'
import { ModelFileError } from './model-file-error.ts'
import {
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  type TensorToWrite,
  writeSafetensors,
} from './safetensors.ts'
import { MAX_HEADER_BYTES } from './safetensors-header.ts'

/** A file with the given header text and data. */
function fileOf(header: unknown, data: Uint8Array | number[], length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const open = (bytes: Uint8Array) => readSafetensors(memorySource(bytes, 'x.safetensors'))
const four = [0, 0, 128, 63] // 1 in f32
const a = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }

describe('a safetensors file', () => {
  it('is laid out as the format says', async () => {
    const bytes = encodeSafetensors([{ name: 'w', dtype: 'F32', shape: [1, 2], values: Float32Array.of(1, -2) }])
    const header = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    const padded = header.padEnd(88)
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(88n)
    expect(new TextDecoder().decode(bytes.subarray(8, 96))).toBe(padded)
    expect([...bytes.subarray(96)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192])
  })

  it('gives back the tensors it was made of, in each format', async () => {
    // Multiples of 1/8 below 16 have at most 7 bits: all formats hold them.
    const value = fc.integer({ min: -127, max: 127 }).map((n) => n / 8)
    const tensor = fc
      .tuple(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.constantFrom('F32', 'F16', 'BF16'))
      .chain(([shape, dtype]) => {
        const length = shape.reduce((product, dimension) => product * dimension, 1)
        return fc.record({
          name: fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !name.startsWith('__')),
          dtype: fc.constant(dtype),
          shape: fc.constant(shape),
          values: fc.array(value, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list)),
        })
      })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 }), async (tensors) => {
        const bytes = encodeSafetensors(tensors as TensorToWrite[])
        expect(encodeSafetensors(tensors.toReversed() as TensorToWrite[])).toEqual(bytes)
        const file = await open(bytes)
        expect([...file.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort())
        for (const { name, shape, values } of tensors) {
          expect(file.tensors.get(name)!.shape).toEqual(shape)
          expect(await file.read(name)).toEqual(values)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('is read by range', async () => {
    const values = Float32Array.from({ length: 10 }, (_, i) => i)
    const file = await open(encodeSafetensors([{ name: 'w', dtype: 'BF16', shape: [10], values }]))
    expect([...(await file.read('w', { start: 3, end: 6 }))]).toEqual([3, 4, 5])
    await expect(file.read('w', { start: 3, end: 11 })).rejects.toThrow(RangeError)
  })

  it('goes to disk and comes back, over several chunks', async () => {
    const path = join(await temporaryDirectory(), 'model.safetensors')
    const values = Float32Array.from({ length: 3_000_000 }, (_, i) => (i % 251) / 2)
    await writeSafetensors(path, [{ name: 'w', dtype: 'BF16', shape: [3_000_000], values }])
    const file = await openSafetensors(path)
    expect(Buffer.compare(Buffer.from((await file.read('w')).buffer), Buffer.from(values.buffer))).toBe(0)
    await file.close()
  })

  it('is left as it was where a new one cannot be written', async () => {
    const path = join(await temporaryDirectory(), 'model.safetensors')
    await writeFile(path, 'before')
    const tensor: TensorToWrite = { name: 'w', dtype: 'BF16', shape: [1], values: Float32Array.of(3.4e38) }
    await expect(writeSafetensors(path, [tensor])).rejects.toThrow(
      'model.safetensors: w: element 0 is not a finite number',
    )
    await expect(openSafetensors(path)).rejects.toThrow(ModelFileError)
  })
})

describe('a damaged or hostile safetensors file', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['is empty', new Uint8Array(), /size: is too short for a header, got 0/],
    ['has a header beyond itself', fileOf({}, [], 3n), /header length: is beyond the file's 10 bytes, got 3/],
    ['has an enormous header', fileOf({}, [], 2n ** 63n), /header length: is above 8388608 bytes/],
    ['does not begin with {', fileOf(' {}', []), /header: does not begin with \{/],
    ['is not JSON', fileOf('{"a"}', []), /json: is not JSON/],
    ['is not UTF-8', fileOf('{"\u00e9"}', []).map((byte) => (byte === 0xc3 ? 0xff : byte)), /encoding: is not UTF-8/],
    ['is nested without end', fileOf(`{"a":${'['.repeat(100)}`, []), /json: is nested deeper than 32/],
    ['names a tensor twice', fileOf(`{"a":${JSON.stringify(a)},"a":${JSON.stringify(a)}}`, four), /a: stands twice/],
    ['names it twice in two spellings', fileOf(`{"a":${JSON.stringify(a)},"\\u0061":1}`, four), /a: stands twice/],
    [
      'has a format we do not read',
      fileOf({ a: { ...a, dtype: 'I64' } }, four),
      /a.dtype: only F32, F16 and BF16 .* "I64"/,
    ],
    ['has a field that is none', fileOf({ a: { ...a, more: 1 } }, four), /a.more: /],
    ['lacks a field', fileOf({ a: { dtype: 'F32', shape: [1] } }, four), /a.data_offsets: /],
    [
      'has a negative size',
      fileOf({ a: { ...a, shape: [-1] } }, four),
      /a.shape.0: must be a whole number, not negative, got -1/,
    ],
    ['has a size that is a fraction', fileOf({ a: { ...a, shape: [0.5] } }, four), /a.shape.0: must be a whole number/],
    ['overflows', fileOf({ a: { ...a, shape: [2 ** 40, 2 ** 40] } }, four), /a: shape is too large to count/],
    [
      "has bytes that are not its shape's",
      fileOf({ a: { ...a, shape: [2] } }, four),
      /a: data_offsets must span the 8 bytes/,
    ],
    [
      'ends before it begins',
      fileOf({ a: { ...a, data_offsets: [4, 0] } }, four),
      /a: data_offsets must span the 4 bytes/,
    ],
    [
      'has a gap',
      fileOf({ a: { ...a, data_offsets: [4, 8] } }, [...four, ...four]),
      /a: data_offsets must begin .* at 0/,
    ],
    [
      'overlaps',
      fileOf({ a, b: { ...a, data_offsets: [2, 6] } }, [...four, ...four]),
      /b: data_offsets must begin .* at 4/,
    ],
    ['is cut', fileOf({ a }, four.slice(1)), /data: must have exactly the 4 bytes .* got 3/],
    ['goes on after the last tensor', fileOf({ a }, [...four, 0]), /data: must have exactly the 4 bytes .* got 5/],
    ['has metadata that is no text', fileOf({ __metadata__: { x: 1 }, a }, four), /__metadata__.x: |x: must be text/],
    [
      'has too many dimensions',
      fileOf({ a: { ...a, shape: Array(9).fill(1) } }, four),
      /a.shape: must have at most 8 dimensions/,
    ],
  ])('that %s is refused', async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toThrow(message)
    await expect(open(bytes)).rejects.toThrow(ModelFileError)
  })

  it.each([
    ['F32', [0, 0, 192, 127], 'NaN'],
    ['F32', [0, 0, 128, 255], '-Infinity'],
    ['BF16', [192, 127], 'NaN'],
    ['F16', [0, 124], 'Infinity'],
  ])('with a %s value that is not finite says where', async (dtype, data, value) => {
    const file = await open(fileOf({ bad: { dtype, shape: [1], data_offsets: [0, data.length] } }, data))
    await expect(file.read('bad')).rejects.toThrow(`x.safetensors: bad: element 0 is not a finite number, got ${value}`)
  })

  it('never holds more than a header of bounded size and the tensor itself', async () => {
    const reads: number[] = []
    const size = 8 + 2 ** 30
    const source = {
      file: 'large',
      size,
      read: async (_: number, into: Uint8Array) => {
        reads.push(into.length)
        into.set([255, 255, 255, 0, 0, 0, 0, 0, 0x7b].slice(0, into.length))
      },
      close: async () => {},
    }
    await expect(readSafetensors(source)).rejects.toThrow('header length: is above')
    expect(Math.max(...reads)).toBeLessThanOrEqual(MAX_HEADER_BYTES)
  })

  it('gives a ModelFileError or a right file for any change of its bytes', async () => {
    const good = encodeSafetensors([
      { name: 'one', dtype: 'F32', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { name: 'two', dtype: 'BF16', shape: [4], values: Float32Array.of(1, 2, 3, 4) },
    ])
    const change = fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }))
    const cut = fc.integer({ min: 0, max: good.length })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), cut, fc.boolean(), async (changes, length, whole) => {
        const bytes = whole ? good.slice() : good.slice(0, length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        try {
          const file = await open(bytes)
          for (const name of file.tensors.keys()) await file.read(name)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
