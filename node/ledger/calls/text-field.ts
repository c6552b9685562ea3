/** Bounds of the texts that calls carry: every string in storage has one. */
import { invalidField } from './revert.ts'

/** Throws InvalidField where the text's UTF-8 form is outside `least` … `most` bytes. */
export function checkText(field: string, text: string, least: number, most: number): void {
  const length = new TextEncoder().encode(text).length
  if (length < least || length > most) throw invalidField(field, `must have ${least} to ${most} bytes, has ${length}`)
}
