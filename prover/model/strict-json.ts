/**
 * JSON from outside (RFC 8259), read more strictly than `JSON.parse` does: UTF-8 without errors, bounded depth, and no
 * key twice in an object, for which readers of one file could otherwise see different values.
 */
import { z } from 'zod'
import { ModelFileError, type Refusal, refusalIn } from './model-file-error.ts'

/** Objects and arrays within each other. The deepest of the known formats (tokenizer.json) needs about ten. */
const MAX_DEPTH = 32

/** Throws {@link ModelFileError} naming the file, and the key where one stands twice. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const refuse = refusalIn(file)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw refuse('encoding', undefined, `is not UTF-8: ${(error as Error).message}`)
  }
  checkStructure(text, refuse)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refuse('json', undefined, `is not JSON: ${(error as Error).message.slice(0, 200)}`)
  }
}

/**
 * The value as the schema has it. Throws {@link ModelFileError} that names the first wrong field, seen from `within`.
 */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  file: string,
  within: readonly string[] = [],
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const keys = issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : []
  const path = [...issue.path, ...keys]
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  )
  const field = [...within, ...path.map(String)].join('.') || '(root)'
  throw new ModelFileError({ file, field, value: found, reason: issue.message })
}

/** An object of any keys. zod's own drops the key __proto__ and says nothing; this one refuses it. */
export function recordOf<Schema extends z.ZodType>(schema: Schema) {
  const hasProto = (value: unknown) => typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
  return z
    .unknown()
    .refine((value) => !hasProto(value), '__proto__ is a name that is not read')
    .pipe(z.record(z.string(), schema))
}

/** Depth and double keys, found in one pass over the text and before anything is built from it. */
function checkStructure(text: string, refuse: Refusal): void {
  const open: (Set<string> | undefined)[] = []
  let lastString: string | undefined
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at)
        lastString = text.slice(at, end)
        at = end - 1
        break
      }
      case 0x3a: {
        const keys = open.at(-1)
        if (keys && lastString !== undefined) addKey(keys, lastString, refuse)
        lastString = undefined
        break
      }
      case 0x7b:
      case 0x5b:
        open.push(text[at] === '{' ? new Set() : undefined)
        if (open.length > MAX_DEPTH) throw refuse('json', undefined, `is nested deeper than ${MAX_DEPTH}`)
        break
      case 0x7d:
      case 0x5d:
        open.pop()
        break
    }
  }
}

function addKey(keys: Set<string>, literal: string, refuse: Refusal): void {
  // Without escapes the literal is the key; with them two spellings may be the same key.
  const key = literal.includes('\\') ? unescaped(literal, refuse) : literal.slice(1, -1)
  if (keys.has(key)) throw refuse(key, undefined, 'stands twice in one object')
  keys.add(key)
}

function unescaped(literal: string, refuse: Refusal): string {
  try {
    return String(JSON.parse(literal))
  } catch (error) {
    throw refuse('json', undefined, `is not JSON: ${(error as Error).message.slice(0, 200)}`)
  }
}

/** Index after the closing quote of the string literal at `start`, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x5c) at++
    else if (unit === 0x22) return at + 1
  }
  return text.length
}
