/**
 * The precompiles of a fork where they are not the library's own: the OP Stack's P256VERIFY (Fjord, RIP-7212) and its bounds on
 * the inputs of those whose work grows with them (Granite, Isthmus, Jovian: exec-engine); and the cryptography under them all.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { type Common, type CustomCrypto, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import {
  type AddPrecompile,
  EVMError,
  type ExecResult,
  getActivePrecompiles,
  type PrecompileFunc,
} from '@ethereumjs/evm'
import { keccak256 } from '../../protocol/keccak.ts'
import { blake2f, readBlake2f } from './blake2f.ts'
import { bytesToUint, EMPTY_BYTES, hexToBytes } from './bytes.ts'
import { type Fork, isAtLeast } from './fork.ts'
import type { PrecompileBounds, Rules } from './rules.ts'
import { recoverPublicKey } from './signature.ts'

const P256_VERIFY_ADDRESS = '0000000000000000000000000000000000000100'

const address = (last: number) => last.toString(16).padStart(40, '0')

const BOUNDED: Record<keyof PrecompileBounds, string> = {
  bn256Pairing: address(0x08),
  blsG1Msm: address(0x0c),
  blsG2Msm: address(0x0e),
  blsPairing: address(0x0f),
}

function failed(gasLimit: bigint): ExecResult {
  return {
    executionGasUsed: gasLimit,
    returnValue: EMPTY_BYTES,
    exceptionError: new EVMError(EVMError.errorMessages.INVALID_INPUT_LENGTH),
  }
}

function outOfGas(gasLimit: bigint): ExecResult {
  return {
    executionGasUsed: gasLimit,
    returnValue: EMPTY_BYTES,
    exceptionError: new EVMError(EVMError.errorMessages.OUT_OF_GAS),
  }
}

function bounded(precompile: PrecompileFunc, maxInput: number): PrecompileFunc {
  return (input) => (input.data.length > maxInput ? failed(input.gasLimit) : precompile(input))
}

/** EIP-7951's check at RIP-7212's price. */
function p256Verify(precompile: PrecompileFunc, gas: bigint): PrecompileFunc {
  return async (input) => {
    if (input.gasLimit < gas) return outOfGas(input.gasLimit)
    const result = await precompile({ ...input, gasLimit: BigInt(Number.MAX_SAFE_INTEGER) })
    return { ...result, executionGasUsed: gas }
  }
}

function builtIn(precompiles: Map<string, PrecompileFunc>, at: string): PrecompileFunc {
  const precompile = precompiles.get(at)
  if (precompile === undefined) throw new Error(`@ethereumjs/evm has no precompile at 0x${at}`)
  return precompile
}

/** EIP-152, of which a round costs a unit of gas. */
const blake2Compression: PrecompileFunc = ({ data, gasLimit }) => {
  const read = readBlake2f(data)
  if (read === undefined) return failed(gasLimit)
  const gas = BigInt(read.rounds)
  if (gas > gasLimit) return outOfGas(gasLimit)
  return { executionGasUsed: gas, returnValue: blake2f(data, read.rounds, read.isLast) }
}

const known = getActivePrecompiles(createCustomCommon({ chainId: 1 }, Mainnet, { hardfork: Hardfork.Osaka }))

/** What these rules add to the precompiles of their fork or put in their place. */
export function ownPrecompiles({ fork, precompileBounds, p256VerifyGas }: Rules): AddPrecompile[] {
  const own: AddPrecompile[] = []
  if (isAtLeast(fork, 'istanbul')) own.push({ address: `0x${address(0x09)}`, function: blake2Compression })
  for (const name of Object.keys(precompileBounds ?? {}) as (keyof PrecompileBounds)[]) {
    const at = BOUNDED[name]
    own.push({ address: `0x${at}`, function: bounded(builtIn(known, at), precompileBounds![name]!) })
  }
  if (p256VerifyGas !== undefined) {
    const verify = p256Verify(builtIn(known, P256_VERIFY_ADDRESS), p256VerifyGas)
    own.push({ address: `0x${P256_VERIFY_ADDRESS}`, function: verify })
  }
  return own
}

type PointEvaluation = (commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array) => boolean

let pointEvaluation: PointEvaluation | undefined

/** c-kzg, with its trusted setup loaded (1.5 s) when a point evaluation first needs it. */
function loadPointEvaluation(): PointEvaluation {
  if (pointEvaluation === undefined) {
    const kzg = createRequire(import.meta.url)('c-kzg') as typeof import('c-kzg')
    kzg.loadTrustedSetup(0)
    pointEvaluation = kzg.verifyKzgProof
  }
  return pointEvaluation
}

const unused = (): never => {
  throw new Error('execution only verifies point evaluations')
}

const bytesOf = (hex: string) => hexToBytes(hex as `0x${string}`)

/** EIP-4844's point evaluation, which is all that a chain without blobs needs. */
export const POINT_EVALUATION: NonNullable<CustomCrypto['kzg']> = {
  verifyProof: (commitment, z, y, proof) =>
    loadPointEvaluation()(bytesOf(commitment), bytesOf(z), bytesOf(y), bytesOf(proof)),
  blobToKzgCommitment: unused,
  computeBlobProof: unused,
  verifyBlobProofBatch: unused,
  computeCells: unused,
  computeCellsAndProofs: unused,
  recoverCellsAndProofs: unused,
  verifyCellKzgProofBatch: unused,
}

const crypto: CustomCrypto = {
  keccak256,
  sha256: (message) => new Uint8Array(createHash('sha256').update(message).digest()),
  ecrecover: (digest, v, r, s) => {
    const key = recoverPublicKey(digest, { yParity: Number(v - 27n), r: bytesToUint(r), s: bytesToUint(s) })
    if (key === undefined) throw new Error('the signature belongs to no key')
    return key
  },
  kzg: POINT_EVALUATION,
}

const HARDFORKS: { [Name in Fork]: Hardfork } = {
  frontier: Hardfork.Chainstart,
  homestead: Hardfork.Homestead,
  tangerineWhistle: Hardfork.TangerineWhistle,
  spuriousDragon: Hardfork.SpuriousDragon,
  byzantium: Hardfork.Byzantium,
  constantinople: Hardfork.Constantinople,
  petersburg: Hardfork.Petersburg,
  istanbul: Hardfork.Istanbul,
  muirGlacier: Hardfork.MuirGlacier,
  berlin: Hardfork.Berlin,
  london: Hardfork.London,
  arrowGlacier: Hardfork.ArrowGlacier,
  grayGlacier: Hardfork.GrayGlacier,
  paris: Hardfork.Paris,
  shanghai: Hardfork.Shanghai,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  osaka: Hardfork.Osaka,
  bpo1: Hardfork.Osaka,
  bpo2: Hardfork.Osaka,
  bpo3: Hardfork.Osaka,
  bpo4: Hardfork.Osaka,
  bpo5: Hardfork.Osaka,
}

/** The library's opcodes and gas at a fork, for this chain. */
export function evmCommon(fork: Fork, chainId: bigint): Common {
  const options = { hardfork: HARDFORKS[fork], customCrypto: crypto }
  return createCustomCommon({ chainId: Number(chainId) }, Mainnet, options)
}
