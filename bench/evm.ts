/**
 * `bench evm`: Mgas/s of eth_call over loops of one kind of work each (bench/evm/programs.ts), our engine in this process
 * against @ethereumjs/evm as it comes, in this process too, and against anvil (revm) over JSON-RPC, where the
 * request's own cost is a thousandth of the call's.
 */
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { createAddressFromString } from '@ethereumjs/util'
import { bytesToHex, wordBytes } from '../node/execution/bytes.ts'
import { simulateCall } from '../node/execution/call.ts'
import { fixtureChain } from '../node/execution/execution-fixture.ts'
import { CODES, PROGRAMS, type Program } from './evm/programs.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'
import { startAnvil } from './tps/contenders.ts'

const ROUNDS = 5
const CALLER = '0x00000000000000000000000000000000000000c0'
const GAS = 50_000_000n

/** Runs the program's loop so many times over. */
type Runner = (program: Program, input: Uint8Array) => Promise<void>

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const { runner: ours, gasOf } = await startOurs()
  const ethereumjs = await startEthereumjs()
  const anvil = await startAnvil(
    1_000_000_000,
    Object.fromEntries(CODES.map(({ address, code }) => [address, { balance: '0x0', code: bytesToHex(code) }])),
  )
  const viaRpc: Runner = async ({ at }, input) => {
    const request = { from: CALLER, to: at, gas: `0x${GAS.toString(16)}`, data: bytesToHex(input) }
    await anvil.rpc.request('eth_call', [request, 'latest'])
  }
  try {
    printNote(`Prague's gas in all; ours with state in memory, ${anvil.config}`, options)
    const results: BenchResult[] = []
    for (const program of PROGRAMS) {
      const input = wordBytes(program.rounds)
      const gas = Number(await gasOf(program, input))
      const contender = (name: string, runner: Runner) => ({
        name,
        run: async () => gas / 1e6 / (await seconds(() => runner(program, input))),
      })
      const subject = contender('openledger', ours)
      for (const peer of [contender('@ethereumjs/evm', ethereumjs), contender('anvil', viaRpc)]) {
        const result = await compare({
          bench: 'evm',
          metric: program.name,
          unit: 'Mgas/s',
          rounds: ROUNDS,
          subject,
          peer,
        })
        printResult(result, options)
        results.push(result)
      }
    }
    return results
  } finally {
    await anvil.stop()
  }
}

async function startOurs() {
  const chain = await fixtureChain(Object.fromEntries(CODES.map(({ address, code }) => [address, { code }])))
  const { header } = chain.head.block
  const call = async ({ at, name }: Program, data: Uint8Array) => {
    const request = { from: CALLER, to: at, gas: GAS, gasPrice: undefined, value: 0n, data } as const
    const result = await simulateCall(chain, chain.state, header, request)
    if (!result.succeeded) throw new Error(`${name} failed: ${result.reason}`)
    return result.gasUsed
  }
  const runner: Runner = async (program, input) => {
    await call(program, input)
  }
  return { runner, gasOf: call }
}

async function startEthereumjs(): Promise<Runner> {
  const common = createCustomCommon({ chainId: 901 }, Mainnet, { hardfork: Hardfork.Prague })
  const stateManager = new SimpleStateManager({ common })
  const evm = await createEVM({ common, stateManager })
  for (const { address, code } of CODES) await stateManager.putCode(createAddressFromString(address), code)
  return async ({ at, name }, data) => {
    // As the VM does between messages; what a call changes is thrown away.
    await evm.journal.checkpoint()
    const caller = createAddressFromString(CALLER)
    const { execResult } = await evm.runCall({ caller, to: createAddressFromString(at), gasLimit: GAS, data })
    await evm.journal.revert()
    evm.journal.cleanJournal()
    if (execResult.exceptionError !== undefined) throw new Error(`${name} failed: ${execResult.exceptionError.error}`)
  }
}
