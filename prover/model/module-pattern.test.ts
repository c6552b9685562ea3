import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModulePatternError, modulePattern } from './module-pattern.ts'

const NAMES = ['model.layers.0.self_attn.q_proj', 'model.layers.11.mlp.down_proj', 'q_proj', '', 'model_layers']

describe('a module pattern', () => {
  it.each([
    ['.*q_proj', ['model.layers.0.self_attn.q_proj', 'q_proj']],
    [String.raw`model\.layers\.\d+\.mlp\.(gate|up|down)_proj`, ['model.layers.11.mlp.down_proj']],
    [String.raw`^model\.layers\.(0|[2-9])\..*$`, ['model.layers.0.self_attn.q_proj']],
    ['model.layers', ['model_layers']],
    ['', ['']],
    ['(?:.*[.])?q_proj', ['model.layers.0.self_attn.q_proj', 'q_proj']],
    [String.raw`model\.layers\.1{2}\..+?`, ['model.layers.11.mlp.down_proj']],
    ['[^.]*', ['q_proj', '', 'model_layers']],
  ])('%s matches as in Python', (pattern, matching) => {
    expect(NAMES.filter(modulePattern(pattern))).toEqual(matching)
  })

  it('matches what the host engine matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '(a|b)',
      '(ab)*',
      'a+',
      'b?',
      '(a|)',
      'a{2}',
      '(a+b){1,2}',
      '\\d',
    )
    const pattern = fc.array(atom, { maxLength: 5 }).map((atoms) => atoms.join(''))
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '1'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, name, (text, given) => {
        expect(modulePattern(text)(given)).toBe(new RegExp(`^(?:${text})$`).test(given))
      }),
      { numRuns: 500 },
    )
  })

  it('answers at once where backtracking would not', () => {
    expect(modulePattern('(a+)+(a*)*b')('a'.repeat(2_000))).toBe(false)
  })

  it.each([
    ['(?!q_proj).*', 'has a group that is not read: (?!'],
    ['(?<=a)b', 'has a group that is not read: (?<'],
    [String.raw`(a)\1`, String.raw`has an escape that is not read: \1`],
    ['(a', 'leaves a group open'],
    ['a)', 'closes a group that is not open'],
    ['[a', 'leaves a class open'],
    ['*a', 'repeats nothing'],
    ['a**', 'repeats a repeat'],
    ['a{2000}', 'has repeats that are not from 0 to 1000: {2000}'],
    ['((a{99}){99}){99}', 'needs more than 2000 states'],
    ['('.repeat(100), 'is nested deeper than 64'],
    ['a'.repeat(5_000), 'is longer than 4096 characters'],
  ])('refuses %.40s', (pattern, message) => {
    expect(() => modulePattern(pattern)).toThrow(new ModulePatternError(message))
  })
})
