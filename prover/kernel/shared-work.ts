/**
 * How threads share one operation. The first 1 KiB of the kernel's memory is a noticeboard: the asking thread writes down
 * the operation, its arguments and how many units it has; every thread, the asker too, takes the next few units until none
 * is left. Which thread does a unit leaves no trace: units write places of their own, in an order of their own.
 *
 *     i32  0 round   1 open   2 inside   3 next unit   4 units   5 units at a time   6 operation   7 arguments   8 failed
 *     f64  from byte 64: up to 32 arguments
 *
 * `round` goes up with every operation and wakes who waits for it; `open` is the round while units may be taken, else
 * 0; `inside` counts the helpers that may be at work. A helper enters before it looks at `open`, and the asker closes
 * before it looks at `inside`: one of the two sees the other. The asker never waits for a helper that has not come yet.
 */
import { type F32Exports, PART_NAMES, type PartArguments, type PartName } from './f32-exports.ts'

const ROUND = 0
const OPEN = 1
const INSIDE = 2
const NEXT = 3
const UNITS = 4
const AT_A_TIME = 5
const OPERATION = 6
const ARGUMENTS = 7
const FAILED = 8
const ARGUMENTS_AT = 64
const MOST_ARGUMENTS = 32
/** Looks at the board before a thread lies down to sleep: some tens of microseconds. */
const LOOKS = 2_000
/** Turns each thread should get, so that a late one does not hold up the rest. */
const TURNS = 4
/** `round` starts anew here; it is never 0. */
const LAST_ROUND = 2 ** 30

/** What a thread that is to serve is given. */
export type ThreadData = { module: WebAssembly.Module; memory: WebAssembly.Memory; thread: number }

type Board = { words: Int32Array; args: Float64Array }

function boardOf(memory: WebAssembly.Memory): Board {
  return {
    words: new Int32Array(memory.buffer, 0, ARGUMENTS_AT / 4),
    args: new Float64Array(memory.buffer, ARGUMENTS_AT, MOST_ARGUMENTS),
  }
}

/** The asking side: runs an operation on this thread (0) and those that serve. Throws where a part failed. */
export type SharedWork = <Name extends PartName>(name: Name, args: PartArguments<Name>, units: number) => void

export function sharedWork(exports: F32Exports, memory: WebAssembly.Memory, threads: number): SharedWork {
  const board = boardOf(memory)
  const { words, args: cells } = board
  let round = 0
  return (name, args, units) => {
    if (args.length > MOST_ARGUMENTS) throw new RangeError(`${name} has ${args.length} arguments: the board holds 32`)
    words[NEXT] = 0
    words[UNITS] = units
    words[AT_A_TIME] = Math.ceil(units / (threads * TURNS))
    words[OPERATION] = PART_NAMES.indexOf(name)
    words[ARGUMENTS] = args.length
    words[FAILED] = 0
    cells.set(args)
    round = round === LAST_ROUND ? 1 : round + 1
    Atomics.store(words, OPEN, round)
    Atomics.store(words, ROUND, round)
    Atomics.notify(words, ROUND)
    try {
      takeUnits(exports, board, 0)
    } finally {
      Atomics.store(words, OPEN, 0)
      waitUntilEmpty(words)
    }
    if (words[FAILED] !== 0) throw new Error(`${name} failed on thread ${words[FAILED]}`)
  }
}

function waitUntilEmpty(words: Int32Array): void {
  for (let looks = 0; ; looks++) {
    const inside = Atomics.load(words, INSIDE)
    if (inside === 0) return
    if (looks > LOOKS) Atomics.wait(words, INSIDE, inside)
  }
}

/** The serving side: works on every round, and sleeps between them; never returns (the thread is to be terminated). */
export function serve(exports: F32Exports, memory: WebAssembly.Memory, thread: number): never {
  const board = boardOf(memory)
  const { words } = board
  let seen = 0
  for (;;) {
    waitForRound(words, seen)
    seen = Atomics.load(words, ROUND)
    Atomics.add(words, INSIDE, 1)
    try {
      if (Atomics.load(words, OPEN) !== 0) takeUnits(exports, board, thread)
    } catch (error) {
      Atomics.store(words, FAILED, thread)
      console.error(`kernel thread ${thread}:`, error)
    } finally {
      Atomics.sub(words, INSIDE, 1)
      Atomics.notify(words, INSIDE)
    }
  }
}

function waitForRound(words: Int32Array, seen: number): void {
  for (let looks = 0; Atomics.load(words, ROUND) === seen; looks++) {
    if (looks > LOOKS) Atomics.wait(words, ROUND, seen)
  }
}

function takeUnits(exports: F32Exports, { words, args: cells }: Board, thread: number): void {
  const units = words[UNITS]!
  const atATime = words[AT_A_TIME]!
  const part: (...args: number[]) => void = exports[PART_NAMES[words[OPERATION]!]!]
  const args = [...cells.subarray(0, words[ARGUMENTS])]
  for (;;) {
    const first = Atomics.add(words, NEXT, atATime)
    if (first >= units) return
    part(...args, first, Math.min(first + atATime, units), thread)
  }
}
