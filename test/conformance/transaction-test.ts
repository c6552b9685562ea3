/** One of Ethereum's transaction tests: an envelope that each fork takes or refuses, and its sender, hash and intrinsic gas. */
import { z } from 'zod'
import { bytes, quantity } from '../../cli/conformance/fixture.ts'
import { networkSchedule } from '../../cli/conformance/network.ts'
import { hexToBytes } from '../../node/execution/bytes.ts'
import { checkEnvelope } from '../../node/execution/ethereum/execute-transaction.ts'
import { eraAt } from '../../node/execution/ethereum/fork-schedule.ts'
import { checkMessage, InvalidTransactionError } from '../../node/execution/execute-message.ts'
import { checkPrice, messageOf } from '../../node/execution/execute-transaction.ts'
import { intrinsicGas } from '../../node/execution/intrinsic-gas.ts'
import { U256_MAX } from '../../node/execution/rlp-fields.ts'
import type { Rules } from '../../node/execution/rules.ts'
import { decodeEnvelope, maxGasPrice, TransactionError } from '../../node/execution/transaction.ts'

const resultSchema = z.object({
  exception: z.string().optional(),
  hash: bytes.optional(),
  sender: bytes.optional(),
  intrinsicGas: quantity,
})

export const transactionTestSchema = z.object({ txbytes: bytes, result: z.record(z.string(), resultSchema) })

export type TransactionTest = z.output<typeof transactionTestSchema>

/** What differs from the test's word for this fork, or undefined. */
export function transactionTestFault({ txbytes, result }: TransactionTest, fork: string): string | undefined {
  const expected = result[fork]!
  const rules = rulesOf(fork)
  const found = read(hexToBytes(txbytes), rules)
  if ('refused' in found) return expected.exception === undefined ? `refused: ${found.refused}` : undefined
  if (expected.exception !== undefined) return `taken, must be refused: ${expected.exception}`
  for (const field of ['hash', 'sender', 'intrinsicGas'] as const) {
    if (found[field] !== expected[field]) return `${field} is ${found[field]}, must be ${expected[field]}`
  }
  return undefined
}

function rulesOf(fork: string): Rules {
  const schedule = networkSchedule(fork)
  return eraAt(schedule, { number: 0n, timestamp: 0n, parentTotalDifficulty: 0n }).rules
}

function read(raw: Uint8Array, rules: Rules) {
  try {
    const transaction = decodeEnvelope(raw, 1n, rules)
    checkEnvelope(transaction, rules)
    checkPrice({ baseFeePerGas: 0n }, transaction)
    const message = messageOf(transaction, 0n)
    checkMessage(message, rules)
    if (transaction.gasLimit * maxGasPrice(transaction) > U256_MAX) return { refused: 'costs more than 256 bits hold' }
    return { hash: transaction.hash, sender: transaction.sender, intrinsicGas: intrinsicGas(message, rules) }
  } catch (error) {
    if (error instanceof TransactionError || error instanceof InvalidTransactionError) return { refused: error.message }
    throw error
  }
}
