/**
 * Wei per unit of blob gas from a header's excessBlobGas (EIP-4844, fake_exponential). The update fraction follows the
 * L1's forks: EIP-4844, EIP-7691 (Prague), and EIP-7892's blob-parameter-only forks as their activations were announced.
 */

export type BlobSchedule = { from: bigint; updateFraction: bigint }[]

const CANCUN = 3_338_477n
const PRAGUE = 5_007_716n
const BPO1 = 8_346_193n
const BPO2 = 11_684_671n

/** Activation times in seconds, ascending, by L1 chain id. Other chains: Prague's fraction from the start. */
const SCHEDULES: Record<number, BlobSchedule> = {
  1: [
    { from: 0n, updateFraction: CANCUN },
    { from: 1_746_612_311n, updateFraction: PRAGUE },
    { from: 1_765_290_071n, updateFraction: BPO1 },
    { from: 1_767_747_671n, updateFraction: BPO2 },
  ],
  11155111: [
    { from: 0n, updateFraction: CANCUN },
    { from: 1_741_159_776n, updateFraction: PRAGUE },
    { from: 1_761_017_184n, updateFraction: BPO1 },
    { from: 1_761_607_008n, updateFraction: BPO2 },
  ],
}

export function blobScheduleOf(l1ChainId: number): BlobSchedule {
  return SCHEDULES[l1ChainId] ?? [{ from: 0n, updateFraction: PRAGUE }]
}

export function blobBaseFee(schedule: BlobSchedule, timestamp: bigint, excessBlobGas: bigint): bigint {
  const fraction = schedule.findLast(({ from }) => from <= timestamp)?.updateFraction ?? PRAGUE
  return fakeExponential(1n, excessBlobGas, fraction)
}

/** factor · e^(numerator / denominator) by Taylor's series in integers. */
function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let sum = 0n
  let term = factor * denominator
  for (let index = 1n; term > 0n; index++) {
    sum += term
    term = (term * numerator) / (denominator * index)
  }
  return sum / denominator
}
