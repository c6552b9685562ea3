/**
 * 0x100 P256VERIFY (RIP-7212, EIP-7951): ECDSA over NIST's P-256 of a digest. node:crypto cannot do it: for elliptic curves it
 * always hashes what it is given.
 *
 *   digest ‖ r ‖ s ‖ x ‖ y, 32 bytes each  ->  1 as a word, or nothing
 */
import { bytesToUint, EMPTY_BYTES, hexToBytes } from '../bytes.ts'
import { fieldBytes, fieldElement, loadMcl, pointOf, scalar } from './mcl.ts'
import { ONE_WORD, type Precompile } from './precompile.ts'

const INPUT_BYTES = 160
/** SEC 2, section 2.4.2. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const mcl = await loadMcl('NIST_P256')

const GENERATOR = pointOf(
  mcl,
  fieldElement(mcl, hexToBytes('0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296')),
  fieldElement(mcl, hexToBytes('0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5')),
)!

export function p256Verify(gas: bigint): Precompile {
  return { gas: () => gas, run: (input) => (isSigned(input) ? ONE_WORD : EMPTY_BYTES) }
}

/** SEC 1, section 4.1.4. */
function isSigned(input: Uint8Array): boolean {
  if (input.length !== INPUT_BYTES) return false
  const [digest, r, s, x, y] = [0, 32, 64, 96, 128].map((at) => input.subarray(at, at + 32))
  if (!isScalar(r!) || !isScalar(s!)) return false
  const key = pointOf(mcl, fieldElement(mcl, x!), fieldElement(mcl, y!))
  if (key === undefined) return false
  const inverse = mcl.inv(scalar(mcl, s!))
  const ofGenerator = mcl.mul(GENERATOR, mcl.mul(scalar(mcl, digest!), inverse))
  const ofKey = mcl.mul(key, mcl.mul(scalar(mcl, r!), inverse))
  const point = mcl.add(ofGenerator, ofKey)
  if (point.isZero()) return false
  point.normalize()
  return scalar(mcl, fieldBytes(point.getX())).isEqual(scalar(mcl, r!))
}

function isScalar(bytes: Uint8Array): boolean {
  const value = bytesToUint(bytes)
  return value > 0n && value < ORDER
}
