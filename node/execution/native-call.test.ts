/** How native contracts sit in the EVM (docs/protocol.md, "Native contracts"), with a small one that does what its calldata says. */
import { concatHex, type Hex, pad } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { bytesToHex, bytesToUint, hexToBytes, wordBytes, wordHex } from './bytes.ts'
import type { EngineMessage } from './engine.ts'
import { createEngine } from './evm/engine.ts'
import { type FixtureAccounts, fixtureChain } from './execution-fixture.ts'
import type { NativeCall, NativeContracts, NativeResult } from './native.ts'
import { JOVIAN_RULES } from './op-rules.ts'
import { StateOverlay } from './state-overlay.ts'

const NATIVE_ADDRESS = NATIVE.datanets
const ALICE: Address = '0xa11ce00000000000000000000000000000000001'
const BOB: Address = '0xb0b0000000000000000000000000000000000b0b'
const SLOT = wordHex(1n)

/** First byte of the calldata: what the contract does. */
const DO = {
  write: '0x01',
  revert: '0x02',
  runOut: '0x03',
  pay: '0x04',
  log: '0x05',
  accept: '0x06',
  clear: '0x07',
  read: '0x08',
} as const

const calls: NativeCall[] = []

const natives: NativeContracts = {
  addresses: new Set([NATIVE_ADDRESS]),
  call(reader, call): NativeResult {
    calls.push(call)
    const done = { ok: true as const, returnData: wordBytes(42n), writes: [], transfers: [], logs: [], contents: [] }
    const accessed = [{ address: NATIVE_ADDRESS, slot: SLOT }]
    const gasUsed = reader.isWarm(NATIVE_ADDRESS, SLOT) ? 100n : 2_100n
    const result = { ...done, accessed, gasUsed, refund: 0n }
    switch (bytesToHex(call.data.subarray(0, 1))) {
      case DO.revert:
        return { ok: false, kind: 'revert', returnData: hexToBytes('0xdeadbeef'), gasUsed: 500n }
      case DO.runOut:
        return { ok: false, kind: 'outOfGas', returnData: new Uint8Array(), gasUsed: call.gas }
      case DO.write:
        return {
          ...result,
          writes: [{ address: NATIVE_ADDRESS, slot: SLOT, value: reader.storage(NATIVE_ADDRESS, SLOT) + 1n }],
        }
      case DO.clear:
        return { ...result, writes: [{ address: NATIVE_ADDRESS, slot: SLOT, value: 0n }], refund: 4_800n }
      case DO.pay:
        return { ...result, transfers: [{ from: NATIVE_ADDRESS, to: BOB, value: reader.balance(NATIVE_ADDRESS) }] }
      case DO.log:
        return { ...result, logs: [{ address: NATIVE_ADDRESS, topics: [SLOT], data: call.data }] }
      case DO.read:
        return result
      default:
        return { ...result, contents: [{ hash: SLOT, bytes: call.data }] }
    }
  },
}

const word = (value: bigint | Hex): Hex => pad(typeof value === 'bigint' ? `0x${value.toString(16)}` : value)
/** PUSH20 address */
const push = (address: Address): Hex => `0x73${address.slice(2)}`

/**
 * Contract that passes its calldata to the native address by one opcode, twice where asked, and returns
 * status ‖ what came back; `after` runs before that return.
 */
function caller(
  opcode: 'f1' | 'f2' | 'f4' | 'fa',
  to: Address = NATIVE_ADDRESS,
  times = 1,
  after: Hex = '0x',
): Uint8Array {
  const value: Hex = opcode === 'f1' || opcode === 'f2' ? '0x34' : '0x'
  const one = concatHex(['0x60006000366000', value, push(to), '0x5a', `0x${opcode}`])
  const calls = Array.from({ length: times }, (_, index) => (index === 0 ? one : concatHex(['0x50', one])))
  return hexToBytes(concatHex(['0x366000600037', ...calls, after, '0x6000523d600060203e60203d016000f3']))
}

