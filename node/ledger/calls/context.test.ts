import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import type { NativeReader } from '../../execution/native.ts'
import { CallContext, type Place } from './context.ts'
import { NativeRevert, OutOfGas } from './revert.ts'

const place: Place = { account: NATIVE.staking, slot: 7n }
const someone = '0x00000000000000000000000000000000000000aa'

function contextOver(
  options: { value?: bigint; warm?: boolean; gas?: bigint; isStatic?: boolean; held?: bigint } = {},
) {
  const reader: NativeReader = {
    storage: () => options.value ?? 0n,
    originalStorage: () => options.value ?? 0n,
    isWarm: () => options.warm ?? false,
    balance: (address) => (address === NATIVE.staking ? (options.held ?? 0n) : 0n),
  }
  return new CallContext(reader, {
    to: NATIVE.staking,
    caller: someone,
    origin: someone,
    value: 0n,
    data: new Uint8Array(0),
    isStatic: options.isStatic ?? false,
    gas: options.gas ?? 1_000_000n,
    block: { number: 1n, timestamp: 1n, prevRandao: '0x00', chainId: 1n },
  })
}

function effects(context: CallContext) {
  const result = context.result(new Uint8Array(0))
  if (!result.ok) throw new Error('a context that was not left cannot have failed')
  return result
}

describe('writes cost and refund what EIP-3529 lists for warm slots', () => {
  // EIP-3529, "Test Cases": the value at the start, the values written one after another, gas (less that of the
  // pushes) and refund.
  const cases: [original: bigint, written: bigint[], gas: bigint, refund: bigint][] = [
    [0n, [0n, 0n], 200n, 0n],
    [0n, [0n, 1n], 20_100n, 0n],
    [0n, [1n, 0n], 20_100n, 19_900n],
    [0n, [1n, 2n], 20_100n, 0n],
    [0n, [1n, 1n], 20_100n, 0n],
    [1n, [0n, 0n], 3_000n, 4_800n],
    [1n, [0n, 1n], 3_000n, 2_800n],
    [1n, [0n, 2n], 3_000n, 0n],
    [1n, [2n, 0n], 3_000n, 4_800n],
    [1n, [2n, 3n], 3_000n, 0n],
    [1n, [2n, 1n], 3_000n, 2_800n],
    [1n, [2n, 2n], 3_000n, 0n],
    [1n, [1n, 0n], 3_000n, 4_800n],
    [1n, [1n, 2n], 3_000n, 0n],
    [1n, [1n, 1n], 200n, 0n],
    [0n, [1n, 0n, 1n], 40_100n, 19_900n],
    [1n, [0n, 1n, 0n], 5_900n, 7_600n],
  ]
  it.each(cases)('from %s, writing %s', (original, written, gas, refund) => {
    const context = contextOver({ value: original, warm: true })
    for (const value of written) context.write(place, value)
    expect(effects(context)).toMatchObject({ gasUsed: gas, refund })
  })
})

describe('reading', () => {
  it('charges a cold slot once, then a warm one (EIP-2929), and reports it as accessed', () => {
    const context = contextOver({ value: 5n })
    expect([context.read(place), context.read(place)]).toEqual([5n, 5n])
    const { gasUsed, accessed } = effects(context)
    expect(gasUsed).toBe(GAS.coldSlot + GAS.warmSlot)
    expect(accessed).toEqual([{ address: NATIVE.staking, slot: `0x${'0'.repeat(63)}7` }])
  })

  it('charges a warm slot where the transaction has touched it before', () => {
    const context = contextOver({ warm: true })
    context.read(place)
    expect(effects(context).gasUsed).toBe(GAS.warmSlot)
  })

  it('sees what the call has written', () => {
    const context = contextOver({ value: 5n })
    context.write(place, 6n)
    context.write(place, 8n)
    expect(context.read(place)).toBe(8n)
    expect(effects(context).writes.map(({ value }) => value)).toEqual([8n])
  })
})

describe('the end of gas', () => {
  it('stops a write that would leave less than the sentry (EIP-2200)', () => {
    expect(() => contextOver({ gas: 2_300n, warm: true }).write(place, 0n)).toThrow(OutOfGas)
    contextOver({ gas: 2_301n, warm: true }).write(place, 0n)
  })

  it('stops a read', () => {
    expect(() => contextOver({ gas: GAS.coldSlot - 1n }).read(place)).toThrow(OutOfGas)
  })
})

describe('logs and transfers', () => {
  it('charges 375 a log, 375 a topic and 8 a byte', () => {
    const context = contextOver()
    context.log({ address: NATIVE.staking, topics: ['0x01', '0x02'], data: new Uint8Array(10) })
    expect(effects(context).gasUsed).toBe(375n + 2n * 375n + 80n)
  })

  it('charges a new account, and counts what the call has moved before', () => {
    const context = contextOver({ held: 10n })
    context.transfer(NATIVE.staking, someone, 6n)
    context.transfer(NATIVE.staking, someone, 4n)
    expect(effects(context).gasUsed).toBe(2n * GAS.transfer + GAS.transferNewAccount)
    expect(() => context.transfer(NATIVE.staking, someone, 1n)).toThrow(NativeRevert)
  })

  it('does nothing for zero wei', () => {
    const context = contextOver()
    context.transfer(NATIVE.staking, someone, 0n)
    expect(effects(context).transfers).toEqual([])
  })
})

it('refuses writes, logs and transfers in a static call', () => {
  const context = contextOver({ isStatic: true, held: 1n })
  expect(() => context.write(place, 1n)).toThrow(NativeRevert)
  expect(() => context.log({ address: NATIVE.staking, topics: [], data: new Uint8Array(0) })).toThrow(NativeRevert)
  expect(() => context.transfer(NATIVE.staking, someone, 1n)).toThrow(NativeRevert)
})
