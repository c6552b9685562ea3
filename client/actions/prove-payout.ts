import type { Address } from '../../genesis/addresses.ts'
import type { NativeClient } from '../native-transaction.ts'
import { type ProvedSlotsErrorType, type ProvedState, provedField, provedSlots } from '../proved-slots.ts'

export type ProvePayoutParameters = ProvedState & {
  /** Who is paid. */
  recipient: Address
}
export type ProvedPayout = {
  /** Wei that requests have brought the account and that have been paid out to it, ever. */
  paid: bigint
  /** Wei that have matured and wait for more, or for their turn. */
  owed: bigint
  /** Wei that mature later: until then a challenge can take them back. */
  pending: { amount: bigint; maturesAt: bigint }[]
}
export type ProvePayoutReturnType = ProvedPayout
export type ProvePayoutErrorType = ProvedSlotsErrorType

/** Attribution's variable that holds what is pending, by target; an account's target is its address (node/ledger/README.md). */
const PENDING = 3n

/**
 * What an account has earned by requests, as the chain's state proves it, by eth_getProof: nothing is believed but the
 * state root. Throws {@link StateProofError} where the proof does not hold. Income of shares is not in it.
 *
 * @example
 * const { paid } = await provePayout(client, { recipient, blockNumber, stateRoot })
 */
export async function provePayout(
  client: NativeClient,
  parameters: ProvePayoutParameters,
): Promise<ProvePayoutReturnType> {
  const mapping = { variable: PENDING, key: BigInt(parameters.recipient), count: 3 }
  const [target, ...lanes] = await provedSlots(client, 'attribution', mapping, parameters)
  return {
    owed: provedField(target!, 0n, 128),
    paid: provedField(target!, 128n, 128),
    pending: lanes
      .map((lane) => ({ maturesAt: provedField(lane, 0n, 64), amount: provedField(lane, 64n, 128) }))
      .filter(({ amount }) => amount > 0n),
  }
}
