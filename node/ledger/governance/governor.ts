/** Who governs: the account that Parameters names, on a public network the timelock. */
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GOVERNOR_SLOT } from '../../../genesis/parameters.ts'
import type { CallContext, Place } from '../calls/context.ts'

const governorPlace: Place = { account: NATIVE.parameters, slot: BigInt(GOVERNOR_SLOT) }

/** The governor, at the price of one slot. */
export function governorOf(context: CallContext): Address {
  return `0x${context.read(governorPlace).toString(16).padStart(40, '0')}`
}
