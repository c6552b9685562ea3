/**
 * How every benchmark here measures: a subject and a named peer take turns in the same run, several rounds,
 * and what counts is the median of the rounds' ratios. Machines are shared and noisy; a figure without a
 * peer says little. A benchmark exports `run(options)`, prints each result as soon as it stands and
 * returns them all.
 */

export type BenchOptions = {
  /** One JSON object per line on stdout, and nothing else there. */
  json: boolean
  /** How long a run is, for benchmarks that grow one. */
  transactions?: number
}

export type BenchResult = {
  bench: string
  metric: string
  /** Median over the rounds, in `unit`; more is better unless the metric's name says otherwise. */
  value: number
  unit: string
  peer: string
  /** Median of the peer over the same rounds. */
  peerValue: number
  /** Median of value/peerValue, round by round. */
  ratio: number
  runs: number
  /** (largest − least) / median of the rounds' ratios. */
  spread: number
}

/** One run of a contender: resolves with what it measured, in the comparison's unit. */
export type Contender = { name: string; run: () => number | Promise<number> }

/** Runs subject and peer in turns, the order swapped from round to round, after one round that does not count. */
export async function compare(comparison: {
  bench: string
  metric: string
  unit: string
  rounds: number
  subject: Contender
  peer: Contender
}): Promise<BenchResult> {
  const { bench, metric, unit, rounds, subject, peer } = comparison
  const values: number[] = []
  const peerValues: number[] = []
  await subject.run()
  await peer.run()
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) values.push(await subject.run())
    peerValues.push(await peer.run())
    if (round % 2 === 1) values.push(await subject.run())
  }
  const ratios = values.map((value, round) => value / peerValues[round]!)
  return {
    bench,
    metric,
    value: median(values),
    unit,
    peer: peer.name,
    peerValue: median(peerValues),
    ratio: median(ratios),
    runs: rounds,
    spread: (Math.max(...ratios) - Math.min(...ratios)) / median(ratios),
  }
}

/** Seconds that the work took, by the monotonic clock. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Middle value; the mean of the two middle ones of an even number. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Prints a result: one JSON object, or a line for people. */
export function printResult(result: BenchResult, options: BenchOptions): void {
  console.log(options.json ? JSON.stringify(result) : resultLine(result))
}

/** Prints what a reader must know beside the figures (a chain config, a limit of the machine). Not part of the results: with `json` it goes to stderr. */
export function printNote(note: string, options: BenchOptions): void {
  if (options.json) console.error(note)
  else console.log(`  ${note}`)
}

function resultLine(result: BenchResult): string {
  const { bench, metric, value, unit, peer, peerValue, ratio, runs, spread } = result
  const figures = `${figure(value)} ${unit} against ${figure(peerValue)} ${unit} (${peer})`
  return `${bench} ${metric}: ${figure(ratio)} × — ${figures}; ${runs} rounds, spread ${Math.round(spread * 100)} %`
}

function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 })
}
