import { describe, expect, it } from 'vitest'
import type { Address } from '../../../genesis/addresses.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Account, StateReader } from '../../state/reader.ts'
import { bytesToHex, bytesToUint, EMPTY_BYTES, wordHex } from '../bytes.ts'
import type { EngineMessage } from '../engine.ts'
import { EMPTY_ROOT } from '../header.ts'
import { NO_NATIVES } from '../native.ts'
import { ETHEREUM_RULES } from '../rules.ts'
import { StateOverlay } from '../state-overlay.ts'
import { WorkLimitError, type WorkMeter } from '../work-meter.ts'
import { createEngine } from './engine.ts'

const CALLER: Address = '0x00000000000000000000000000000000000000c0'
const CODE: Address = '0x00000000000000000000000000000000000c0de1'
const OTHER: Address = '0x00000000000000000000000000000000000c0de2'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** Runs a message to CODE on a state that holds these codes. */
function run(codes: Record<Address, string>, message: Partial<EngineMessage> = {}, meter?: WorkMeter) {
  const accounts = new Map<Address, Account>()
  const held = new Map<string, Uint8Array>()
  for (const [address, hex] of Object.entries(codes)) {
    const codeHash = bytesToHex(keccak256(bytes(hex)))
    accounts.set(address as Address, { nonce: 1n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash })
    held.set(codeHash, bytes(hex))
  }
  const state: StateReader = { account: (of) => accounts.get(of), storage: () => 0n, code: (hash) => held.get(hash)! }
  const overlay = new StateOverlay(state)
  const block = {
    number: 10n,
    timestamp: 1n,
    beneficiary: CALLER,
    gasLimit: 30_000_000n,
    baseFeePerGas: 7n,
    prevRandao: wordHex(5n),
  }
  const engine = createEngine({
    rules: ETHEREUM_RULES.prague,
    chainId: 901n,
    natives: NO_NATIVES,
    overlay,
    block,
    ...(meter && { meter }),
  })
  const result = engine.run({
    caller: CALLER,
    to: CODE,
    value: 0n,
    data: EMPTY_BYTES,
    gasLimit: 1_000_000n,
    gasPrice: 9n,
    accessList: [],
    warmAddresses: [],
    ...message,
  })
  return { ...result, overlay, word: bytesToUint(result.returnData) }
}

/** Returns the stack's top. */
const RETURN = '5f52 60205ff3'

describe('the interpreter', () => {
  it('counts gas beyond what a number holds, to the last unit', () => {
    const gasLimit = 2n ** 63n + 1n
    // GAS costs 2 and tells what is left.
    const told = run({ [CODE]: `5a ${RETURN}` }, { gasLimit })
    expect(told.word).toBe(gasLimit - 2n)
    // GAS 2, PUSH0 2, MSTORE 3 and a word of memory 3, PUSH1 3, PUSH0 2.
    expect(told.gasUsed).toBe(15n)
  })

  it('hands on all but a 64th of such gas, and takes what a failed call has used', () => {
    const gasLimit = 2n ** 63n + 1n
    // CALL(all gas, OTHER), which fails; then GAS.
    const call = `5f 5f 5f 5f 5f 73${OTHER.slice(2)} 5a f1 50 5a ${RETURN}`
    const { word } = run({ [CODE]: call, [OTHER]: 'fe' }, { gasLimit })
    // Five PUSH0, PUSH20, GAS; the cold account; then POP and GAS.
    const available = gasLimit - 10n - 3n - 2n - 2_600n
    expect(word).toBe(available / 64n - 2n - 2n)
  })

  it('goes 1,024 calls deep and no deeper', () => {
    // Calls itself with the depth that it was given and one; answers what came back, or its own depth where it could not call.
    const code = '5f35 600101 5f52 6020 5f 6020 5f 5f 30 5a f1 601c 57 5f35 5f 52 60205ff3 5b 60205ff3'
    const gasLimit = 10n ** 15n
    const { word } = run({ [CODE]: code }, { gasLimit, data: new Uint8Array(32) })
    expect(word).toBe(1_024n)
  })

  it('takes back slots, logs and transient storage of a call that reverts', () => {
    const callee = '6001 5f 55 6001 5f 5d 5f 5f a0 5f 5f fd'
    const caller = `5f 5f 5f 5f 5f 73${OTHER.slice(2)} 5a f1 ${RETURN}`
    const { overlay, logs, word } = run({ [CODE]: caller, [OTHER]: callee })
    expect(word).toBe(0n)
    expect(logs).toEqual([])
    expect(overlay.storage(OTHER, wordHex(0n))).toBe(0n)
  })

  it('does not jump into the data of a push', () => {
    // PUSH1 4, JUMP, PUSH1 0x5b: 4 is the pushed byte.
    expect(run({ [CODE]: '6004 56 605b 00' }).failure).toBe('invalid JUMP')
    expect(run({ [CODE]: '6004 56 00 5b 00' }).failure).toBeUndefined()
  })

  it('ends a message whose work is done, and one of many instructions only then', () => {
    const spin = '5b 5f 56'
    expect(() => run({ [CODE]: spin }, {}, { left: 1_000 })).toThrow(WorkLimitError)
    expect(run({ [CODE]: spin }, { gasLimit: 1_000n }, { left: 1_000 }).failure).toBe('out of gas')
  })
})
