/** What a block changes in the state, as execution hands it over. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'

export type StateDiff = {
  /** Final values; null: the account is gone, with its storage. */
  accounts: Map<Address, { nonce: bigint; balance: bigint; codeHash: Hex } | null>
  /** Final values by slot (32 bytes); 0n removes. */
  storage: Map<Address, Map<Hex, bigint>>
  /** Accounts whose storage is wiped before the writes. */
  cleared: Set<Address>
  /** New codes by keccak. */
  codes: Map<Hex, Uint8Array>
}

export function emptyDiff(): StateDiff {
  return { accounts: new Map(), storage: new Map(), cleared: new Set(), codes: new Map() }
}
