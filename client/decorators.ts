/**
 * The actions bound to a client, for viem's `client.extend(…)`: each loses its first argument. `depositOpen` stays a
 * function, because its client is one of L1.
 */
import type { NativeClient } from './native-transaction.ts'
import { type OpenledgerPublicActions, openledgerPublicActions } from './public-actions.ts'
import { type OpenledgerWalletActions, openledgerWalletActions } from './wallet-actions.ts'

export type { OpenledgerPublicActions, OpenledgerWalletActions }
export { openledgerPublicActions, openledgerWalletActions }

/** Both. */
export const openledgerActions =
  () =>
  (client: NativeClient): OpenledgerPublicActions & OpenledgerWalletActions => ({
    ...openledgerPublicActions()(client),
    ...openledgerWalletActions()(client),
  })
