import fc from 'fast-check'
import { concatHex, encodeErrorResult, toFunctionSelector, toHex } from 'viem'
import { expect, it } from 'vitest'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { stakingAbi } from '../genesis/abi/staking.ts'
import { nativeErrorText } from './native-error.ts'

it('names the error of any native contract, and its arguments', () => {
  const args = ['name', 'must have 1 to 64 bytes, has 0'] as const
  expect(nativeErrorText(encodeErrorResult({ abi: datanetsAbi, errorName: 'InvalidField', args }))).toBe(
    'InvalidField(field: "name", reason: "must have 1 to 64 bytes, has 0")',
  )
  expect(nativeErrorText(encodeErrorResult({ abi: stakingAbi, errorName: 'UnknownRole', args: [9] }))).toBe(
    'UnknownRole(role: 9)',
  )
})

it('says nothing of other bytes, whatever they are', () => {
  expect(nativeErrorText('0x')).toBeUndefined()
  expect(nativeErrorText('0xdeadbeef')).toBeUndefined()
  const selectors = datanetsAbi
    .filter((item) => item.type === 'error')
    .map((item) => toFunctionSelector(`${item.name}(${item.inputs.map(({ type }) => type).join(',')})`))
  fc.assert(
    fc.property(fc.constantFrom(...selectors), fc.uint8Array({ maxLength: 200 }), (selector, rest) => {
      expect(['string', 'undefined']).toContain(typeof nativeErrorText(concatHex([selector, toHex(rest)])))
    }),
  )
})
