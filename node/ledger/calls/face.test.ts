import fc from 'fast-check'
import { encodeFunctionData, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { attributionAbi } from '../../../genesis/abi/attribution.ts'
import { channelsAbi } from '../../../genesis/abi/channels.ts'
import { datanetsAbi } from '../../../genesis/abi/datanets.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import type { NativeResult } from '../../execution/native.ts'
import { type Contract, World } from '../testing/ledger-harness.ts'
import { actor, OPEN_DATANET, word } from '../testing/ledger-stage.ts'
import { bytesOf } from './face.ts'
import { invalidField } from './revert.ts'

const { address: caller } = actor(1)

function raw(
  contract: Contract,
  data: Hex,
  options?: { value?: bigint; isStatic?: boolean; gas?: bigint },
): NativeResult {
  const world = new World()
  world.fund(caller, 10n)
  return world.raw(caller, contract, bytesOf(data), options)
}

const refused = (field: string, reason: string) => ({
  ok: false,
  kind: 'revert',
  returnData: bytesOf(invalidField(field, reason).data),
})
const notCanonical = (name: string) => refused('calldata', `not the canonical ABI encoding of the arguments of ${name}`)
const nonceOf = encodeFunctionData({ abi: channelsAbi, functionName: 'nonceOf', args: [caller] })
const create = encodeFunctionData({ abi: datanetsAbi, functionName: 'create', args: [OPEN_DATANET] })

describe('calldata', () => {
  it('of an unknown function reverts, as does none', () => {
    expect(raw('channels', '0x12345678')).toMatchObject(refused('calldata', 'unknown function selector 0x12345678'))
    expect(raw('attribution', '0x')).toMatchObject(refused('calldata', 'unknown function selector 0x'))
  })

  it('with bytes left over is refused', () => {
    expect(raw('channels', `${nonceOf}00`)).toMatchObject(notCanonical('nonceOf'))
    const counts = encodeFunctionData({ abi: datanetsAbi, functionName: 'datanetCount' })
    expect(raw('datanets', `${counts}00`)).toMatchObject(notCanonical('datanetCount'))
  })

  it('cut short is refused', () => {
    expect(raw('datanets', create.slice(0, -64) as Hex)).toMatchObject(notCanonical('create'))
    expect(raw('channels', nonceOf.slice(0, 10) as Hex)).toMatchObject(notCanonical('nonceOf'))
  })

  it('with dirt above an address is refused', () => {
    expect(raw('channels', nonceOf.replace(`${'0'.repeat(24)}`, `${'0'.repeat(23)}1`) as Hex)).toMatchObject(
      notCanonical('nonceOf'),
    )
  })

  it('with text that is not UTF-8 is refused', () => {
    const name = Buffer.from(OPEN_DATANET.name).toString('hex')
    expect(raw('datanets', create.replace(name, `ff${name.slice(2)}`) as Hex)).toMatchObject(notCanonical('create'))
  })

  it('of any bytes whatever is answered or refused, never worse', () => {
    const selectors = [nonceOf.slice(0, 10), create.slice(0, 10), '0x', '0xa0a0a0a0']
    fc.assert(
      fc.property(fc.constantFrom(...selectors), fc.uint8Array({ maxLength: 400 }), (selector, tail) => {
        const data = `${selector}${Buffer.from(tail).toString('hex')}` as Hex
        for (const contract of ['channels', 'datanets'] as const)
          expect(raw(contract, data).gasUsed).toBeGreaterThan(0n)
      }),
    )
  })
})

it('value to a function that takes none reverts, and comes back', () => {
  expect(raw('channels', nonceOf, { value: 1n })).toMatchObject(refused('value', 'nonceOf is not payable, got 1 wei'))
})

it('a static call may read and not write', () => {
  expect(raw('channels', nonceOf, { isStatic: true })).toMatchObject({ ok: true })
  expect(raw('datanets', create, { isStatic: true })).toMatchObject({ ok: false, kind: 'revert' })
  const settle = encodeFunctionData({ abi: attributionAbi, functionName: 'settle', args: [[], []] })
  expect(raw('attribution', settle, { isStatic: true })).toMatchObject({ ok: false, kind: 'revert' })
})

it('a call that runs out of gas takes all of it', () => {
  expect(raw('datanets', create, { gas: 30_000n })).toMatchObject({ ok: false, kind: 'outOfGas', gasUsed: 30_000n })
})

it('the same call on the same state does the same again', () => {
  const world = new World()
  const block = { number: 1n, timestamp: 1n, prevRandao: word(0), chainId: 1n }
  const call = {
    to: NATIVE.datanets,
    caller,
    origin: caller,
    value: 0n,
    data: bytesOf(create),
    isStatic: false,
    gas: 10n ** 6n,
    block,
  }
  const first = world.ledger.call(world.reader(), call)
  expect(first.ok).toBe(true)
  expect(world.ledger.call(world.reader(), call)).toEqual(first)
})
