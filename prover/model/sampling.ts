/** The choice of the next token: seeded, in the kernel's arithmetic, the same on every machine. */
import { allFinite, type Kernel, read, scoped, softmax, tensorOf } from '../kernel/f32.ts'

export type Sampling = {
  /** Logits are divided by it; below 0.001 the likeliest token is taken. At most 100. */
  temperature: number
  /**
   * (0, 1]: only the likeliest tokens count that together have this much of the probability (nucleus sampling,
   * 1904.09751).
   */
  topP: number
}

const COLDEST = 0.001
const HOTTEST = 100

export function checkSampling({ temperature, topP }: Sampling): void {
  if (!(temperature >= 0 && temperature <= HOTTEST))
    throw new RangeError(`temperature is ${temperature}, must be 0 to ${HOTTEST}`)
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`topP is ${topP}, must be above 0 and at most 1`)
}

/**
 * `draw` is 64 random bits. Of equally likely tokens the lowest id comes first. Throws where a logit is NaN or
 * infinite.
 */
export function sampleToken(kernel: Kernel, logits: Float32Array, sampling: Sampling, draw: bigint): number {
  checkSampling(sampling)
  const { temperature, topP } = sampling
  return scoped(kernel, () => {
    const x = tensorOf(kernel, [1, logits.length], logits)
    if (!allFinite(kernel, x)) throw new Error('the logits hold NaN or infinity: the answer is void')
    if (temperature < COLDEST) return likeliest(logits)
    softmax(kernel, { x, out: x, scale: 1 / temperature })
    const probabilities = read(kernel, x)
    return drawFrom(probabilities, nucleus(probabilities, topP), draw)
  })
}

function likeliest(values: Float32Array): number {
  let best = 0
  for (let id = 1; id < values.length; id++) {
    if (values[id]! > values[best]!) best = id
  }
  return best
}

/** Sums of the same probabilities in two orders differ by less. */
const ORDER_OF_SUMS = 1e-9

/** Ids, the likeliest first, until their probabilities reach topP; where it is 1 all that are possible, ascending. */
function nucleus(probabilities: Float32Array, topP: number): number[] {
  if (topP === 1) return atLeast(probabilities, LEAST_POSITIVE).ids
  // All that are less likely than this have less than 1 − topP together, so none of them is in the nucleus.
  const least = (1 - topP) / probabilities.length
  // Few tokens have most of the probability, and only those are put in order.
  for (let cut = 1 / 64; cut > least; cut /= 8) {
    const { ids, mass } = atLeast(probabilities, cut)
    if (mass >= topP + ORDER_OF_SUMS) return likeliestFirst(probabilities, ids, topP)
  }
  return likeliestFirst(probabilities, atLeast(probabilities, least).ids, topP)
}

/** Orders the ids, and cuts them where they reach topP. */
function likeliestFirst(probabilities: Float32Array, ids: number[], topP: number): number[] {
  ids.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
  let mass = 0
  const last = ids.findIndex((id) => {
    mass += probabilities[id]!
    return mass >= topP
  })
  return last < 0 ? ids : ids.slice(0, last + 1)
}

const LEAST_POSITIVE = Number.MIN_VALUE

/** Ascending ids that are at least so likely, and how much of the probability they have. */
function atLeast(probabilities: Float32Array, least: number): { ids: number[]; mass: number } {
  const ids: number[] = []
  let mass = 0
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id]!
    if (probability < least) continue
    ids.push(id)
    mass += probability
  }
  return { ids, mass }
}

/** Sums in doubles, ids in the order given. */
function drawFrom(probabilities: Float32Array, ids: readonly number[], draw: bigint): number {
  const part = Number(draw >> 11n) / 2 ** 53
  let left = part * ids.reduce((mass, id) => mass + probabilities[id]!, 0)
  const chosen = ids.find((id) => {
    left -= probabilities[id]!
    return left < 0
  })
  return chosen ?? ids.at(-1)!
}
