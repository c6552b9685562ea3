/**
 * A curvature run's sums on disk, from which it goes on with the same bits. Local to a machine: numbers lie in its own byte order.
 *
 *     'OLCS' ‖ format u16 = 1 ‖ name 32 ‖ stage u8 ‖ next u32 ‖ examples u32 ‖
 *     factors:  for each block left rows² × f64 ‖ right columns² × f64
 *     moments:  for each block left rows² × f32 ‖ right columns² × f32;  moments of all × f64            ‖ keccak256 of all before
 */
import { readFile, rm } from 'node:fs/promises'
import type { Hex } from 'viem'
import { ByteWriter, concatBytes } from '../../protocol/byte-cursor.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { KERNEL_VERSION } from '../kernel/f32.ts'
import { replaceFile } from '../model/small-file.ts'
import type { GradientLayout } from './gradient-blocks.ts'

const MAGIC = new TextEncoder().encode('OLCS')
const FORMAT = 1
const HEADER_BYTES = 47
const STAGES = ['factors', 'moments'] as const

type Floats = Float32Array | Float64Array

export type CurvatureState = {
  stage: (typeof STAGES)[number]
  /** The row that comes next. */
  next: number
  /** Rows that count in `moments`. */
  examples: number
  /** By block: sums of second moments (doubles) in the first walk, eigenvectors in the second. */
  left: Floats[]
  right: Floats[]
  /** Sums of squares of the rotated gradients; empty in the first walk. */
  moments: Float64Array
}

export function factorsState({ blocks }: GradientLayout): CurvatureState {
  return {
    stage: 'factors',
    next: 0,
    examples: 0,
    left: blocks.map(({ rows }) => new Float64Array(rows * rows)),
    right: blocks.map(({ columns }) => new Float64Array(columns * columns)),
    moments: new Float64Array(0),
  }
}

function momentsState({ blocks, size }: GradientLayout): CurvatureState {
  return {
    stage: 'moments',
    next: 0,
    examples: 0,
    left: blocks.map(({ rows }) => new Float32Array(rows * rows)),
    right: blocks.map(({ columns }) => new Float32Array(columns * columns)),
    moments: new Float64Array(size),
  }
}

/** Of all that a state's bits depend on. */
export function runName(run: {
  subject: Hex
  passTokens: number
  labelSeed: bigint
  count: number
  layout: GradientLayout
}): Uint8Array {
  const { subject, passTokens, labelSeed, count, layout } = run
  const shapes = layout.blocks.map(({ name, rows, columns }) => `${name} ${rows} ${columns}`)
  return keccak256(
    new ByteWriter()
      .hex(subject, 32)
      .uint(KERNEL_VERSION, 4)
      .uint(passTokens, 4)
      .uint(labelSeed, 8)
      .uint(count, 4)
      .raw(new TextEncoder().encode(shapes.join('\n')))
      .finish(),
  )
}

export async function writeState(path: string, name: Uint8Array, state: CurvatureState): Promise<void> {
  const header = new ByteWriter()
    .raw(MAGIC)
    .uint(FORMAT, 2)
    .raw(name)
    .uint(STAGES.indexOf(state.stage), 1)
    .uint(state.next, 4)
    .uint(state.examples, 4)
    .finish()
  const body = concatBytes([header, ...floatsOf(state).map(bytesOf)])
  await replaceFile(path, [body, keccak256(body)])
}

/** Undefined where there is none, or it is damaged, of another run, or of another program: the run then begins anew. */
export async function readState(
  path: string,
  name: Uint8Array,
  layout: GradientLayout,
): Promise<CurvatureState | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (!bytes || bytes.length < HEADER_BYTES + 32) return undefined
  const body = bytes.subarray(0, -32)
  const expected = new ByteWriter().raw(MAGIC).uint(FORMAT, 2).raw(name).finish()
  if (!bytes.subarray(-32).equals(keccak256(body)) || !body.subarray(0, expected.length).equals(expected))
    return undefined
  const state = body[expected.length] === 0 ? factorsState(layout) : momentsState(layout)
  state.next = body.readUInt32BE(expected.length + 1)
  state.examples = body.readUInt32BE(expected.length + 5)
  let at = HEADER_BYTES
  for (const floats of floatsOf(state)) {
    const part = body.subarray(at, at + floats.byteLength)
    if (part.length !== floats.byteLength) return undefined
    bytesOf(floats).set(part)
    at += floats.byteLength
  }
  return at === body.length ? state : undefined
}

export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true })
}

function floatsOf({ left, right, moments }: CurvatureState): Floats[] {
  return [...left.flatMap((values, index) => [values, right[index]!]), moments]
}

function bytesOf({ buffer, byteOffset, byteLength }: Floats): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
