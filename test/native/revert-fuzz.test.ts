/**
 * Native calls inside contracts that revert, at random, through the chain's own engine: two contracts
 * (test/native/solidity/ScriptRunner.sol) call the natives and each other as told, in frames that end well, revert, burn
 * their gas, are static or delegated. Twice compared: with the same script less what must leave no trace, on the same
 * engine; and with the surviving calls made one after another on the ledger alone, without an EVM.
 */
import fc from 'fast-check'
import { encodeFunctionData, type Hex, parseEther } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { createEngine } from '../../node/execution/evm/engine.ts'
import { type FixtureAccounts, fixtureChain } from '../../node/execution/execution-fixture.ts'
import { JOVIAN_RULES } from '../../node/execution/op-rules.ts'
import { StateOverlay } from '../../node/execution/state-overlay.ts'
import { bytesOf } from '../../node/ledger/calls/face.ts'
import { createLedger } from '../../node/ledger/ledger.ts'
import { CHAIN_ID, World } from '../../node/ledger/testing/ledger-harness.ts'
import { COMMIT_BOND, type Stage, word } from '../../node/ledger/testing/ledger-stage.ts'
import type { StateReader } from '../../node/state/reader.ts'
import { type Compiled, compileSolidity } from '../fixtures/solidity.ts'
import { CALLS, callsFor, type NativeCall, REFUSED, RUNNERS, standing, USER } from './scripted-calls.ts'

type Step =
  | { kind: 'native'; mode: 'call' | 'static' | 'delegate'; call: NativeCall }
  | { kind: 'frame'; mode: 'call' | 'static' | 'delegate'; runner: number; value: bigint; end: End; steps: Step[] }
type End = 'returns' | 'reverts' | 'burns'

const MODE = { call: 0, static: 1, delegate: 2 } as const
const END = { returns: 0, reverts: 1, burns: 2 } as const
/** What must come to nothing gets no more than this, because it may burn all that it gets. */
const FRAME_GAS = 20_000_000n
const NATIVE_GAS = 50_000n
/** Of a script: enough for all that a frame may burn. */
const GAS = 1_000_000_000n

let runnerCode: Compiled
let hostileCode: Compiled
let stage: Stage
let state: StateReader

beforeAll(async () => {
  const path = 'test/native/solidity/ScriptRunner.sol'
  runnerCode = compileSolidity(path, 'ScriptRunner')
  hostileCode = compileSolidity(path, 'HostileReceiver')
  stage = standing()
  const code = await deployedCode(runnerCode.bytecode)
  const accounts: FixtureAccounts = {}
  for (const [address, balance] of stage.world.balances) accounts[address] = { balance }
  for (const address of Object.values(NATIVE))
    accounts[address] = { ...accounts[address], nonce: 1n, code: bytesOf('0xfe'), storage: {} }
  for (const [key, value] of stage.world.storage) {
    const address = key.slice(0, 42) as Address
    accounts[address] ??= { nonce: 1n }
    accounts[address].storage = { ...accounts[address].storage, [`0x${key.slice(44)}`]: value }
  }
  for (const address of RUNNERS) accounts[address] = { ...accounts[address], nonce: 1n, code }
  state = (await fixtureChain(accounts)).state
}, 60_000)

async function deployedCode(bytecode: Hex): Promise<Uint8Array> {
  const { state } = await fixtureChain({ [USER]: { nonce: 1n } })
  const overlay = new StateOverlay(state)
  const { createdAddress } = engineOver(overlay).run(message(undefined, bytecode, 0n))
  return overlay.codeOf(createdAddress!)
}

function engineOver(overlay: StateOverlay) {
  const { number, now: timestamp, prevRandao } = stage.world
  const header = { number, timestamp, prevRandao, beneficiary: USER, gasLimit: GAS, baseFeePerGas: 1n }
  return createEngine({ rules: JOVIAN_RULES, chainId: CHAIN_ID, natives: createLedger(), overlay, block: header })
}

function message(to: Address | undefined, data: Hex, value: bigint) {
  return {
    caller: USER,
    to,
    data: bytesOf(data),
    value,
    gasLimit: GAS,
    gasPrice: 1n,
    accessList: [],
    warmAddresses: [],
  }
}

// ---- scripts ----

const frameData = (steps: readonly Step[], end: End): Hex =>
  encodeFunctionData({ abi: runnerCode.abi, functionName: 'run', args: [steps.map(encoded), END[end]] })

