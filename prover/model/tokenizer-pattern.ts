/**
 * Regular expressions from a tokenizer.json run in the host's backtracking engine, where (a+)+ takes a time that
 * doubles with every character. Here is what may run: no repeated groups, no references back, and at most two unbounded
 * repeats in an alternative. The patterns of GPT-2, LLaMA 3, Qwen, DeepSeek and Mistral are of this kind.
 */

/** DeepSeek's lists of letters are the longest known, about 5 kB. */
const MAX_PATTERN = 16_384
const MAX_UNBOUNDED = 2
const MAX_REPEAT = 1_000
const MAX_NESTING = 16
const TOO_MANY = `has more than ${MAX_UNBOUNDED} unbounded repeats in an alternative`

/** Why a pattern may not run; undefined where it may. */
export function patternObjection(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`
  // Of each open group: unbounded repeats in the alternative under way, and the most in one before it.
  const open = [{ now: 0, most: 0 }]
  let before: 'atom' | 'group' | 'sign' | 'braces' = 'atom'
  for (let at = 0; at < pattern.length; ) {
    const group = open.at(-1)!
    const quantifier = quantifierAt(pattern, at)
    if (quantifier) {
      const { max, end } = quantifier
      at = end
      // A second sign makes the first one lazy ("+?") or possessive ("++").
      if (before === 'sign' && (pattern[end - 1] === '?' || pattern[end - 1] === '+')) continue
      if (before === 'braces' && pattern[end - 1] === '?') continue
      if (before === 'sign' || before === 'braces') return 'repeats a repeat'
      if (before === 'group' && max > 1) return 'repeats a group'
      if (max === Number.POSITIVE_INFINITY) group.now++
      else if (max > MAX_REPEAT) return `repeats more than ${MAX_REPEAT} times`
      if (group.now > MAX_UNBOUNDED) return TOO_MANY
      before = pattern[end - 1] === '}' ? 'braces' : 'sign'
      continue
    }
    const character = pattern[at]!
    if (character === '\\' && /[1-9k]/.test(pattern[at + 1] ?? '')) return 'refers back to a group'
    before = character === ')' ? 'group' : 'atom'
    if (character === '|') Object.assign(group, { now: 0, most: Math.max(group.most, group.now) })
    if (character === '(') {
      open.push({ now: 0, most: 0 })
      if (open.length > MAX_NESTING) return `is nested deeper than ${MAX_NESTING}`
    }
    if (character === ')' && open.length > 1) {
      const closed = open.pop()!
      const around = open.at(-1)!
      around.now += Math.max(closed.now, closed.most)
      if (around.now > MAX_UNBOUNDED) return TOO_MANY
    }
    at = character === '\\' ? at + 2 : character === '[' ? endOfClass(pattern, at) : at + 1
  }
  return undefined
}

function quantifierAt(pattern: string, at: number): { max: number; end: number } | undefined {
  const character = pattern[at]
  // After "(" a question mark begins a group's kind.
  if (character === '?' && pattern[at - 1] === '(' && pattern[at - 2] !== '\\') return undefined
  const simple = { '*': Number.POSITIVE_INFINITY, '+': Number.POSITIVE_INFINITY, '?': 1 }[character ?? '']
  if (simple !== undefined) return { max: simple, end: at + 1 }
  const braces = /^\{(\d*)(,?)(\d*)\}/.exec(pattern.slice(at, at + 24))
  if (!braces || braces[0].length < 3) return undefined
  const [text, low, comma, high] = braces
  const max = comma ? (high === '' ? Number.POSITIVE_INFINITY : Number(high)) : Number(low)
  return { max, end: at + text.length }
}

/** Index after a character class; classes may stand in classes. */
function endOfClass(pattern: string, start: number): number {
  let depth = 0
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '[') depth++
    else if (pattern[at] === ']' && --depth === 0) return at + 1
  }
  return pattern.length
}

/** Whether a pattern asks the host's Unicode tables: property escapes, word and space classes, and folding of case. */
export const asksUnicode = (pattern: string): boolean =>
  /\\[pPwWdDsSbBX]|\[:\^?[a-z]+:\]|\(\?[a-z-]*i/.test(pattern.replaceAll('\\\\', ''))
