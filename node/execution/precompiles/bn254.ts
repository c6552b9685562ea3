/**
 * 0x06 ECADD, 0x07 ECMUL, 0x08 ECPAIRING over alt_bn128 (EIP-196, 197, prices by EIP-1108). Coordinates are 32 bytes, big endian;
 * of G2 the imaginary part comes first; the point at infinity is zeros.
 */
import { concatBytes } from '../bytes.ts'
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
import { isZero, ONE_WORD, type Precompile, padded, ZERO_WORD } from './precompile.ts'

const POINT_BYTES = 64
const PAIR_BYTES = 192

const mcl = await loadMcl('BN_SNARK1')

function readG1(bytes: Uint8Array): G1 | undefined {
  if (isZero(bytes)) return new mcl.G1()
  return pointOf(mcl, fieldElement(mcl, bytes.subarray(0, 32)), fieldElement(mcl, bytes.subarray(32, 64)))
}

function readG2(bytes: Uint8Array): G2 | undefined {
  if (isZero(bytes)) return new mcl.G2()
  const part = (index: number) => fieldElement(mcl, bytes.subarray(32 * index, 32 * (index + 1)))
  const point = twistPointOf(mcl, [part(1), part(0)], [part(3), part(2)])
  return point?.isValidOrder() ? point : undefined
}

function writeG1(point: G1): Uint8Array {
  if (point.isZero()) return new Uint8Array(POINT_BYTES)
  point.normalize()
  return concatBytes(fieldBytes(point.getX()), fieldBytes(point.getY()))
}

export function ecAdd(gas: bigint): Precompile {
  return {
    gas: () => gas,
    run(input) {
      const [a, b] = [readG1(padded(input, 0, POINT_BYTES)), readG1(padded(input, POINT_BYTES, POINT_BYTES))]
      return a === undefined || b === undefined ? undefined : writeG1(mcl.add(a, b))
    },
  }
}

export function ecMul(gas: bigint): Precompile {
  return {
    gas: () => gas,
    run(input) {
      const point = readG1(padded(input, 0, POINT_BYTES))
      return point && writeG1(mcl.mul(point, scalar(mcl, padded(input, POINT_BYTES, 32))))
    },
  }
}

export function ecPairing(base: bigint, perPair: bigint): Precompile {
  return {
    gas: (input) => base + perPair * BigInt(Math.floor(input.length / PAIR_BYTES)),
    run(input) {
      if (input.length % PAIR_BYTES !== 0) return undefined
      const pairs: [G1, G2][] = []
      for (let at = 0; at < input.length; at += PAIR_BYTES) {
        const p = readG1(input.subarray(at, at + POINT_BYTES))
        const q = readG2(input.subarray(at + POINT_BYTES, at + PAIR_BYTES))
        if (p === undefined || q === undefined) return undefined
        pairs.push([p, q])
      }
      return isPairingOne(mcl, pairs) ? ONE_WORD : ZERO_WORD
    },
  }
}