const CONTRACTS = {
  '0xca11000000000000000000000000000000000001': caller('f1'),
  '0xca11000000000000000000000000000000000002': caller('f4'),
  '0xca11000000000000000000000000000000000003': caller('f2'),
  '0xca11000000000000000000000000000000000004': caller('fa'),
  '0xca11000000000000000000000000000000000005': caller('f1', NATIVE_ADDRESS, 2),
  // Calls, then reverts with what it would have returned.
  '0xca11000000000000000000000000000000000006': caller('f1', NATIVE_ADDRESS, 1, '0x60006000fd'),
  // Calls an account whose code is delegated to the native contract.
  '0xca11000000000000000000000000000000000007': caller('f1', '0xde1e000000000000000000000000000000000001'),
  // Calls the one that calls and reverts.
  '0xca11000000000000000000000000000000000008': caller('f1', '0xca11000000000000000000000000000000000006'),
} as const satisfies Record<Address, Uint8Array>
const [CALL, DELEGATECALL, CALLCODE, STATICCALL, TWICE, REVERTING, DELEGATED, AROUND] = Object.keys(
  CONTRACTS,
) as Address[]

const ACCOUNTS: FixtureAccounts = {
  [ALICE]: { balance: 10n ** 18n },
  [NATIVE_ADDRESS]: { nonce: 1n, code: hexToBytes('0xfe'), storage: { [SLOT]: 7n } },
  '0xde1e000000000000000000000000000000000001': { code: hexToBytes(concatHex(['0xef0100', NATIVE_ADDRESS])) },
  ...Object.fromEntries(Object.entries(CONTRACTS).map(([address, code]) => [address, { nonce: 1n, code }])),
}

async function call(to: Address, data: Hex, fields: Partial<EngineMessage> = {}) {
  const { state } = await fixtureChain(ACCOUNTS)
  const overlay = new StateOverlay(state)
  const block = {
    number: 5n,
    timestamp: 6n,
    beneficiary: BOB,
    gasLimit: 30_000_000n,
    baseFeePerGas: 1n,
    prevRandao: wordHex(7n),
  }
  const engine = createEngine({ rules: JOVIAN_RULES, chainId: 901n, natives, overlay, block })
  calls.length = 0
  const message: EngineMessage = {
    caller: ALICE,
    to,
    value: 0n,
    data: hexToBytes(data),
    gasLimit: 1_000_000n,
    gasPrice: 1n,
    accessList: [],
    warmAddresses: [],
    ...fields,
  }
  const result = engine.run(message)
  return { result, overlay, slot: overlay.storage(NATIVE_ADDRESS, SLOT) }
}

/** What a calling contract returned: status and returned bytes. */
function passedOn(returnData: Uint8Array): { status: bigint; data: Hex } {
  return { status: bytesToUint(returnData.subarray(0, 32)), data: bytesToHex(returnData.subarray(32)) }
}

describe('a transaction to a native contract', () => {
  it('runs it, with the sender, the value and the block before its eyes', async () => {
    const { result, slot } = await call(NATIVE_ADDRESS, DO.write, { value: 3n })
    expect(result).toMatchObject({ failure: undefined, gasUsed: 2_100n, returnData: wordBytes(42n) })
    expect(slot).toBe(8n)
    expect(calls).toMatchObject([
      { to: NATIVE_ADDRESS, caller: ALICE, origin: ALICE, value: 3n, isStatic: false, gas: 1_000_000n },
    ])
    expect(calls[0]!.block).toEqual({ number: 5n, timestamp: 6n, prevRandao: wordHex(7n), chainId: 901n })
  })

  it('finds its value credited already, and can pass it on', async () => {
    const { overlay } = await call(NATIVE_ADDRESS, DO.pay, { value: 9n })
    expect(overlay.balance(BOB)).toBe(9n)
    expect(overlay.balance(NATIVE_ADDRESS)).toBe(0n)
  })

  it('logs, and keeps the contents that it accepts', async () => {
    const { result } = await call(NATIVE_ADDRESS, DO.log)
    expect(result.logs).toEqual([{ address: NATIVE_ADDRESS, topics: [SLOT], data: hexToBytes(DO.log) }])
    const { overlay } = await call(NATIVE_ADDRESS, DO.accept)
    expect(overlay.contents).toEqual([{ hash: SLOT, bytes: hexToBytes(DO.accept) }])
  })

  it('gives refunds', async () => {
    const { result, slot } = await call(NATIVE_ADDRESS, DO.clear)
    expect(result.refund).toBe(4_800n)
    expect(slot).toBe(0n)
  })

  it('returns the value and the rest of the gas when it reverts, with its reason', async () => {
    const { result, overlay } = await call(NATIVE_ADDRESS, DO.revert, { value: 5n })
    expect(result).toMatchObject({ failure: 'revert', gasUsed: 500n, returnData: hexToBytes('0xdeadbeef') })
    expect(overlay.balance(ALICE)).toBe(10n ** 18n)
  })

  it('uses up its gas when it runs out', async () => {
    const { result } = await call(NATIVE_ADDRESS, DO.runOut)
    expect(result).toMatchObject({ failure: 'out of gas', gasUsed: 1_000_000n })
  })

  it('finds slots of the access list warm', async () => {
    const accessList = [{ address: NATIVE_ADDRESS, storageKeys: [SLOT] }]
    expect((await call(NATIVE_ADDRESS, DO.write, { accessList })).result.gasUsed).toBe(100n)
  })
})

