/**
 * The frequencies of RoPE and its scalings (rope.ts has the papers), in doubles of the kernel's own arithmetic. As
 * transformers computes them (modeling_rope_utils.py).
 */
import { type Kernel, logarithm, rotaryFrequencies } from '../kernel/f32.ts'
import type { ModelConfig } from './config.ts'
import type { RopeScaling, YarnAttention } from './rope.ts'

type Llama3 = Extract<RopeScaling, { type: 'llama3' }>
type Yarn = Extract<RopeScaling, { type: 'yarn' }>

export type RotaryRule = {
  /** Radians a position, for every pair of a head's coordinates. */
  readonly frequencies: readonly number[]
  /** On cos and sin. */
  readonly factor: number
}

const TURN = 2 * Math.PI

export function rotaryRule(kernel: Kernel, { rope, headDim }: Pick<ModelConfig, 'rope' | 'headDim'>): RotaryRule {
  const plain = rotaryFrequencies(kernel, { theta: rope.theta, dims: headDim })
  const { scaling } = rope
  switch (scaling.type) {
    case 'none':
      return { frequencies: plain, factor: 1 }
    case 'linear':
      return { frequencies: plain.map((frequency) => frequency / scaling.factor), factor: 1 }
    case 'llama3':
      return { frequencies: plain.map((frequency) => llama3(frequency, scaling)), factor: 1 }
    case 'yarn': {
      const ramp = yarnRamp(kernel, scaling, rope.theta, headDim)
      const frequencies = plain.map((frequency, i) => blend(frequency, frequency / scaling.factor, ramp(i)))
      return { frequencies, factor: yarnFactor(kernel, scaling.factor, scaling.attention) }
    }
  }
}

const blend = (a: number, b: number, part: number) => a * (1 - part) + b * part

const clamp = (x: number, low: number, high: number) => (x < low ? low : x > high ? high : x)

/** Short waves stay, long ones are stretched, those between are blended by how many fit the original positions. */
function llama3(frequency: number, scaling: Llama3): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions } = scaling
  const waves = (originalMaxPositions * frequency) / TURN
  return blend(frequency / factor, frequency, clamp((waves - low) / (high - low), 0, 1))
}

/** How far pair i is interpolated: 0 for pairs that turn more than betaFast times, 1 for fewer than betaSlow. */
function yarnRamp(kernel: Kernel, scaling: Yarn, theta: number, dims: number): (pair: number) => number {
  const { originalMaxPositions, betaFast, betaSlow, truncate } = scaling
  const pairThatTurns = (times: number) =>
    (dims * logarithm(kernel, originalMaxPositions / (times * TURN))) / (2 * logarithm(kernel, theta))
  const [fast, slow] = [pairThatTurns(betaFast), pairThatTurns(betaSlow)]
  const first = clamp(truncate ? Math.floor(fast) : fast, 0, dims - 1)
  const last = clamp(truncate ? Math.ceil(slow) : slow, 0, dims - 1)
  const width = last === first ? 0.001 : last - first
  return (pair) => clamp((pair - first) / width, 0, 1)
}

function yarnFactor(kernel: Kernel, factor: number, attention: YarnAttention): number {
  if ('factor' in attention) return attention.factor
  const m = (scale: number) => (factor > 1 ? 0.1 * scale * logarithm(kernel, factor) + 1 : 1)
  return m(attention.mscale) / m(attention.mscaleAllDim)
}
