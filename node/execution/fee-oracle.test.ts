/**
 * Given any L1 attributes and any transaction, when GasPriceOracle is asked on our own EVM, then it gives the fees that our
 * execution charges: the predeploy of our genesis, and the one that Optimism compiled (contracts-bedrock, Fjord).
 */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import { contractArtifact, runtimeCode } from '../../genesis/contracts.ts'
import { bytesToHex, hexToBytes, wordHex } from './bytes.ts'
import { simulateCall } from './call.ts'
import { type FixtureAccounts, fixtureChain } from './execution-fixture.ts'
import { fastLzLength } from './fast-lz.ts'
import { daFootprint, type L1FeeParameters, l1DataFee, l1FeeParameters, operatorFee } from './fees.ts'

/** What the oracle adds to an unsigned transaction's compressed size for its signature (Fjord). */
const SIGNATURE_BYTES = 68
const MIN_SIZE_SCALED = 100_000_000n
const CALLER: Address = '0x00000000000000000000000000000000000000c0'

const require = createRequire(import.meta.url)
const bedrock = (name: string): { abi: Abi; code: Hex } => {
  const artifact = require(`@eth-optimism/contracts-bedrock/forge-artifacts/${name}.sol/${name}.json`)
  return { abi: artifact.abi, code: artifact.deployedBytecode.object }
}
const ours = (name: 'GasPriceOracle' | 'L1Block') => ({ abi: contractArtifact(name).abi, code: runtimeCode(name) })

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const attributes: fc.Arbitrary<L1FeeParameters> = fc.record({
  baseFee: uint(64),
  blobBaseFee: uint(64),
  baseFeeScalar: uint(32),
  blobBaseFeeScalar: uint(32),
  operatorFeeScalar: uint(32),
  operatorFeeConstant: uint(64),
  daFootprintGasScalar: uint(16),
})
/** Noise does not compress; repetitions do. */
const transaction = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 }))
    .map(([part, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => part)))),
)

/** L1Block's storage (see fees.ts). */
function l1BlockStorage(fees: L1FeeParameters): Record<Hex, bigint> {
  return {
    [wordHex(1n)]: fees.baseFee,
    [wordHex(3n)]: (fees.baseFeeScalar << 96n) | (fees.blobBaseFeeScalar << 64n),
    [wordHex(7n)]: fees.blobBaseFee,
    [wordHex(8n)]: (fees.daFootprintGasScalar << 96n) | (fees.operatorFeeScalar << 64n) | fees.operatorFeeConstant,
  }
}

type Contract = { abi: Abi; code: Hex; storage?: FixtureAccounts[Address]['storage'] }

/** Asks contracts on a chain whose L1 attributes are these. */
async function chainWith(fees: L1FeeParameters, oracle: Contract, l1Block: Contract) {
  const chain = await fixtureChain({
    [PREDEPLOYS.l1Block]: { code: hexToBytes(l1Block.code), storage: l1BlockStorage(fees) },
    [PREDEPLOYS.gasPriceOracle]: { code: hexToBytes(oracle.code), ...(oracle.storage && { storage: oracle.storage }) },
  })
  const ask =
    (to: Address, abi: Abi) =>
    async (functionName: string, args: unknown[] = []) => {
      const data = hexToBytes(encodeFunctionData({ abi, functionName, args }))
      const request = { from: CALLER, to, gas: undefined, gasPrice: undefined, value: 0n, data }
      const result = await simulateCall(chain, chain.state, chain.head.block.header, request)
      expect(result.reason).toBeUndefined()
      return decodeFunctionResult({ abi, functionName, data: bytesToHex(result.returnData) })
    }
  return {
    state: chain.state,
    oracle: ask(PREDEPLOYS.gasPriceOracle, oracle.abi),
    l1Block: ask(PREDEPLOYS.l1Block, l1Block.abi),
  }
}

/** The fee for an unsigned transaction, as our execution would reckon it with the signature that the oracle assumes. */
function expectedL1Fee(unsigned: Uint8Array, fees: L1FeeParameters): bigint {
  const size = 836_500n * BigInt(fastLzLength(unsigned) + SIGNATURE_BYTES) - 42_585_600n
  return l1DataFee(size > MIN_SIZE_SCALED ? size : MIN_SIZE_SCALED, fees)
}

const RUNS = { numRuns: 25 }

describe('GasPriceOracle on our own EVM', () => {
  it('gives the L1 and operator fees that execution charges', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, transaction, uint(32), async (fees, unsigned, gas) => {
        const { oracle, state } = await chainWith(fees, ours('GasPriceOracle'), ours('L1Block'))
        expect(l1FeeParameters(state)).toEqual(fees)
        expect(await oracle('fastLzSize', [toHex(unsigned)])).toBe(BigInt(fastLzLength(unsigned)))
        expect(await oracle('getL1Fee', [toHex(unsigned)])).toBe(expectedL1Fee(unsigned, fees))
        expect(await oracle('getOperatorFee', [gas])).toBe(operatorFee(gas, fees))
      }),
      RUNS,
    )
  })

  it("gives the same L1 fee in Optimism's own bytecode", async () => {
    // isEcotone and isFjord, packed into slot 0.
    const oracle = { ...bedrock('GasPriceOracle'), storage: { [wordHex(0n)]: 0x0101n } }
    const l1Block = bedrock('L1Block')
    await fc.assert(
      fc.asyncProperty(attributes, uint(28), transaction, async (any, baseFeeScalar, unsigned) => {
        // Its 16 · baseFeeScalar must fit 32 bits, or it reverts.
        const fees = { ...any, baseFeeScalar }
        const asked = await chainWith(fees, oracle, l1Block)
        expect(await asked.oracle('getL1Fee', [toHex(unsigned)])).toBe(expectedL1Fee(unsigned, fees))
      }),
      RUNS,
    )
  })

  it('stands on an L1Block whose footprint scalar is what execution multiplies by', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, uint(40), async (fees, size) => {
        const { l1Block } = await chainWith(fees, ours('GasPriceOracle'), ours('L1Block'))
        const scalar = BigInt((await l1Block('daFootprintGasScalar')) as number)
        expect(daFootprint(size, fees)).toBe((size / 1_000_000n) * scalar)
      }),
      RUNS,
    )
  })
})
