/**
 * 0x0b to 0x11: sums, multi-scalar sums, pairings and maps over BLS12-381 (EIP-2537). A field element is 64 bytes, big endian, of
 * which the first 16 are zeros; of G2 the real part comes first; the point at infinity is zeros. Sums take any point of the
 * curve, the others points of the subgroup alone.
 */
import { concatBytes } from '../bytes.ts'
import { G1_DISCOUNTS, G2_DISCOUNTS } from './bls-discounts.ts'
import {
  fieldBytes,
  fieldElement,
  type G1,
  type G2,
  isPairingOne,
  loadMcl,
  pointOf,
  scalar,
  twistPointOf,
} from './mcl.ts'
import { isZero, ONE_WORD, type Precompile, ZERO_WORD } from './precompile.ts'

const ELEMENT_BYTES = 64
const PADDING = 16
const SCALAR_BYTES = 32
const DISCOUNT_SCALE = 1_000n

const mcl = await loadMcl('BLS12_381')
mcl.setMapToMode(mcl.IRTF)

type Point = G1 | G2

/** What is different about the two groups. */
type Group<P extends Point> = {
  bytes: number
  read(bytes: Uint8Array): P | undefined
  write(point: P): Uint8Array
  infinity(): P
}

const element = (bytes: Uint8Array, index: number) => {
  const at = index * ELEMENT_BYTES
  if (!isZero(bytes.subarray(at, at + PADDING))) return undefined
  return fieldElement(mcl, bytes.subarray(at + PADDING, at + ELEMENT_BYTES))
}

const elementBytes = (field: Parameters<typeof fieldBytes>[0]) =>
  concatBytes(new Uint8Array(PADDING), fieldBytes(field))

const g1: Group<G1> = {
  bytes: 2 * ELEMENT_BYTES,
  infinity: () => new mcl.G1(),
  read: (bytes) => (isZero(bytes) ? new mcl.G1() : pointOf(mcl, element(bytes, 0), element(bytes, 1))),
  write(point) {
    if (point.isZero()) return new Uint8Array(g1.bytes)
    point.normalize()
    return concatBytes(elementBytes(point.getX()), elementBytes(point.getY()))
  },
}

const g2: Group<G2> = {
  bytes: 4 * ELEMENT_BYTES,
  infinity: () => new mcl.G2(),
  read(bytes) {
    if (isZero(bytes)) return new mcl.G2()
    return twistPointOf(mcl, [element(bytes, 0), element(bytes, 1)], [element(bytes, 2), element(bytes, 3)])
  },
  write(point) {
    if (point.isZero()) return new Uint8Array(g2.bytes)
    point.normalize()
    const [x, y] = [point.getX(), point.getY()]
    return concatBytes(...[x.get_a(), x.get_b(), y.get_a(), y.get_b()].map(elementBytes))
  },
}

/** A point of the subgroup, which the point at infinity is. */
function readInSubgroup<P extends Point>(group: Group<P>, bytes: Uint8Array): P | undefined {
  const point = group.read(bytes)
  return point !== undefined && (point.isZero() || point.isValidOrder()) ? point : undefined
}

function sum<P extends Point>(group: Group<P>, gas: bigint): Precompile {
  return {
    gas: () => gas,
    run(input) {
      if (input.length !== 2 * group.bytes) return undefined
      const [a, b] = [group.read(input.subarray(0, group.bytes)), group.read(input.subarray(group.bytes))]
      return a === undefined || b === undefined ? undefined : group.write(mcl.add(a as G1, b as G1) as Point as P)
    },
  }
}

/** Point and scalar, again and again. */
function multiScalarSum<P extends Point>(group: Group<P>, perPair: bigint, discounts: readonly number[]): Precompile {
  const pairBytes = group.bytes + SCALAR_BYTES
  return {
    gas(input) {
      const count = Math.floor(input.length / pairBytes)
      if (count === 0) return 0n
      const discount = discounts[Math.min(count, discounts.length) - 1]!
      return (BigInt(count) * perPair * BigInt(discount)) / DISCOUNT_SCALE
    },
    run(input) {
      if (input.length === 0 || input.length % pairBytes !== 0) return undefined
      const points: P[] = []
      const scalars: ReturnType<typeof scalar>[] = []
      for (let at = 0; at < input.length; at += pairBytes) {
        const point = readInSubgroup(group, input.subarray(at, at + group.bytes))
        if (point === undefined) return undefined
        if (point.isZero()) continue
        points.push(point)
        scalars.push(scalar(mcl, input.subarray(at + group.bytes, at + pairBytes)))
      }
      if (points.length === 0) return group.write(group.infinity())
      return group.write(mcl.mulVec(points as G1[], scalars) as Point as P)
    },
  }
}

const pairing: Precompile = {
  gas: (input) => 37_700n + 32_600n * BigInt(Math.floor(input.length / (g1.bytes + g2.bytes))),
  run(input) {
    const pairBytes = g1.bytes + g2.bytes
    if (input.length === 0 || input.length % pairBytes !== 0) return undefined
    const pairs: [G1, G2][] = []
    for (let at = 0; at < input.length; at += pairBytes) {
      const p = readInSubgroup(g1, input.subarray(at, at + g1.bytes))
      const q = readInSubgroup(g2, input.subarray(at + g1.bytes, at + pairBytes))
      if (p === undefined || q === undefined) return undefined
      pairs.push([p, q])
    }
    return isPairingOne(mcl, pairs) ? ONE_WORD : ZERO_WORD
  },
}

const mapToG1: Precompile = {
  gas: () => 5_500n,
  run(input) {
    const field = input.length === ELEMENT_BYTES ? element(input, 0) : undefined
    return field && g1.write(field.mapToG1())
  },
}

const mapToG2: Precompile = {
  gas: () => 23_800n,
  run(input) {
    if (input.length !== 2 * ELEMENT_BYTES) return undefined
    const [real, imaginary] = [element(input, 0), element(input, 1)]
    if (real === undefined || imaginary === undefined) return undefined
    const field = new mcl.Fp2()
    field.set_a(real)
    field.set_b(imaginary)
    return g2.write(field.mapToG2())
  },
}

/** From 0x0b on, in order. */
export const BLS12_381: Precompile[] = [
  sum(g1, 375n),
  multiScalarSum(g1, 12_000n, G1_DISCOUNTS),
  sum(g2, 600n),
  multiScalarSum(g2, 22_500n, G2_DISCOUNTS),
  pairing,
  mapToG1,
  mapToG2,
]
