/**
 * mcl, a library of elliptic curves in WASM: 4 to 14 times as fast as plain JavaScript or rustbn-wasm on what stands here. It
 * keeps the curve in its modules' state, so each curve gets modules of its own.
 */
import { createRequire } from 'node:module'

export type Mcl = typeof import('mcl-wasm')
export type Curve = 'BN_SNARK1' | 'BLS12_381' | 'NIST_P256'
type Field = InstanceType<Mcl['Fp']>
export type G1 = InstanceType<Mcl['G1']>
export type G2 = InstanceType<Mcl['G2']>

const require = createRequire(import.meta.url)

export async function loadMcl(curve: Curve): Promise<Mcl> {
  const own = Object.keys(require.cache).filter((path) => path.includes('mcl-wasm'))
  for (const path of own) delete require.cache[path]
  const mcl = require('mcl-wasm') as Mcl
  await mcl.init(mcl[curve])
  // isValid() says whether a point is on the curve, isValidOrder() whether it is in the subgroup: each where it is asked.
  if (curve !== 'NIST_P256') {
    mcl.verifyOrderG1(false)
    mcl.verifyOrderG2(false)
  }
  return mcl
}

/** An element of the base field from its big-endian bytes, or undefined where they are not below the modulus. */
export function fieldElement(mcl: Mcl, bytes: Uint8Array): Field | undefined {
  const element = new mcl.Fp()
  try {
    element.deserialize(bytes.slice().reverse())
    return element
  } catch (error) {
    // An answer, not a fault.
    if (error instanceof Error) return undefined
    throw error
  }
}

export function fieldBytes(element: Field): Uint8Array {
  return element.serialize().slice().reverse()
}

/** The point with these coordinates, or undefined where there is none on the curve. */
export function pointOf(mcl: Mcl, x: Field | undefined, y: Field | undefined): G1 | undefined {
  if (x === undefined || y === undefined) return undefined
  const point = new mcl.G1()
  const one = new mcl.Fp()
  one.setInt(1)
  point.setX(x)
  point.setY(y)
  point.setZ(one)
  return point.isValid() ? point : undefined
}

type FieldPair = [real: Field | undefined, imaginary: Field | undefined]

/** The point on the twist with these coordinates, or undefined where there is none. */
export function twistPointOf(mcl: Mcl, x: FieldPair, y: FieldPair): G2 | undefined {
  const [xPair, yPair] = [x, y].map(([real, imaginary]) => {
    if (real === undefined || imaginary === undefined) return undefined
    const pair = new mcl.Fp2()
    pair.set_a(real)
    pair.set_b(imaginary)
    return pair
  })
  if (xPair === undefined || yPair === undefined) return undefined
  const point = new mcl.G2()
  const one = new mcl.Fp2()
  one.setInt(1, 0)
  point.setX(xPair)
  point.setY(yPair)
  point.setZ(one)
  return point.isValid() ? point : undefined
}

/** Whether the product of the pairings is one. */
export function isPairingOne(mcl: Mcl, pairs: [G1, G2][]): boolean {
  const loops = pairs.filter(([p, q]) => !p.isZero() && !q.isZero()).map(([p, q]) => mcl.millerLoop(p, q))
  const [first, ...rest] = loops
  if (first === undefined) return true
  return mcl.finalExp(rest.reduce((product, loop) => mcl.mul(product, loop), first)).isOne()
}

export function scalar(mcl: Mcl, bytes: Uint8Array): InstanceType<Mcl['Fr']> {
  const number = new mcl.Fr()
  number.setBigEndianMod(bytes)
  return number
}