function encoded(step: Step) {
  const mode = MODE[step.mode]
  if (step.kind === 'native') {
    const { contract, data, value } = step.call
    return { mode, target: NATIVE[contract], gasLimit: mode === 0 ? 0n : NATIVE_GAS, value, data }
  }
  const gasLimit = step.mode === 'static' || step.end === 'burns' ? FRAME_GAS : 0n
  const { runner, value, steps, end } = step
  return { mode, target: RUNNERS[runner]!, gasLimit, value, data: frameData(steps, end) }
}

/** The script without what must leave no trace. */
function surviving(steps: readonly Step[]): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.kind === 'native') return step.mode === 'call' ? [step] : []
    if (step.mode === 'static' || step.end !== 'returns') return []
    return [{ ...step, steps: surviving(step.steps) }]
  })
}

/** What a script leaves, run by the first runner: all that differs from the state before. */
function byEngine(steps: readonly Step[], end: End = 'returns') {
  const overlay = new StateOverlay(state)
  const { failure, logs } = engineOver(overlay).run(message(RUNNERS[0], frameData(steps, end), 0n))
  overlay.endTransaction()
  const { storage, accounts } = overlay.diff()
  const balances = new Map([...accounts].map(([address, account]) => [address, account?.balance ?? 0n]))
  return { failure, left: { storage: sorted(storage), balances: sorted(balances), logs, contents: overlay.contents } }
}

/** The same of surviving calls, on the ledger alone. Counts those that go well. */
function byLedger(steps: readonly Step[], counts: Map<string, number>) {
  const world = new World()
  const { number, now, prevRandao } = stage.world
  Object.assign(world, { number, now, prevRandao })
  for (const key of ['storage', 'balances'] as const) {
    world[key].clear()
    for (const [name, value] of stage.world[key]) (world[key] as Map<string, bigint>).set(name, value)
  }
  playOn(world, RUNNERS[0]!, steps, counts)
  const storage = new Map<Address, Map<Hex, bigint>>()
  for (const [key, value] of world.storage) {
    if ((stage.world.storage.get(key) ?? 0n) === value) continue
    const address = key.slice(0, 42) as Address
    storage.set(address, (storage.get(address) ?? new Map()).set(`0x${key.slice(44)}`, value))
  }
  const balances = new Map([...world.balances].filter(([address, wei]) => wei !== stage.world.balance(address)))
  return { storage: sorted(storage), balances: sorted(balances), logs: world.logs, contents: world.contents }
}

function playOn(world: World, self: Address, steps: readonly Step[], counts: Map<string, number>): void {
  for (const step of steps) {
    const value = step.kind === 'native' ? step.call.value : step.mode === 'delegate' ? 0n : step.value
    if (world.balance(self) < value) continue
    if (step.kind === 'frame') {
      const target = RUNNERS[step.runner]!
      world.fund(self, -value)
      world.fund(target, value)
      playOn(world, step.mode === 'delegate' ? self : target, step.steps, counts)
    } else {
      const { name, contract, data } = step.call
      const { ok } = world.raw(self, contract, bytesOf(data), { value, gas: 200_000_000n })
      if (ok) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
}

function sorted<value>(map: ReadonlyMap<Address, value>): [Address, unknown][] {
  const plain = (each: unknown) => (each instanceof Map ? [...each].sort(([a], [b]) => (a < b ? -1 : 1)) : each)
  return [...map].map(([key, each]): [Address, unknown] => [key, plain(each)]).sort(([a], [b]) => (a < b ? -1 : 1))
}

const nativeCall = fc
  .record({ which: fc.constantFrom(0, 0, 0, 1), count: fc.bigInt({ min: 0n, max: 2n }), index: fc.nat(CALLS - 1) })
  .map(({ which, count, index }) => callsFor(stage, which, count)[index]!)

const steps: fc.Arbitrary<Step[]> = fc.letrec<{ steps: Step[]; step: Step; frame: Step }>((tie) => ({
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 8, depthIdentifier: 'script' }),
  frame: fc.record({
    kind: fc.constant('frame' as const),
    mode: fc.constantFrom('call' as const, 'call' as const, 'call' as const, 'static' as const, 'delegate' as const),
    runner: fc.nat({ max: 1 }),
    value: fc.constantFrom(0n, 0n, 5n, parseEther('1'), parseEther('100000')),
    end: fc.constantFrom<End>('returns', 'returns', 'returns', 'reverts', 'reverts', 'burns'),
    steps: tie('steps'),
  }),
  step: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'script', withCrossShrink: true },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('native' as const),
        mode: fc.constantFrom(
          'call' as const,
          'call' as const,
          'call' as const,
          'static' as const,
          'delegate' as const,
        ),
        call: nativeCall,
      }),
    },
    { weight: 4, arbitrary: tie('frame') },
  ),
})).steps

