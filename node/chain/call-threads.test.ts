import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hexToBytes } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { CallRequest, StateOverrides } from '../execution/call.ts'
import { createLedger } from '../ledger/ledger.ts'
import { StateDatabase } from '../state/state-database.ts'
import { type LevelStore, openLevelStore } from '../store/level-store.ts'
import { CallThreads, LongCallError } from './call-threads.ts'
import { Chain } from './chain.ts'
import { buildOn } from './testing/building.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { ACCOUNTS, testConfig, transfer } from './testing/test-chain.ts'

const CONTRACT: Address = '0x00000000000000000000000000000000000c0de1'
const RICH = ACCOUNTS[1]!.address.toLowerCase() as Address
const request: CallRequest = {
  from: CONTRACT,
  to: CONTRACT,
  gas: 5_000_000n,
  gasPrice: undefined,
  value: 0n,
  data: new Uint8Array(),
}
const running = (code: `0x${string}`): StateOverrides => new Map([[CONTRACT, { code: hexToBytes(code) }]])

/** Loops until its gas is gone. */
const SPIN = running('0x5b600056')
/** 60,000 rounds, then returns the balance of an account. */
const ROUNDS_THEN_BALANCE = running(
  `0x61ea605b6001900380600357 73${RICH.slice(2)}31 5f52 60205ff3`.replaceAll(' ', '') as `0x${string}`,
)

describe('long calls', () => {
  let directory: string
  let config: ChainConfig
  let l1: MemoryL1
  let store: LevelStore
  let calls: CallThreads
  let chain: Chain

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'calls-'))
    l1 = new MemoryL1(1_700_000_000n)
    config = await testConfig(l1.head)
    store = await openLevelStore(directory, { multithreading: true })
    const state = await StateDatabase.open({ store })
    calls = new CallThreads({ path: directory, config })
    chain = await Chain.open({ config, store, state, natives: createLedger(), calls })
  })
  afterEach(async () => {
    await calls.close()
    await chain.close()
    await store.close()
    await rm(directory, { recursive: true })
  })

  it('are answered as short ones are', async () => {
    const asked: string[] = []
    const counting: Pick<CallThreads, 'run'> = {
      run(call) {
        asked.push(call.kind)
        return calls.run(call)
      },
    }
    const state = await StateDatabase.open({ store })
    const other = await Chain.open({ config, store, state, natives: createLedger(), calls: counting })
    const failed = await other.call(request, 0n, SPIN)
    expect(failed).toMatchObject({ succeeded: false, reason: 'out of gas', gasUsed: 5_000_000n })
    const { succeeded, returnData } = await other.call(request, 0n, ROUNDS_THEN_BALANCE)
    expect({ succeeded, balance: BigInt(`0x${Buffer.from(returnData).toString('hex')}`) }).toEqual({
      succeeded: true,
      balance: 10n ** 21n,
    })
    await other.call({ ...request, to: RICH, data: new Uint8Array() }, 0n)
    expect(asked).toEqual(['call', 'call'])
  })

  it('see the state of their block, whatever came after it', async () => {
    const before = await chain.call(request, 0n, ROUNDS_THEN_BALANCE)
    await buildOn({ config, l1, chain }, [await transfer({ nonce: 0, value: 5n })])
    const after = await chain.call(request, 1n, ROUNDS_THEN_BALANCE)
    const balance = ({ returnData }: typeof before) => BigInt(`0x${Buffer.from(returnData).toString('hex')}`)
    expect(balance(after)).toBe(balance(before) + 5n)
    expect(await chain.call(request, 0n, ROUNDS_THEN_BALANCE)).toEqual(before)
  })

  it('are refused where too many wait, and given up where they take too long', async () => {
    const few = new CallThreads({ path: directory, config }, { most: 1, timeout: 1 })
    const { header } = chain.head('unsafe').block
    const call = { kind: 'call', header, request: { ...request, gas: 50_000_000n }, overrides: SPIN } as const
    const first = few.run(call)
    await expect(few.run(call)).rejects.toThrow(/^1 long calls are waiting already/)
    await expect(first).rejects.toThrow(LongCallError)
    await expect(first).rejects.toThrow('execution aborted (timeout = 0.001s)')
    await few.close()
  })
})
