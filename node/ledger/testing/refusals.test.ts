/**
 * Every function of every native contract meets every wrong argument: each gives its named custom error, changes
 * nothing and costs gas. A function without a line in refusal-table.ts fails, and so does an error that no line gives.
 */
import { type Abi, type AbiFunction, decodeErrorResult, encodeFunctionData } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { NATIVE_ABI } from '../../../genesis/abi/native.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import type { Contract } from './ledger-harness.ts'
import { TOTAL } from './refusal-row.ts'
import { RefusalStage } from './refusal-stage.ts'
import { REFUSALS } from './refusal-table.ts'

const functions = Object.entries(NATIVE_ABI).flatMap(([contract, abi]) =>
  (abi as Abi)
    .filter((item): item is AbiFunction => item.type === 'function')
    .map((item) => ({ contract: contract as Contract, item, name: item.name })),
)

let stage: RefusalStage

beforeAll(() => {
  stage = new RefusalStage()
})

/** The error of a call that must fail, as "Name" or "InvalidField field"; checks that it costs gas and leaves no trace. */
function refused(
  contract: Contract,
  data: Uint8Array,
  options: { from?: `0x${string}`; value?: bigint; isStatic?: boolean } = {},
): string {
  const { world, alice } = stage
  const held = () => new Map([...world.balances].filter(([, balance]) => balance !== 0n))
  const before = { storage: new Map(world.storage), balances: held(), logs: world.logs.length }
  const result = world.raw(options.from ?? alice.address, contract, data, options)
  expect(result.ok).toBe(false)
  if (result.ok || result.kind !== 'revert') throw new Error('did not revert')
  expect(result.gasUsed).toBeGreaterThan(0n)
  expect({ storage: world.storage, balances: held(), logs: world.logs.length }).toEqual(before)
  const { errorName, args } = decodeErrorResult({ abi: NATIVE_ABI[contract] as Abi, data: hexOf(result.returnData) })
  return errorName === 'InvalidField' ? `InvalidField ${args![0]}` : errorName
}

/** Zeros for every parameter: canonical, whatever it means. */
function anyArguments(item: AbiFunction): Uint8Array {
  const zero = ({
    type,
    components,
  }: AbiFunction['inputs'][number] & { components?: AbiFunction['inputs'] }): unknown => {
    if (type.endsWith('[32]')) return Array.from({ length: 32 }, () => 0)
    if (type.endsWith('[]')) return []
    if (type === 'tuple') return Object.fromEntries(components!.map((part) => [part.name, zero(part)]))
    if (type === 'string') return ''
    if (type === 'bool') return false
    if (type === 'address') return `0x${'0'.repeat(40)}`
    if (type === 'bytes') return '0x'
    if (type.startsWith('bytes')) return `0x${'00'.repeat(Number(type.slice(5)))}`
    return Number(type.replace(/\D/g, '')) <= 48 ? 0 : 0n
  }
  return bytesOf(encodeFunctionData({ abi: [item], args: item.inputs.map(zero) }))
}

describe.each(functions)('$name of $contract', ({ contract, item, name }) => {
  it('refuses calldata that is not canonical', () => {
    const data = anyArguments(item)
    const longer = new Uint8Array(data.length + 1)
    longer.set(data)
    expect(refused(contract, longer)).toBe('InvalidField calldata')
    if (item.inputs.length > 0) expect(refused(contract, data.subarray(0, -1))).toBe('InvalidField calldata')
  })

  if (item.stateMutability !== 'payable')
    it('refuses value', () => {
      expect(refused(contract, anyArguments(item), { value: 1n })).toBe('InvalidField value')
    })

  it('refuses wrong arguments by name', () => {
    const rows = REFUSALS[contract]?.[name]
    expect(rows, `${contract}.${name} has no line in refusal-table.ts`).toBeDefined()
    if (rows === TOTAL || rows === undefined) return
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      const { args, from, value = 0n, error } = row(stage)
      const data = bytesOf(encodeFunctionData({ abi: [item], args }))
      const isStatic = error === 'InvalidField call'
      const options = { value, isStatic, ...(from && { from: from.address }) }
      expect(`${name}: ${refused(contract, data, options)}`).toBe(`${name}: ${error}`)
    }
  })
})

describe('the table', () => {
  it('gives every error that an ABI declares', () => {
    const given = new Map<Contract, Set<string>>()
    for (const [contract, table] of Object.entries(REFUSALS))
      given.set(
        contract as Contract,
        new Set(
          Object.values(table!).flatMap((rows) =>
            rows === TOTAL ? [] : rows.map((row) => row(stage).error.split(' ')[0]!),
          ),
        ),
      )
    const missing = Object.entries(NATIVE_ABI).flatMap(([contract, abi]) =>
      (abi as Abi)
        .filter((each) => each.type === 'error' && each.name !== 'InvalidField')
        .map((each) => ('name' in each ? each.name! : ''))
        .filter((error) => !given.get(contract as Contract)?.has(error))
        .map((error) => `${contract}.${error}`),
    )
    expect(missing).toEqual([])
  })
})
