import { concatHex, type Hex, parseGwei } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { hexToBytes, wordBytes, wordHex } from './bytes.ts'
import { type CallRequest, estimateGas, simulateCall } from './call.ts'
import { fixtureChain } from './execution-fixture.ts'

const ALICE: Address = '0xa11ce00000000000000000000000000000000001'
const BOB: Address = '0xb0b0000000000000000000000000000000000b0b'
/** Returns storage[0]. */
const READER: Address = '0xc000000000000000000000000000000000000001'
/** storage[0] = 1. */
const WRITER: Address = '0xc000000000000000000000000000000000000002'
/** Reverts with the calldata. */
const REVERTER: Address = '0xc000000000000000000000000000000000000003'
/** Fails unless it is given at least 200,000 gas, of which it uses little. */
const WASTEFUL: Address = '0xc000000000000000000000000000000000000004'
/** Clears storage[0]: refunds. */
const CLEARER: Address = '0xc000000000000000000000000000000000000005'
/** Calls WRITER with all its gas and fails where that fails. */
const OUTER: Address = '0xc000000000000000000000000000000000000006'

const ACCOUNTS = {
  [ALICE]: { balance: 10n ** 18n, nonce: 5n },
  [READER]: { code: hexToBytes('0x60005460005260206000f3'), storage: { [wordHex(0n)]: 9n } },
  [WRITER]: { code: hexToBytes('0x600160005500') },
  [REVERTER]: { code: hexToBytes('0x366000600037366000fd') },
  [WASTEFUL]: { code: hexToBytes('0x62030d405a10600a57005bfe') },
  [CLEARER]: { code: hexToBytes('0x600060005500'), storage: { [wordHex(0n)]: 9n } },
  [OUTER]: { code: hexToBytes(concatHex(['0x6000600060006000600073', WRITER, '0x5af160295760006000fd5b00'])) },
}

const request = (fields: Partial<CallRequest>): CallRequest => ({
  from: ALICE,
  to: READER,
  gas: undefined,
  gasPrice: undefined,
  value: 0n,
  data: new Uint8Array(),
  ...fields,
})

async function call(fields: Partial<CallRequest>, overrides?: Parameters<typeof simulateCall>[4]) {
  const { state, head, ...modules } = await fixtureChain(ACCOUNTS)
  return simulateCall(modules, state, head.block.header, request(fields), overrides)
}

async function estimate(fields: Partial<CallRequest>) {
  const { state, head, ...modules } = await fixtureChain(ACCOUNTS)
  return estimateGas(modules, state, head.block.header, request(fields))
}

describe('a simulated call', () => {
  it('returns what the contract returns, and what it would cost', async () => {
    const result = await call({})
    expect(result).toMatchObject({ succeeded: true, returnData: wordBytes(9n), reason: undefined })
    expect(result.gasUsed).toBe(21_000n + 2_100n + 6n * 3n)
  })

  it('runs without a fee where no price is given, whoever calls', async () => {
    expect(await call({ from: BOB })).toMatchObject({ succeeded: true })
  })

  it('says why it fails', async () => {
    expect(await call({ to: REVERTER, data: hexToBytes('0x1234') })).toMatchObject({
      succeeded: false,
      reason: 'revert',
      returnData: hexToBytes('0x1234'),
    })
    expect(await call({ gas: 21_050n })).toMatchObject({ succeeded: false, reason: 'out of gas', gasUsed: 21_050n })
    expect((await call({ gas: 20_000n })).reason).toContain('intrinsic gas too low')
    expect((await call({ from: BOB, value: 1n })).reason).toContain('insufficient funds for gas * price + value')
  })

  it('takes balances, codes and storage from its overrides', async () => {
    const state = new Map([[wordHex(0n), 33n]])
    const code: Hex = '0x60005460005260206000f3'
    expect(await call({}, new Map([[READER, { state }]]))).toMatchObject({ returnData: wordBytes(33n) })
    expect(await call({}, new Map([[READER, { state: new Map() }]]))).toMatchObject({ returnData: wordBytes(0n) })
    expect(await call({ to: BOB }, new Map([[BOB, { code: hexToBytes(code), stateDiff: state }]]))).toMatchObject({
      returnData: wordBytes(33n),
    })
    expect(await call({ from: BOB, value: 1n }, new Map([[BOB, { balance: 1n }]]))).toMatchObject({ succeeded: true })
  })
})

describe('estimating gas', () => {
  /** Gas within geth's 1.5 % above the least that works. */
  async function expectTight(fields: Partial<CallRequest>) {
    const estimated = await estimate(fields)
    if (!('gas' in estimated)) throw new Error(`failed: ${estimated.failed.reason}`)
    expect(await call({ ...fields, gas: estimated.gas })).toMatchObject({ succeeded: true })
    const less = (estimated.gas * 98n) / 100n
    expect(await call({ ...fields, gas: less })).toMatchObject({ succeeded: false })
  }

  it('of a plain transfer is 21,000', async () => {
    expect(await estimate({ to: BOB, value: 1n })).toEqual({ gas: 21_000n })
  })

  it('finds close to the least that works', async () => {
    await expectTight({ to: WRITER })
    await expectTight({ to: WASTEFUL })
    await expectTight({ to: CLEARER })
    await expectTight({ to: OUTER })
    await expectTight({ to: undefined, data: hexToBytes('0x6001600055') })
  })

  it('gives the failure where nothing would help', async () => {
    expect(await estimate({ to: REVERTER, data: hexToBytes('0x12') })).toMatchObject({
      failed: { reason: 'revert', returnData: hexToBytes('0x12') },
    })
    expect(await estimate({ to: WRITER, gas: 30_000n })).toMatchObject({ failed: { reason: 'out of gas' } })
  })

  it('allows no more gas than the sender can pay for', async () => {
    const gasPrice = parseGwei('1')
    const affordable = await estimate({ to: WRITER, gasPrice })
    expect('gas' in affordable).toBe(true)
    expect(await estimate({ to: WRITER, from: BOB, gasPrice })).toHaveProperty('failed')
  })
})
