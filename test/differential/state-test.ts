/** Ethereum's state tests (ethereum/tests, GeneralStateTests) over our execution: one signed transaction on a given state. */
import type { Hex } from 'viem'
import { z } from 'zod'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import { hexToBytes, wordHex } from '../../node/execution/bytes.ts'
import { createEngine } from '../../node/execution/evm/engine.ts'
import { InvalidTransactionError } from '../../node/execution/execute-message.ts'
import { executeSigned } from '../../node/execution/execute-transaction.ts'
import { type FixtureAccounts, fixtureChain } from '../../node/execution/execution-fixture.ts'
import { l1FeeParameters } from '../../node/execution/fees.ts'
import { floorGas } from '../../node/execution/intrinsic-gas.ts'
import { NO_NATIVES } from '../../node/execution/native.ts'
import { JOVIAN_RULES } from '../../node/execution/op-rules.ts'
import { StateOverlay } from '../../node/execution/state-overlay.ts'
import { decodeSignedTransaction, TransactionError } from '../../node/execution/transaction.ts'

const hex = z.templateLiteral(['0x', z.string()])
const quantity = z.string().transform(BigInt)
const account = z.object({ balance: quantity, nonce: quantity, code: hex, storage: z.record(z.string(), quantity) })
const outcome = z.object({ hash: hex, txbytes: hex, expectException: z.string().optional() })

export const stateTestSchema = z.object({
  env: z.object({
    currentBaseFee: quantity.optional(),
    currentCoinbase: hex,
    currentGasLimit: quantity,
    currentNumber: quantity,
    currentTimestamp: quantity,
    currentRandom: hex.optional(),
    currentExcessBlobGas: quantity.optional(),
  }),
  pre: z.record(z.string(), account),
  post: z.record(z.string(), z.array(outcome)),
})

export type StateTest = z.output<typeof stateTestSchema>
export type StateTestOutcome = z.output<typeof outcome>

export type StateTestRun = {
  stateRoot: Hex
  /** Why the transaction was not executed. */
  refused: string | undefined
  /** Prague's floor for data decided (EIP-7623): a result of an earlier fork differs. */
  metFloor: boolean
}

/** Root of the state after the transaction, its base fee taken out of the vault again: Ethereum burns it. */
export async function runStateTest(test: StateTest, { txbytes }: StateTestOutcome): Promise<StateTestRun> {
  const { state } = await fixtureChain(accountsOf(test))
  const overlay = new StateOverlay(state)
  const { env } = test
  const block = {
    number: env.currentNumber,
    timestamp: env.currentTimestamp,
    beneficiary: env.currentCoinbase.toLowerCase() as Address,
    gasLimit: env.currentGasLimit,
    baseFeePerGas: env.currentBaseFee ?? 0n,
    prevRandao: env.currentRandom ?? wordHex(0n),
  }
  const chainId = 1n
  const rules = JOVIAN_RULES
  const engine = createEngine({ rules, chainId, natives: NO_NATIVES, overlay, block })
  const context = { rules, chainId, overlay, engine, block, l1Fees: l1FeeParameters(overlay) }
  let refused: string | undefined
  let metFloor = false
  try {
    const transaction = decodeSignedTransaction(hexToBytes(txbytes), chainId)
    if (transaction.gasLimit > block.gasLimit)
      throw new InvalidTransactionError('GAS_ALLOWANCE_EXCEEDED', 'gas limit reached')
    const { gasUsed } = executeSigned(context, transaction)
    metFloor = gasUsed === floorGas(transaction) && transaction.data.length > 0
  } catch (error) {
    if (!(error instanceof TransactionError) && !(error instanceof InvalidTransactionError)) throw error
    refused = error.message
    metFloor = refused.includes('floor data gas')
  }
  overlay.removeAccount(PREDEPLOYS.baseFeeVault)
  return { stateRoot: state.prepare(overlay.diff(), 1n).stateRoot, refused, metFloor }
}

function accountsOf({ pre }: StateTest): FixtureAccounts {
  const entries = Object.entries(pre).map(([address, { balance, nonce, code, storage }]) => {
    const slots = Object.entries(storage).map(([slot, value]) => [wordHex(BigInt(slot)), value])
    return [address.toLowerCase(), { balance, nonce, code: hexToBytes(code), storage: Object.fromEntries(slots) }]
  })
  return Object.fromEntries(entries)
}
