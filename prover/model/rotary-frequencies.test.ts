import { beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { RopeScaling } from './rope.ts'
import { rotaryRule } from './rotary-frequencies.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})

const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12))
const rule = (scaling: RopeScaling, headDim = 64, theta = 10_000) =>
  rotaryRule(kernel, { rope: { theta, scaling }, headDim })
const plain = (headDim: number, theta: number) =>
  Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim))

describe('frequencies of RoPE', () => {
  it('are powers of theta, divided by the factor where positions are interpolated', () => {
    expect(rule({ type: 'none' })).toEqual({ frequencies: close(plain(64, 10_000)), factor: 1 })
    const linear = plain(64, 10_000).map((frequency) => frequency / 4)
    expect(rule({ type: 'linear', factor: 4 })).toEqual({ frequencies: close(linear), factor: 1 })
  })

  it('of LLaMA 3.1: short waves as they are, long ones by 8, a blend between', () => {
    const scaling = {
      type: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalMaxPositions: 8192,
    } as const
    const { frequencies } = rule(scaling, 128, 500_000)
    const before = plain(128, 500_000)
    const ratio = before.map((frequency, i) => frequency / frequencies[i]!)
    const waves = before.map((frequency) => (8192 * frequency) / (2 * Math.PI))
    ratio.forEach((value, i) => {
      const smooth = (waves[i]! - 1) / 3
      const expected = waves[i]! > 4 ? 1 : waves[i]! < 1 ? 8 : 1 / ((1 - smooth) / 8 + smooth)
      expect(value).toBeCloseTo(expected, 10)
    })
    // 8192·500000^(−i/64) is 8π at i = 28.2 and 2π at i = 35: pairs 29 to 34 are blended.
    expect([ratio.findIndex((value) => value > 1.0001), ratio.findIndex((value) => value > 7.9999)]).toEqual([29, 35])
  })

  it('of YaRN: pairs that turn fast as they are, slow ones by the factor, and the tables’ own factor', () => {
    const yarn = {
      type: 'yarn',
      factor: 4,
      originalMaxPositions: 32_768,
      betaFast: 32,
      betaSlow: 1,
      truncate: true,
    } as const
    const { frequencies, factor } = rule({ ...yarn, attention: { mscale: 1, mscaleAllDim: 0 } }, 128, 1_000_000)
    const ratio = plain(128, 1_000_000).map((frequency, i) => frequency / frequencies[i]!)
    // 128·ln(32768/(32·2π))/(2·ln 10⁶) = 23.59…, and for one turn 39.65…: from pair 23 to pair 40.
    expect(ratio[23]).toBeCloseTo(1, 12)
    expect(ratio[40]).toBeCloseTo(4, 12)
    const part = (31 - 23) / (40 - 23)
    expect(1 / ratio[31]!).toBeCloseTo(1 - part + part / 4, 12)
    expect(factor).toBeCloseTo(0.1 * Math.log(4) + 1, 14)
    const deepseek = rule({ ...yarn, attention: { mscale: 0.7, mscaleAllDim: 1 } }, 128, 1_000_000)
    expect(deepseek.factor).toBeCloseTo((0.07 * Math.log(4) + 1) / (0.1 * Math.log(4) + 1), 14)
    expect(rule({ ...yarn, attention: { factor: 1.5 } }, 128).factor).toBe(1.5)
  })
})
