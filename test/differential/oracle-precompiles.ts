/** Precompiles as @ethereumjs/evm has them, and what it must be given for them. */
import { type CustomCrypto, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { type AddPrecompile, EVMError, getActivePrecompiles, type PrecompileFunc } from '@ethereumjs/evm'
import { EMPTY_BYTES, hexToBytes } from '../../node/execution/bytes.ts'
import { verifyPointEvaluation } from '../../node/execution/precompiles/point-evaluation.ts'
import { P256_VERIFY } from '../../node/execution/precompiles/precompile-set.ts'

const bytesOf = (hex: string) => hexToBytes(hex as `0x${string}`)

const unused = (): never => {
  throw new Error('execution only verifies point evaluations')
}

/** EIP-4844's point evaluation, which is all that a chain without blobs needs. */
export const POINT_EVALUATION: NonNullable<CustomCrypto['kzg']> = {
  verifyProof: (commitment, z, y, proof) =>
    verifyPointEvaluation(bytesOf(commitment), bytesOf(z), bytesOf(y), bytesOf(proof)),
  blobToKzgCommitment: unused,
  computeBlobProof: unused,
  verifyBlobProofBatch: unused,
  computeCells: unused,
  computeCellsAndProofs: unused,
  recoverCellsAndProofs: unused,
  verifyCellKzgProofBatch: unused,
}

const osaka = createCustomCommon({ chainId: 1 }, Mainnet, { hardfork: Hardfork.Osaka })

/** EIP-7951's check at RIP-7212's price. */
export function oracleP256Verify(gas: bigint): AddPrecompile {
  const verify: PrecompileFunc = getActivePrecompiles(osaka).get(P256_VERIFY.slice(2))!
  return {
    address: P256_VERIFY,
    function: async (input) => {
      if (input.gasLimit < gas) {
        const exceptionError = new EVMError(EVMError.errorMessages.OUT_OF_GAS)
        return { executionGasUsed: input.gasLimit, returnValue: EMPTY_BYTES, exceptionError }
      }
      const result = await verify({ ...input, gasLimit: BigInt(Number.MAX_SAFE_INTEGER) })
      return { ...result, executionGasUsed: gas }
    },
  }
}
