/**
 * The precompiles of the OP Stack at Jovian: Prague's, with P256VERIFY (Fjord, RIP-7212) and bounds on the inputs of those whose
 * work grows with them (Granite, Isthmus, Jovian: exec-engine), and the cryptography under them.
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
import { bytesToUint, EMPTY_BYTES, hexToBytes } from './bytes.ts'
import { recoverPublicKey } from './signature.ts'

/** Largest inputs in bytes (Jovian: exec-engine, "Precompile Input Size Restrictions"); beyond them the call fails. */
export const MAX_INPUT = {
  bn256Pairing: 81_984,
  blsG1Msm: 288_960,
  blsG2Msm: 278_784,
  blsPairing: 156_672,
} as const

/** RIP-7212; Osaka's EIP-7951 doubles it on L1. */
const P256_VERIFY_GAS = 3_450n
const P256_VERIFY_ADDRESS = '0000000000000000000000000000000000000100'

const address = (last: number) => last.toString(16).padStart(40, '0')

const BOUNDED: Record<string, number> = {
  [address(0x08)]: MAX_INPUT.bn256Pairing,
  [address(0x0c)]: MAX_INPUT.blsG1Msm,
  [address(0x0e)]: MAX_INPUT.blsG2Msm,
  [address(0x0f)]: MAX_INPUT.blsPairing,
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
function p256Verify(precompile: PrecompileFunc): PrecompileFunc {
  return async (input) => {
    if (input.gasLimit < P256_VERIFY_GAS) return outOfGas(input.gasLimit)
    const result = await precompile({ ...input, gasLimit: BigInt(Number.MAX_SAFE_INTEGER) })
    return { ...result, executionGasUsed: P256_VERIFY_GAS }
  }
}

function builtIn(precompiles: Map<string, PrecompileFunc>, at: string): PrecompileFunc {
  const precompile = precompiles.get(at)
  if (precompile === undefined) throw new Error(`@ethereumjs/evm has no precompile at 0x${at}`)
  return precompile
}

/** What the OP Stack adds to Prague's precompiles or puts in their place. */
export const OP_PRECOMPILES: AddPrecompile[] = (() => {
  const known = getActivePrecompiles(createCustomCommon({ chainId: 1 }, Mainnet, { hardfork: Hardfork.Osaka }))
  const limits = Object.entries(BOUNDED).map(([at, maxInput]) => ({
    address: `0x${at}` as const,
    function: bounded(builtIn(known, at), maxInput),
  }))
  const p256 = {
    address: `0x${P256_VERIFY_ADDRESS}` as const,
    function: p256Verify(builtIn(known, P256_VERIFY_ADDRESS)),
  }
  return [...limits, p256]
})()

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

/** Prague's rules (the OP Stack's Isthmus and Jovian add no opcode) for this chain. */
export function opCommon(chainId: bigint): Common {
  return createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Prague, customCrypto: crypto })
}
