import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ModelFileError } from './model-file-error.ts'
import { parseFields, parseJson } from './strict-json.ts'

const parse = (text: string) => parseJson(new TextEncoder().encode(text), 'x.json')

describe('JSON from outside', () => {
  it('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), (value, spaced) => {
        expect(parse(JSON.stringify(value, undefined, spaced ? 2 : 0))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it.each([
    ['{"a":1,"a":2}', 'x.json: a: stands twice in one object'],
    ['{"x":{"a":1},"y":[{"b":":","b":2}]}', 'x.json: b: stands twice'],
    ['{"a":1,"\\u0061":2}', 'x.json: a: stands twice'],
    ['[1,]', 'x.json: json: is not JSON'],
    ['{"\\q":1}', 'x.json: json: is not JSON'],
    ['', 'x.json: json: is not JSON'],
    ['[['.repeat(17), 'x.json: json: is nested deeper than 32'],
  ])('%.30s is refused', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })

  it('may have one key in two objects, and brackets in its strings', () => {
    expect(parse('{"a":{"k":"[{\\"","l":1},"b":{"k":2}}')).toEqual({ a: { k: '[{"', l: 1 }, b: { k: 2 } })
  })

  it('gives a ModelFileError or a value for any bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', 'a', '\\', '1', ' '), maxLength: 30 }),
        (text) => {
          try {
            expect(parse(text)).toEqual(JSON.parse(text))
          } catch (error) {
            expect(error).toBeInstanceOf(ModelFileError)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('a wrong field', () => {
  it('is named with its path, its value and why', () => {
    const schema = z.object({ a: z.array(z.strictObject({ b: z.number('must be a number') })) })
    expect(() => parseFields(schema, { a: [{ b: 1 }, { b: 'x'.repeat(200) }] }, 'x.json')).toThrow(
      `x.json: a.1.b: must be a number, got "${'x'.repeat(80)}…"`,
    )
    expect(() => parseFields(schema, { a: [{ b: 1, c: 2 }] }, 'x.json', ['within'])).toThrow(
      /^x.json: within.a.0.c: .*, got 2$/,
    )
  })
})
