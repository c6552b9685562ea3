/** Milliseconds between two looks. */
const LOOK_INTERVAL = 100
/** Milliseconds after which a condition counts as never met, on a busy machine. */
const PATIENCE = 240_000

/** Asks every so often until there is an answer. `explain` is added to the error where there is none. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  explain: () => string = () => '',
): Promise<T> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
  }
  throw new Error(`${what}: not within ${PATIENCE / 1000} s ${explain()}`)
}

/** mulberry32: numbers below 1 from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
