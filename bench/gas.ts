/**
 * `bench gas`: how fast each call of a native contract burns its gas, against the slowest gas of the EVM itself (MODEXP at its
 * worst lengths). Where a ratio is above 1, a full block of that call takes less time than a full block of the peer, so no
 * native call makes a block slower than a contract can make it. It also prints each call's gas: the table of docs/gas.md.
 *
 * The calls are those of the ledger's test worlds, each timed as it happens: a native call is a pure function of a reader and
 * a call, so it may be run again. The state is in memory, every slot cold; the transaction's own gas is not in the figures.
 */
import { type Abi, decodeFunctionData } from 'viem'
import { NATIVE_ABI } from '../genesis/abi/native.ts'
import { NATIVE } from '../genesis/addresses.ts'
import type { NativeCall, NativeContracts, NativeReader, NativeResult } from '../node/execution/native.ts'
import { OP_RULES } from '../node/execution/op-rules.ts'
import { precompilesOf } from '../node/execution/precompiles/precompile-set.ts'
import { hexOf } from '../node/ledger/calls/face.ts'
import { createLedger } from '../node/ledger/ledger.ts'
import { DisputeStage } from '../node/ledger/testing/dispute-stage.ts'
import { World } from '../node/ledger/testing/ledger-harness.ts'
import { RefusalStage } from '../node/ledger/testing/refusal-stage.ts'
import { requestId } from '../protocol/request.ts'
import { type BenchOptions, type BenchResult, median, printNote, printResult } from './measure.ts'

const ROUNDS = 5
const MODEXP = '0x0000000000000000000000000000000000000005'

/** Of one call: its gas, and the seconds that it took. */
type Sample = { gas: bigint; seconds: number }

/** A ledger that runs each call that succeeds some more times, and remembers how long it takes. */
class TimedLedger implements NativeContracts {
  readonly samples = new Map<string, Sample[]>()
  readonly #ledger = createLedger()

  get addresses() {
    return this.#ledger.addresses
  }

  call(reader: NativeReader, call: NativeCall): NativeResult {
    const result = this.#ledger.call(reader, call)
    const name = nameOf(call)
    if (!result.ok || name === undefined) return result
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now()
      this.#ledger.call(reader, call)
      return (performance.now() - start) / 1_000
    })
    const samples = this.samples.get(name) ?? []
    samples.push({ gas: result.gasUsed, seconds: Math.min(...times) })
    this.samples.set(name, samples)
    return result
  }
}

/** `contract.function` of a call; undefined of the maturing deposit, which has its own gas. */
function nameOf({ to, data }: NativeCall): string | undefined {
  if (data.length === 0) return undefined
  const contract = (Object.keys(NATIVE) as (keyof typeof NATIVE_ABI)[]).find((each) => NATIVE[each] === to)!
  const abi: Abi = NATIVE_ABI[contract]
  return `${contract}.${decodeFunctionData({ abi, data: hexOf(data) }).functionName}`
}

/** What the test worlds do, and the disputes that they do not. */
function play(ledger: NativeContracts): void {
  new RefusalStage(new World(ledger))
  const stage = new DisputeStage(undefined, undefined, new World(ledger))
  const { world, challenger } = stage
  const leaf = (n: bigint) => stage.honestLeaf({ n, fee: 1_000n + n })
  const wrong = { ...leaf(1n), entries: leaf(1n).entries.map((entry) => ({ ...entry, raw: entry.raw - 1 })) }
  stage.challengeScore(stage.claim(wrong), wrong, 0, wrong.entries[0]!.row)
  const short = { ...leaf(2n), entries: leaf(2n).entries.slice(1) }
  stage.challengeOmission(stage.claim(short), short, leaf(2n).entries[0]!.row)
  const shown = leaf(3n)
  const claim = stage.claim(shown)
  world.send(challenger.address, 'attribution', 'demandOpening', [claim, shown], { value: 10n ** 16n })
  world.send(challenger.address, 'attribution', 'reveal', [claim, shown, stage.opening()])
  const signed = leaf(4n)
  const other = stage.signReceipt({ ...signed, fee: 1n })
  const salt = stage.commitChallenge(requestId(signed.channel, 4n))
  const args = [stage.claim(signed), signed, { ...signed, fee: 1n }, other, salt] as const
  world.send(challenger.address, 'attribution', 'challengeReceipt', args)
}

/** Gas a second of MODEXP, by the lengths of its operands in bytes. */
function slowestGas(): { rate: number; name: string } {
  const modexp = precompilesOf(OP_RULES.jovian).get(MODEXP)!
  const rates = [32, 64, 128, 200, 256, 512, 1_024].flatMap((length) =>
    [32, 256].map((exponent) => {
      const input = new Uint8Array(96 + 2 * length + exponent).fill(0xff, 96)
      const head = new DataView(input.buffer)
      head.setUint32(28, length)
      head.setUint32(60, exponent)
      head.setUint32(92, length)
      const gas = Number(modexp.gas(input))
      const times = Array.from({ length: 3 }, () => {
        const start = performance.now()
        modexp.run(input)
        return (performance.now() - start) / 1_000
      })
      return { rate: gas / Math.min(...times), name: `MODEXP of ${length} bytes, exponent of ${exponent}` }
    }),
  )
  return rates.reduce((slowest, each) => (each.rate < slowest.rate ? each : slowest))
}

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  // Once to warm up, once to measure.
  play(new TimedLedger())
  const ledger = new TimedLedger()
  play(ledger)
  const peer = slowestGas()
  printNote(`peer: ${peer.name}, ${(peer.rate / 1e6).toFixed(1)} Mgas/s`, options)
  return [...ledger.samples].sort().map(([metric, samples]) => {
    const rates = samples.map(({ gas, seconds }) => Number(gas) / seconds)
    const gas = samples.map((sample) => Number(sample.gas)).sort((a, b) => a - b)
    printNote(`${metric}: ${gas[0]} to ${gas.at(-1)} gas in ${gas.length} calls`, options)
    const value = median(rates) / 1e6
    const result: BenchResult = {
      ...{ bench: 'gas', metric, value, unit: 'Mgas/s', peer: peer.name, peerValue: peer.rate / 1e6 },
      ...{ ratio: (value * 1e6) / peer.rate, runs: rates.length },
      spread: (Math.max(...rates) - Math.min(...rates)) / median(rates),
    }
    printResult(result, options)
    return result
  })
}
