/** Generated ids as text that can be shown at once: whole characters only, and nothing of a stop string. */
import type { Tokenizer } from './tokenizer-face.ts'

/** What bytes that are no character yet decode to. */
const UNFINISHED = '\ufffd'
/** A character has at most four bytes, so at most three of it stand alone at the end. */
const MOST_UNFINISHED = 3

/**
 * Yields pieces whose concatenation is the text of the ids up to the first stop string; returns whether one came. What
 * may become a part of a stop string is held back until it is known. Ends the ids' iteration when a stop string has
 * come.
 */
export async function* textOf(
  ids: AsyncIterable<number>,
  tokenizer: Pick<Tokenizer, 'decode'>,
  stop: readonly string[] = [],
): AsyncGenerator<string, 'stop' | 'end', void> {
  const strings = stop.filter((text) => text !== '')
  const all: number[] = []
  let shown = 0
  for await (const id of ids) {
    all.push(id)
    const text = tokenizer.decode(all)
    const end = stopIndex(text, strings, shown)
    if (end !== undefined) {
      if (end > shown) yield text.slice(shown, end)
      return 'stop'
    }
    const safe = text.length - heldBack(text, strings)
    if (safe <= shown) continue
    yield text.slice(shown, safe)
    shown = safe
  }
  const rest = tokenizer.decode(all).slice(shown)
  if (rest !== '') yield rest
  return 'end'
}

/** Where the first stop string begins; none begins before `from`. */
function stopIndex(text: string, strings: readonly string[], from: number): number | undefined {
  const found = strings.map((string) => text.indexOf(string, from)).filter((index) => index >= 0)
  return found.length ? Math.min(...found) : undefined
}

/** How many characters at the end may still change, or be the beginning of a stop string. */
function heldBack(text: string, strings: readonly string[]): number {
  let unfinished = 0
  while (unfinished < MOST_UNFINISHED && text.at(-1 - unfinished) === UNFINISHED) unfinished++
  const whole = text.slice(0, text.length - unfinished)
  const begun = strings.map((string) => {
    let length = Math.min(string.length - 1, whole.length)
    while (length > 0 && !whole.endsWith(string.slice(0, length))) length--
    return length
  })
  return unfinished + Math.max(0, ...begun)
}
