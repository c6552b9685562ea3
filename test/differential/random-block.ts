/** Random blocks for the differential test: what each transaction is, as data that fast-check can shrink, and its signing. */
import {
  createAccessList2930Tx,
  createEOACode7702Tx,
  createFeeMarket1559Tx,
  createLegacyTx,
  type TypedTransaction,
} from '@ethereumjs/tx'
import {
  bytesToHex,
  createAddressFromPrivateKey,
  createAddressFromString,
  type EOACode7702AuthorizationListItemUnsigned,
  eoaCode7702SignAuthorization,
} from '@ethereumjs/util'
import fc from 'fast-check'
import type { Address } from '../../genesis/addresses.ts'
import { concatBytes, hexToBytes, wordBytes, wordHex } from '../../node/execution/bytes.ts'
import { CHAIN_ID, type FixtureAccounts } from '../../node/execution/execution-fixture.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { CONTRACTS, INIT_CODES } from './bytecode.ts'
import { oracleCommon } from './oracle.ts'

type ContractName = keyof typeof CONTRACTS
type InitCodeName = keyof typeof INIT_CODES

const KEYS = Array.from({ length: 5 }, (_, index) => keccak256(new TextEncoder().encode(`account ${index}`)))
const SENDERS = KEYS.map((key) => createAddressFromPrivateKey(key).toString() as Address)
const contractNames = Object.keys(CONTRACTS) as ContractName[]
const contractAddress = (name: ContractName): Address =>
  `0xc0de${(contractNames.indexOf(name) + 1).toString(16).padStart(36, '0')}`

/** Senders with much, one with little; every contract with some wei and a used slot; an account with wei and no code. */
export const GENESIS: FixtureAccounts = {
  ...Object.fromEntries(SENDERS.map((address, index) => [address, { balance: index === 4 ? 10n ** 14n : 10n ** 20n }])),
  ...Object.fromEntries(
    contractNames.map((name) => [
      contractAddress(name),
      { nonce: 1n, balance: 1000n, code: CONTRACTS[name], storage: { [wordHex(1n)]: 77n, [wordHex(2n)]: 5n } },
    ]),
  ),
  '0xbeef000000000000000000000000000000000001': { balance: 1n },
}

const target = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...contractNames).map(contractAddress) },
  { weight: 2, arbitrary: fc.constantFrom(...SENDERS) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20 }).map((n): Address => `0x${n.toString(16).padStart(40, '0')}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Address[]>(
      '0xbeef000000000000000000000000000000000001',
      '0xfeed000000000000000000000000000000000002',
      '0x0000000000000000000000000000000000000100',
    ),
  },
)

const word = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((n) => wordBytes(BigInt(n))),
  target.map((address) => wordBytes(BigInt(address))),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
)

/** Calldata of words, or of a call through one or two calling contracts. */
const words = fc.array(word, { maxLength: 6 }).map((parts) => concatBytes(...parts))
const throughCaller = fc
  .tuple(target, fc.integer({ min: 0, max: 3 }), words)
  .map(([to, value, rest]) => concatBytes(wordBytes(BigInt(to)), wordBytes(BigInt(value)), rest))
const initCode = fc.constantFrom(...(Object.keys(INIT_CODES) as InitCodeName[])).map((name) => INIT_CODES[name])
const randomCode = fc.uint8Array({ maxLength: 60 })
const calldata = fc.oneof(words, throughCaller, initCode, randomCode)

const authorization = fc.record({
  signer: fc.integer({ min: 0, max: 3 }),
  to: fc.oneof(target, fc.constant<Address>('0x0000000000000000000000000000000000000000')),
  chainId: fc.constantFrom(0n, CHAIN_ID, 5n),
  /** Added to the signer's nonce as the block stands; 0 is right unless the signer sends meanwhile. */
  nonceOffset: fc.constantFrom(0, 0, 0, 1),
})

export const transactionPlan = fc.record({
  type: fc.constantFrom(0, 1, 2, 2, 4),
  sender: fc.integer({ min: 0, max: 4 }),
  /** undefined: creates a contract from `data`. */
  to: fc.option(target, { nil: undefined, freq: 6 }),
  data: calldata,
  value: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 1, arbitrary: fc.constant(10 ** 15) },
  ),
  gasLimit: fc.oneof(
    { weight: 6, arbitrary: fc.constant(400_000) },
    { weight: 2, arbitrary: fc.integer({ min: 20_500, max: 120_000 }) },
  ),
  tip: fc.integer({ min: 0, max: 3 }),
  accessList: fc.array(fc.tuple(target, fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 })), { maxLength: 2 }),
  authorizations: fc.array(authorization, { minLength: 1, maxLength: 3 }),
  /** Now and then a nonce that does not fit. */
  nonceOffset: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, -1),
})

export type TransactionPlan = typeof transactionPlan extends fc.Arbitrary<infer Plan> ? Plan : never

export const senderOf = (plan: TransactionPlan): Address => SENDERS[plan.sender]!

/** The plan as a signed envelope, or undefined where it cannot be one (a negative nonce). */
export function signPlan(
  plan: TransactionPlan,
  baseFee: bigint,
  nonceOf: (address: Address) => bigint,
): Uint8Array | undefined {
  const nonce = nonceOf(senderOf(plan)) + BigInt(plan.nonceOffset)
  if (nonce < 0n) return undefined
  return build(plan, nonce, baseFee + 10n, nonceOf)
    .sign(KEYS[plan.sender]!)
    .serialize()
}

function build(
  plan: TransactionPlan,
  nonce: bigint,
  price: bigint,
  nonceOf: (address: Address) => bigint,
): TypedTransaction {
  const to = plan.to === undefined ? undefined : createAddressFromString(plan.to)
  const body = { nonce, gasLimit: BigInt(plan.gasLimit), value: BigInt(plan.value), data: plan.data, ...(to && { to }) }
  const accessList = plan.accessList.map(([address, keys]) => ({
    address,
    storageKeys: keys.map((key) => wordHex(BigInt(key))),
  }))
  const fees = { maxFeePerGas: price, maxPriorityFeePerGas: BigInt(plan.tip) }
  const options = { common: oracleCommon }
  if (plan.type === 0) return createLegacyTx({ ...body, gasPrice: price }, options)
  if (plan.type === 1) return createAccessList2930Tx({ ...body, gasPrice: price, accessList }, options)
  if (plan.type === 2 || to === undefined) return createFeeMarket1559Tx({ ...body, ...fees, accessList }, options)
  const authorizationList = plan.authorizations.map(({ signer, to, chainId, nonceOffset }) => {
    const unsigned: EOACode7702AuthorizationListItemUnsigned = {
      chainId: hexOf(chainId),
      address: to,
      nonce: hexOf(nonceOf(SENDERS[signer]!) + (signer === plan.sender ? 1n : 0n) + BigInt(nonceOffset)),
    }
    return eoaCode7702SignAuthorization(unsigned, KEYS[signer]!)
  })
  return createEOACode7702Tx({ ...body, to, ...fees, accessList, authorizationList }, options)
}

/** Quantities as this library reads them: no leading zeros, and nothing for 0. */
function hexOf(value: bigint): `0x${string}` {
  return value === 0n ? '0x' : bytesToHex(hexToBytes(`0x${value.toString(16).padStart(value > 255n ? 4 : 2, '0')}`))
}
