/** The accounts of `bench state`, and which of them each round changes: the same in every run. */
import { toHex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { EMPTY_CODE_HASH } from '../../node/state/account-codec.ts'
import { emptyDiff, type StateDiff } from '../../node/state/state-diff.ts'
import { keccak256 } from '../../protocol/keccak.ts'

const GWEI = 10n ** 9n

/** New accounts: addresses as they come of keys, nonce 0, some 2 ETH each. */
export function accountsFrom(first: number, count: number): StateDiff {
  const diff = emptyDiff()
  for (let i = first; i < first + count; i++) set(diff, i, 0n, 2_000_000_000n + BigInt(i))
  return diff
}

/** A round's changes, spread over all accounts: another nonce and balance each. No two rounds change the same. */
export function updatesOf(accounts: number, count: number, round: number): StateDiff {
  const diff = emptyDiff()
  const stride = Math.floor(accounts / count)
  for (let i = 0; i < count; i++) {
    const index = (i * stride + round) % accounts
    set(diff, index, BigInt(round + 1), 1_999_000_000n + BigInt(index * 7 + round))
  }
  return diff
}

function set(diff: StateDiff, index: number, nonce: bigint, gwei: bigint): void {
  diff.accounts.set(addressOf(index), { nonce, balance: gwei * GWEI + BigInt(index), codeHash: EMPTY_CODE_HASH })
}

function addressOf(index: number): Address {
  const seed = new Uint8Array(4)
  new DataView(seed.buffer).setUint32(0, index)
  return toHex(keccak256(seed).subarray(12))
}