describe('a contract that calls a native contract', () => {
  it('is its caller, and gets back what it returns', async () => {
    const { result, slot } = await call(CALL!, DO.write, { value: 2n })
    expect(passedOn(result.returnData)).toEqual({ status: 1n, data: word(42n) })
    expect(slot).toBe(8n)
    expect(calls).toMatchObject([{ caller: CALL, origin: ALICE, value: 2n }])
  })

  it('gets back the reason of a revert and goes on', async () => {
    const { result } = await call(CALL!, DO.revert)
    expect(result.failure).toBeUndefined()
    expect(passedOn(result.returnData)).toEqual({ status: 0n, data: '0xdeadbeef' })
  })

  it('undoes what the native contract did when it reverts itself', async () => {
    for (const data of [DO.write, DO.accept, DO.log, DO.pay]) {
      const direct = await call(REVERTING!, data, { value: 1n })
      expect(direct.result).toMatchObject({ failure: 'revert', logs: [] })
      const around = await call(AROUND!, data, { value: 1n })
      expect(passedOn(around.result.returnData).status).toBe(0n)
      for (const { overlay, slot } of [direct, around]) {
        expect(slot).toBe(7n)
        expect(overlay.contents).toEqual([])
        expect(overlay.balance(BOB)).toBe(0n)
      }
    }
  })

  it('reaches a cold account and a cold slot first, and warm ones then (EIP-2929)', async () => {
    const once = await call(CALL!, DO.write)
    const twice = await call(TWICE!, DO.write)
    expect(twice.slot).toBe(9n)
    // The second call: 100 for the account, 100 for the slot, and its pushes (4 · 3 + 4 · 2).
    const pushes = 4n * 3n + 4n * 2n
    expect(twice.result.gasUsed - once.result.gasUsed).toBe(200n + pushes)
    const warm = await call(CALL!, DO.write, { accessList: [{ address: NATIVE_ADDRESS, storageKeys: [] }] })
    expect(once.result.gasUsed - warm.result.gasUsed).toBe(2_500n)
  })
})

describe('native code is reached by', () => {
  it('neither DELEGATECALL nor CALLCODE: they run 0xfe', async () => {
    for (const contract of [DELEGATECALL!, CALLCODE!]) {
      const { result } = await call(contract, DO.write)
      expect(passedOn(result.returnData)).toEqual({ status: 0n, data: '0x' })
      expect(calls).toEqual([])
    }
  })

  it('no delegated account (EIP-7702)', async () => {
    const { result } = await call(DELEGATED!, DO.write)
    expect(passedOn(result.returnData).status).toBe(0n)
    expect((await call('0xde1e000000000000000000000000000000000001', DO.write)).result.failure).toBe('invalid opcode')
    expect(calls).toEqual([])
  })

  it('STATICCALL, which refuses its writes, logs and transfers', async () => {
    const reading = await call(STATICCALL!, DO.read)
    expect(passedOn(reading.result.returnData).status).toBe(1n)
    expect(calls).toMatchObject([{ isStatic: true }])
    for (const data of [DO.write, DO.log, DO.accept]) {
      const { result, slot } = await call(STATICCALL!, data)
      expect(passedOn(result.returnData).status).toBe(0n)
      expect(slot).toBe(7n)
    }
  })
})