/** A sample that never changes, so that what it covers can be counted. */
const RUNS = { numRuns: 120, seed: 20_26 }

describe('native calls of contracts that revert', () => {
  it('leave what their surviving calls leave, and each kind of call has gone well', () => {
    const counts = new Map<string, number>()
    let undone = 0
    fc.assert(
      fc.property(steps, (script) => {
        const { failure, left } = byEngine(script)
        expect(failure).toBeUndefined()
        const kept = surviving(script)
        expect(left).toEqual(byEngine(kept).left)
        expect(left).toEqual(byLedger(kept, counts))
        if (frameData(kept, 'returns') !== frameData(script, 'returns')) undone++
      }),
      RUNS,
    )
    const names = new Set(callsFor(stage, 0, 0n).map(({ name }) => name))
    expect([...names].filter((name) => !counts.has(name)).sort()).toEqual([...REFUSED].sort())
    expect(undone).toBeGreaterThan(60)
  }, 60_000)

  it('leave nothing where the transaction reverts, or all is static or delegated', () => {
    const nothing = { storage: [], balances: [], logs: [], contents: [] }
    const muted = (script: readonly Step[], mode: 'static' | 'delegate'): Step[] =>
      script.map((step) => (step.kind === 'frame' ? { ...step, steps: muted(step.steps, mode) } : { ...step, mode }))
    const still = (script: readonly Step[]): Step[] =>
      script.map((step) => (step.kind === 'frame' ? { ...step, value: 0n, steps: still(step.steps) } : step))
    fc.assert(
      fc.property(steps, fc.constantFrom('static' as const, 'delegate' as const), (script, mode) => {
        expect(byEngine(script, 'reverts')).toEqual({ failure: 'revert', left: nothing })
        expect(byEngine(still(muted(script, mode))).left).toEqual(nothing)
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})

describe('a contract with a hostile receive()', () => {
  it('is paid without being run, and so cannot enter again', async () => {
    const overlay = new StateOverlay(state)
    const { abi, bytecode } = hostileCode
    const engine = engineOver(overlay)
    overlay.setNonce(USER, 1n)
    const { createdAddress: hostile } = engine.run(message(undefined, bytecode, 0n))
    const call = (functionName: string, args: unknown[], value = 0n, over = engine) =>
      over.run(message(hostile, encodeFunctionData({ abi, functionName, args }), value)).failure
    const held = () => overlay.balance(NATIVE.channels)
    const before = held()
    expect(call('open', [RUNNERS[0]], parseEther('1'))).toBeUndefined()
    expect(call('close', [])).toBeUndefined()
    expect([held() - before, overlay.balance(hostile!)]).toEqual([parseEther('1'), 0n])
    stage.world.pass(3_600n)
    const later = engineOver(overlay)
    stage.world.pass(-3_600n)
    expect(call('refund', [], 0n, later)).toBeUndefined()
    expect([held() - before, overlay.balance(hostile!)]).toEqual([0n, parseEther('1')])
    expect(overlay.storage(hostile!, word(0))).toBe(0n)
    // Not because it cannot run: a plain transfer does run it, and is refused with it.
    expect(later.run(message(hostile, '0x', 1n)).failure).toBe('revert')
    expect(overlay.balance(hostile!)).toBe(parseEther('1'))
  })

  it('nor was any of the runners ever run by what it was paid', () => {
    const { left } = byEngine([
      { kind: 'native', mode: 'call', call: callsFor(stage, 0, 0n).find(({ name }) => name === 'channels.refund')! },
      { kind: 'native', mode: 'call', call: callsFor(stage, 0, 0n).find(({ name }) => name === 'staking.withdraw')! },
      {
        kind: 'native',
        mode: 'call',
        call: callsFor(stage, 0, 0n).find(({ name }) => name === 'datanets.reclaimBond')!,
      },
    ])
    const runner = left.balances.find(([address]) => address === RUNNERS[0])!
    expect(runner[1]).toBe(stage.world.balance(RUNNERS[0]!) + parseEther('5') + COMMIT_BOND)
    expect(left.storage.some(([address]) => address === RUNNERS[0])).toBe(false)
  })
})
