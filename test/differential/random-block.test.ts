/**
 * Given random blocks of every type of transaction, when our execution and @ethereumjs/vm run them over the
 * same genesis, then gas, status, logs, receipts roots and state roots are equal, and what we refuse they refuse.
 * The OP Stack's own fees are neutral here: L1Block is absent, so L1 and operator fees are 0 (see oracle.ts for the base fee).
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { attributesOf, executeBlock, type TransactionSource } from '../../node/execution/execute-block.ts'
import {
  advance,
  CHAIN_ID,
  type FixtureChain,
  fixtureAttributes,
  fixtureChain,
} from '../../node/execution/execution-fixture.ts'
import { nextBaseFee } from '../../node/execution/fees.ts'
import { decodeSignedTransaction, type SignedTransaction } from '../../node/execution/transaction.ts'
import { createOracle, oracleRefusal, runOracle } from './oracle.ts'
import { GENESIS, signPlan, type TransactionPlan, transactionPlan } from './random-block.ts'

const SECONDS = Number(process.env.OPENLEDGER_DIFFERENTIAL_SECONDS ?? 20)

/** Offers the planned transactions in order, each signed over the nonces as they then are by its own count. */
class PlannedSource implements TransactionSource {
  readonly included_: SignedTransaction[] = []
  readonly refused_: { raw: Uint8Array; reason: string; after: number }[] = []
  readonly #plans: TransactionPlan[]
  readonly #chain: FixtureChain
  readonly #nonces = new Map<string, bigint>()

  constructor(chain: FixtureChain, plans: TransactionPlan[]) {
    this.#chain = chain
    this.#plans = [...plans]
  }

  next({ baseFee }: { baseFee: bigint }): SignedTransaction | undefined {
    for (;;) {
      const plan = this.#plans.shift()
      if (plan === undefined) return undefined
      const raw = signPlan(plan, baseFee, (address) => this.#nonce(address))
      if (raw !== undefined) return decodeSignedTransaction(raw, CHAIN_ID)
    }
  }

  included(transaction: SignedTransaction): void {
    this.included_.push(transaction)
    this.#nonces.set(transaction.sender, transaction.nonce + 1n)
  }

  refused(transaction: SignedTransaction, reason: string): void {
    this.refused_.push({ raw: transaction.raw, reason, after: this.included_.length })
  }

  skipped(): void {}

  #nonce(address: `0x${string}`): bigint {
    return this.#nonces.get(address) ?? this.#chain.state.account(address)?.nonce ?? 0n
  }
}

async function checkBlocks(blocks: TransactionPlan[][]): Promise<void> {
  const chain = await fixtureChain(GENESIS)
  const follower = await fixtureChain(GENESIS)
  const vm = await createOracle(GENESIS)
  for (const plans of blocks) {
    const source = new PlannedSource(chain, plans)
    const parent = chain.head
    const executed = await executeBlock(chain, parent, fixtureAttributes(parent, { noTxPool: false }), source)
    const { header, transactions } = executed.block
    expect(header.baseFeePerGas).toBe(nextBaseFee(parent.block.header))

    for (const { raw, reason } of source.refused_.filter(({ after }) => after === 0)) {
      expect(await oracleRefusal(vm, header, raw), reason).toBeDefined()
    }
    const expected = await runOracle(vm, header, transactions)
    const found = executed.receipts.map(({ gasUsed, succeeded, logs }) => ({
      gasUsed,
      succeeded,
      logs: logs.map((log) => ({ ...log, data: bytesToHex(log.data) })),
    }))
    expect(found).toEqual(expected.transactions)
    expect(header.transactionsRoot).toBe(expected.transactionsRoot)
    expect(header.receiptsRoot).toBe(expected.receiptsRoot)
    expect(header.stateRoot).toBe(expected.stateRoot)

    const again = await executeBlock(follower, follower.head, attributesOf(executed.block))
    expect(again.hash).toBe(executed.hash)
    await advance(chain, executed)
    await advance(follower, again)
  }
}

it(
  'agrees with @ethereumjs/vm on random blocks',
  async () => {
    const block = fc.array(transactionPlan, { minLength: 1, maxLength: 12 })
    const property = fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 2 }), checkBlocks)
    await fc.assert(property, { numRuns: 1_000, interruptAfterTimeLimit: SECONDS * 1_000 })
  },
  (SECONDS + 30) * 1_000,
)
