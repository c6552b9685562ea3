/**
 * Cuts a long Solidity source into parts that stand for something: whole declarations (contracts, libraries, free
 * functions), or, where one of them is too long by itself, members of it with their comments. Parts are pieces of the
 * source as it stands, in its order; nothing is added.
 */

/** UTF-16 units [start, end) of a source. */
type Span = { start: number; end: number }

type Declaration = Span & {
  /** Inside its braces; absent where it has none. */
  body?: Span
}

/** Parts of at most `limit` characters; a single member that is longer than that is left out. */
export function sourceParts(source: string, limit: number): string[] {
  const parts = declarations(source, { start: 0, end: source.length }).flatMap((declaration) =>
    declaration.end - declaration.start > limit && declaration.body
      ? [{ start: declaration.start, end: declaration.body.start }, ...declarations(source, declaration.body)]
      : [declaration],
  )
  return joined(parts, limit)
    .map(({ start, end }) => source.slice(start, end).replace(/^(?:[^\S\n]*\n)+|\s+$/g, ''))
    .filter((text) => text !== '')
}

/** Neighbours together as long as they fit. */
function joined(spans: readonly Span[], limit: number): Span[] {
  const parts: Span[] = []
  for (const { start, end } of spans) {
    if (end - start > limit) continue
    const last = parts.at(-1)
    if (last && last.end === start && end - last.start <= limit) last.end = end
    else parts.push({ start, end })
  }
  return parts
}

/** Everything of a span, cut after each semicolon and closing brace that no brace is open around. */
function declarations(source: string, { start, end }: Span): Declaration[] {
  const found: Declaration[] = []
  let [begin, depth, at, opened] = [start, 0, start, -1]
  while (at < end) {
    const skipped = afterCommentOrString(source, at)
    if (skipped > at) {
      at = skipped
      continue
    }
    const character = source[at]!
    if (character === '{' && depth++ === 0) opened = at + 1
    const closes = character === '}' && --depth === 0
    at++
    if (!closes && !(character === ';' && depth === 0)) continue
    const body = closes ? { start: opened, end: at - 1 } : undefined
    at = afterRemark(source, at, end)
    found.push({ start: begin, end: at, ...(body && { body }) })
    begin = at
  }
  return found
}

const REMARK = /[^\S\n]*\/\/[^\n]*/y

/** Behind a comment that stands on the same line. */
function afterRemark(source: string, at: number, end: number): number {
  REMARK.lastIndex = at
  return REMARK.test(source) && REMARK.lastIndex <= end ? REMARK.lastIndex : at
}

const TRIVIA = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y

/** Where a comment or a string that begins here ends; here itself where none does. */
function afterCommentOrString(source: string, at: number): number {
  TRIVIA.lastIndex = at
  return TRIVIA.test(source) ? TRIVIA.lastIndex : at
}
