/**
 * Targets drawn from the model's own next-token distribution: what the Fisher matrix is the second moment of (the rows' own targets would give
 * the "empirical Fisher", which bends to how well each row is learnt: Kunstner et al. 2019, 1905.12558).
 *
 * Token t of row i takes the first id for which the probabilities up to it pass part t of stream i, so that it does not depend on what stands beside the
 * row. Stream i: 64-bit words of the kernel's generator with the seed  keccak256(labelSeed u64 ‖ i u32), first 8 bytes.
 */
import { ByteReader, ByteWriter } from '../../protocol/byte-cursor.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { allocate, type Kernel, randomBits, scoped, softmax, view } from '../kernel/f32.ts'
import type { TargetDraw } from '../model/sequence-loss.ts'
import type { Span } from './example-pass.ts'

/** Numbers of 0 … 1 for the first tokens of an example. */
export type LabelParts = (example: number, tokens: number) => Float64Array

export function labelParts(kernel: Kernel, labelSeed: bigint, first: number): LabelParts {
  return (example, tokens) => {
    const digest = keccak256(
      new ByteWriter()
        .uint(labelSeed, 8)
        .uint(first + example, 4)
        .finish(),
    )
    const bytes = randomBits(kernel, new ByteReader(digest).uint(8), 64 * tokens)
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    // The upper 53 bits of each word.
    return Float64Array.from({ length: tokens }, (_, t) => {
      const [low, high] = [words.getUint32(8 * t, true), words.getUint32(8 * t + 4, true)]
      return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
    })
  }
}

/** The draw for a pass of `size` tokens. */
export function targetDraw(kernel: Kernel, spans: readonly Span[], size: number, parts: LabelParts): TargetDraw {
  const partOf = new Float64Array(size)
  for (const { example, start, end, offset } of spans)
    partOf.set(parts(example, offset + end - start).subarray(offset), start)
  return (first, logits, targets) =>
    scoped(kernel, () => {
      const probabilities = allocate(kernel, logits.shape)
      softmax(kernel, { x: logits, out: probabilities })
      const values = view(kernel, probabilities)
      const vocabulary = values.length / targets.length
      return targets.map((target, row) =>
        target < 0 ? target : drawFrom(values, row * vocabulary, vocabulary, partOf[first + row]!),
      )
    })
}

/** Sums in doubles, ids ascending; the last id where rounding keeps the sum below the part. */
function drawFrom(values: Float32Array, start: number, count: number, part: number): number {
  let sum = 0
  for (let id = 0; id < count; id++) {
    sum += values[start + id]!
    if (sum > part) return id
  }
  return count - 1
}
