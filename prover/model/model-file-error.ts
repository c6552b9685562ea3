/**
 * The one error of everything that reads a model's files (config, weights, tokenizer, adapter): which file,
 * which field of it, what stood there and why it cannot be taken. Such files come from outside and may be damaged or
 * hostile; whoever opens them catches this class and lives on.
 */

/** Characters of a refused value that a message shows. */
const SHOWN = 80

export class ModelFileError extends Error {
  override name = 'ModelFileError'
  readonly file: string
  /** Path of the field within the file ("rope_scaling.factor"), a tensor's name, or what of the whole file ("size"). */
  readonly field: string
  readonly value: unknown
  readonly reason: string

  constructor(fault: { file: string; field: string; value?: unknown; reason: string }) {
    const got = fault.value === undefined ? '' : `, got ${shown(fault.value)}`
    super(`${fault.file}: ${shorten(fault.field)}: ${fault.reason}${got}`)
    this.file = fault.file
    this.field = fault.field
    this.value = fault.value
    this.reason = fault.reason
  }
}

/** Makes the errors of one file. */
export type Refusal = (field: string, value: unknown, reason: string) => ModelFileError

export const refusalIn =
  (file: string): Refusal =>
  (field, value, reason) =>
    new ModelFileError({ file, field, value, reason })

const shorten = (text: string) => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`)

/** A value in a few characters; looks at no more of it than it shows, as it may be as large as its file. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (Array.isArray(value)) {
    return value.length <= 8 && value.every((item) => typeof item === 'number')
      ? JSON.stringify(value)
      : `an array of ${value.length}`
  }
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** A list of names for a message: the first few, then how many more. */
export function someNames(names: readonly string[], limit = 5): string {
  const first = names.slice(0, limit).map(shorten).join(', ')
  return names.length > limit ? `${first} and ${names.length - limit} more` : first
}
