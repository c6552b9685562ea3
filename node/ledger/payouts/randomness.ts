/**
 * Randomness for draws (docs/protocol.md, "Randomness"): a ring of what the last 8,192 L1 blocks drew. The maturing
 * deposit, in the first L2 block of each L1 block, records prevRandao, which is that L1 block's own. A draw names an
 * L1 number before it is there (parameter drawDelay ahead), so that nobody chooses it by waiting, by order, or by sending again.
 *
 *     Attribution slot 10: draw[l1Number mod 8192] = l1Number u64 (low bits) ‖ keccak(prevRandao)'s first 192 bits
 */
import { NATIVE, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { RANDOMNESS_GAS } from '../../../genesis/gas.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { at, readRecord, recordLayout, variable, writeRecord } from '../calls/storage-layout.ts'

/** L1 blocks that the ring remembers: 27 hours of Ethereum's. */
export const RANDOMNESS_RING = 8_192n

export const randomnessLayout = recordLayout({ l1Number: 'uint64', value: 'uint192' })
const ring = variable(NATIVE.attribution, 10)
/** L1Block's `number`: the low 64 bits of its slot 0 (genesis/solidity/l2/L1Block.sol). */
const l1BlockNumber: Place = { account: PREDEPLOYS.l1Block, slot: 0n }

function ringPlace(context: CallContext, l1Number: bigint): Place {
  return at(context, ring, l1Number % RANDOMNESS_RING)
}

/** Number of the L1 origin of the block that the call is in. */
export function l1Number(context: CallContext): bigint {
  return BigInt.asUintN(64, context.read(l1BlockNumber))
}

/** The 192 bits that were drawn by the L1 block; undefined where they are not there yet, or not any more. */
export function randomnessOf(context: CallContext, l1Number: bigint): bigint | undefined {
  const record = readRecord(context, ringPlace(context, l1Number), randomnessLayout)
  return record.l1Number === l1Number && l1Number !== 0n ? record.value : undefined
}

/**
 * Records the present L1 origin's draw, as the maturing deposit's first act. With too little gas it does nothing (draws
 * of that number then find nothing); it throws in no case, and never replaces what an L1 number has drawn.
 */
export function recordRandomness(context: CallContext): void {
  if (context.gasLeft < RANDOMNESS_GAS) return
  const number = l1Number(context)
  if (number === 0n) return
  const place = ringPlace(context, number)
  const { l1Number: recorded } = readRecord(context, place, randomnessLayout, ['l1Number'])
  if (recorded >= number) return
  const value = BigInt(hexOf(context.keccak(bytesOf(context.call.block.prevRandao)))) >> 64n
  writeRecord(context, place, randomnessLayout, { l1Number: number, value })
}
