/**
 * The regular expressions that PEFT uses for module names (Python's `re`), without backtracking: the pattern becomes an
 * automaton whose states are followed all at once (Thompson 1968), so a hostile adapter cannot make matching slow, and
 * no engine's dialect matters.
 *
 * Read: literals, ".", classes, groups "( )" and "(?: )", "|", "* + ? {m} {m,} {m,n}" and their lazy forms, "^", "$",
 * \d \w \s \D \W \S and escaped signs, all over ASCII. Everything else is refused by name; look-around and references
 * back among it.
 */

const MAX_PATTERN = 4_096
const MAX_STATES = 2_000
const MAX_REPEAT = 1_000
const MAX_NESTING = 64

export class ModulePatternError extends Error {
  override name = 'ModulePatternError'
}

/** Whether the whole of a name matches. */
export type ModulePattern = (name: string) => boolean

type Node =
  | { kind: 'character'; accepts: (code: number) => boolean }
  | { kind: 'sequence'; parts: Node[] }
  | { kind: 'choice'; parts: Node[] }
  | { kind: 'repeat'; part: Node; min: number; max: number }
  | { kind: 'edge'; at: 'start' | 'end' }

/** Throws {@link ModulePatternError} saying what cannot be read. */
export function modulePattern(pattern: string): ModulePattern {
  if (pattern.length > MAX_PATTERN) throw new ModulePatternError(`is longer than ${MAX_PATTERN} characters`)
  const program = compile(new PatternReader(pattern).read())
  return (name) => runs(program, name)
}

const RANGES: Record<string, [number, number][]> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
}

const within = (ranges: readonly [number, number][]) => (code: number) =>
  ranges.some(([low, high]) => code >= low && code <= high)

/** The accepted codes of what follows a backslash. */
function escaped(sign: string | undefined): (code: number) => boolean {
  const ranges = RANGES[sign?.toLowerCase() ?? '']
  if (sign && ranges) return sign in RANGES ? within(ranges) : (code) => !within(ranges)(code)
  if (!sign || /[A-Za-z0-9]/.test(sign)) throw new ModulePatternError(`has an escape that is not read: \\${sign ?? ''}`)
  return (code) => code === sign.charCodeAt(0)
}

class PatternReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Node {
    const node = this.#choice()
    if (this.#at < this.#text.length) throw new ModulePatternError('closes a group that is not open')
    return node
  }

  #choice(): Node {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) parts.push(this.#repeated())
    return { kind: 'sequence', parts }
  }

  #repeated(): Node {
    const part = this.#atom()
    const times = this.#times()
    if (!times) return part
    if (part.kind === 'edge') throw new ModulePatternError('repeats an edge')
    this.#take('?')
    if (this.#times()) throw new ModulePatternError('repeats a repeat')
    return { kind: 'repeat', part, ...times }
  }

  #times(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    const braces = /^\{(\d{0,4})(,?)(\d{0,4})\}/.exec(this.#text.slice(this.#at, this.#at + 12))
    if (!braces || braces[0].length < 3) return undefined
    this.#at += braces[0].length
    const [, low, comma, high] = braces
    const min = Number(low)
    const max = comma ? (high === '' ? Number.POSITIVE_INFINITY : Number(high)) : min
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY) || min > max) {
      throw new ModulePatternError(`has repeats that are not from 0 to ${MAX_REPEAT}: ${braces[0]}`)
    }
    return { min, max }
  }

  #atom(): Node {
    const sign = this.#text[this.#at++]!
    switch (sign) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'character', accepts: this.#class() }
      case '.':
        return { kind: 'character', accepts: (code) => code !== 10 }
      case '^':
        return { kind: 'edge', at: 'start' }
      case '$':
        return { kind: 'edge', at: 'end' }
      case '\\':
        return { kind: 'character', accepts: escaped(this.#text[this.#at++]) }
      case '*':
      case '+':
      case '?':
        throw new ModulePatternError('repeats nothing')
      default: {
        const only = sign.charCodeAt(0)
        return { kind: 'character', accepts: (code) => code === only }
      }
    }
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) {
      throw new ModulePatternError(`has a group that is not read: (?${this.#text[this.#at] ?? ''}`)
    }
    if (++this.#depth > MAX_NESTING) throw new ModulePatternError(`is nested deeper than ${MAX_NESTING}`)
    const node = this.#choice()
    if (!this.#take(')')) throw new ModulePatternError('leaves a group open')
    this.#depth--
    return node
  }

  #class(): (code: number) => boolean {
    const negated = this.#take('^')
    const accepted: ((code: number) => boolean)[] = []
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length) throw new ModulePatternError('leaves a class open')
      const low = this.#text[this.#at++]!
      if (low === '\\') {
        accepted.push(escaped(this.#text[this.#at++]))
      } else if (this.#text[this.#at] === '-' && (this.#text[this.#at + 1] ?? ']') !== ']') {
        const high = this.#text[this.#at + 1]!
        if (high === '\\' || high < low) throw new ModulePatternError(`has a range that is not read: ${low}-${high}`)
        accepted.push(within([[low.charCodeAt(0), high.charCodeAt(0)]]))
        this.#at += 2
      } else {
        accepted.push((code) => code === low.charCodeAt(0))
      }
    }
    this.#at++
    return (code) => accepted.some((accepts) => accepts(code)) !== negated
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }
}

/** A state: consume a character and go on; go on at an edge; go on at several others at once; or the end. */
type State =
  | { accepts: (code: number) => boolean; next: number }
  | { edge: 'start' | 'end'; next: number }
  | { next: number[] }
  | 'match'

function compile(node: Node): { states: State[]; start: number } {
  const states: State[] = ['match']
  const add = (state: State) => {
    if (states.length >= MAX_STATES) throw new ModulePatternError(`needs more than ${MAX_STATES} states`)
    return states.push(state) - 1
  }
  // Backwards: each node is given where to go on, and says where it begins.
  const build = (at: Node, next: number): number => {
    switch (at.kind) {
      case 'character':
        return add({ accepts: at.accepts, next })
      case 'edge':
        return add({ edge: at.at, next })
      case 'sequence':
        return at.parts.reduceRight((after, part) => build(part, after), next)
      case 'choice':
        return add({ next: at.parts.map((part) => build(part, next)) })
      case 'repeat': {
        let after = next
        if (at.max === Number.POSITIVE_INFINITY) {
          const loop: number[] = [next]
          after = add({ next: loop })
          loop.push(build(at.part, after))
        } else {
          for (let i = at.min; i < at.max; i++) after = add({ next: [build(at.part, after), next] })
        }
        for (let i = 0; i < at.min; i++) after = build(at.part, after)
        return after
      }
    }
  }
  const start = build(node, 0)
  return { states, start }
}

function runs({ states, start }: { states: State[]; start: number }, name: string): boolean {
  let now = new Set<number>()
  const reach = (into: Set<number>, from: number, at: number) => {
    const open = [from]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (into.has(index)) continue
      into.add(index)
      const state = states[index]!
      if (state === 'match' || 'accepts' in state) continue
      if ('edge' in state) {
        if (state.edge === 'start' ? at === 0 : at === name.length) open.push(state.next)
      } else {
        open.push(...state.next)
      }
    }
  }
  reach(now, start, 0)
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    const then = new Set<number>()
    for (const index of now) {
      const state = states[index]!
      if (state !== 'match' && 'accepts' in state && state.accepts(code)) reach(then, state.next, at + 1)
    }
    now = then
  }
  return now.has(0)
}
