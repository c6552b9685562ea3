/** The precompiles of a fork by address, with the OP Stack's bounds on inputs (Granite, Isthmus, Jovian: exec-engine). */
import type { Address } from '../../../genesis/addresses.ts'
import { isAtLeast } from '../fork.ts'
import type { PrecompileBounds, Rules } from '../rules.ts'
import { blake2Compression } from './blake2f.ts'
import { BLS12_381 } from './bls12381.ts'
import { ecAdd, ecMul, ecPairing } from './bn254.ts'
import { ecrecover, identity, ripemd160, sha256 } from './hashes.ts'
import { modexp } from './modexp.ts'
import { p256Verify } from './p256.ts'
import { pointEvaluation } from './point-evaluation.ts'
import type { Precompile } from './precompile.ts'

const address = (number: number): Address => `0x${number.toString(16).padStart(40, '0')}`

export const P256_VERIFY = address(0x100)
const OSAKA_P256_GAS = 6_900n

const BOUNDED: Record<keyof PrecompileBounds, Address> = {
  bn256Pairing: address(0x08),
  blsG1Msm: address(0x0c),
  blsG2Msm: address(0x0e),
  blsPairing: address(0x0f),
}

const made = new Map<Rules, ReadonlyMap<Address, Precompile>>()

export function precompilesOf(rules: Rules): ReadonlyMap<Address, Precompile> {
  const held = made.get(rules)
  if (held !== undefined) return held
  const set = ethereumsOwn(rules)
  if (rules.p256VerifyGas !== undefined) set.set(P256_VERIFY, p256Verify(rules.p256VerifyGas))
  for (const name of Object.keys(rules.precompileBounds ?? {}) as (keyof PrecompileBounds)[]) {
    const precompile = set.get(BOUNDED[name])
    if (precompile !== undefined) set.set(BOUNDED[name], bounded(precompile, rules.precompileBounds![name]!))
  }
  made.set(rules, set)
  return set
}

function bounded(precompile: Precompile, maxInput: number): Precompile {
  return { gas: precompile.gas, run: (input) => (input.length > maxInput ? undefined : precompile.run(input)) }
}

function ethereumsOwn({ fork }: Rules): Map<Address, Precompile> {
  const set = new Map(
    [ecrecover, sha256, ripemd160, identity].map((precompile, index) => [address(index + 1), precompile]),
  )
  if (isAtLeast(fork, 'byzantium')) {
    const isCheap = isAtLeast(fork, 'istanbul')
    set.set(address(0x05), modexp(fork))
    set.set(address(0x06), ecAdd(isCheap ? 150n : 500n))
    set.set(address(0x07), ecMul(isCheap ? 6_000n : 40_000n))
    set.set(address(0x08), isCheap ? ecPairing(45_000n, 34_000n) : ecPairing(100_000n, 80_000n))
  }
  if (isAtLeast(fork, 'istanbul')) set.set(address(0x09), blake2Compression)
  if (isAtLeast(fork, 'cancun')) set.set(address(0x0a), pointEvaluation)
  if (isAtLeast(fork, 'prague')) for (const [index, bls] of BLS12_381.entries()) set.set(address(0x0b + index), bls)
  if (isAtLeast(fork, 'osaka')) set.set(P256_VERIFY, p256Verify(OSAKA_P256_GAS))
  return set
}
