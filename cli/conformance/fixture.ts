/** What the files of Ethereum's tests are made of: quantities, accounts, and the state that a test begins with. */
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../../genesis/addresses.ts'
import { bytesToHex, hexToBytes, wordHex } from '../../node/execution/bytes.ts'
import { EMPTY_CODE_HASH } from '../../node/execution/header.ts'
import { StateDatabase } from '../../node/state/state-database.ts'
import { emptyDiff } from '../../node/state/state-diff.ts'
import { MemoryStore } from '../../node/store/memory-store.ts'
import type { Store } from '../../node/store/store.ts'
import { keccak256 } from '../../protocol/keccak.ts'

/** Hexadecimal, or decimal as older files have it; nothing at all is zero. */
export const quantity = z
  .string()
  .regex(/^(0x[0-9a-fA-F]*|[0-9]+)$/, 'must be a quantity, hexadecimal or decimal')
  .transform((text) => (text === '0x' ? 0n : BigInt(text)))

export const bytes = z
  .string()
  .regex(/^(0x)?([0-9a-fA-F]{2})*$/, 'must be bytes in hexadecimal')
  .transform((text): Hex => `0x${text.replace(/^0x/, '').toLowerCase()}`)

export const address = bytes.refine((hex) => hex.length === 42, 'must be an address of 20 bytes')
export const hash = bytes.refine((hex) => hex.length === 66, 'must be a hash of 32 bytes')
/** Older files leave leading zeros out. */
export const word = z
  .string()
  .transform((text) => (text === '' || text === '0x' ? '0x0' : text))
  .pipe(quantity)
  .transform(wordHex)

export const accountSchema = z.object({
  balance: quantity,
  nonce: quantity,
  code: bytes,
  storage: z.record(word, quantity),
})

export const stateSchema = z.record(address, accountSchema)
export type FixtureState = z.output<typeof stateSchema>

/** A database in memory with this state at block 0. Every account is there, empty ones too. */
export async function stateOf(accounts: FixtureState): Promise<{ store: Store; state: StateDatabase; stateRoot: Hex }> {
  const store = new MemoryStore()
  const state = await StateDatabase.open({ store })
  const diff = emptyDiff()
  for (const [key, { nonce, balance, code, storage }] of Object.entries(accounts)) {
    const address = key as Address
    const codeBytes = hexToBytes(code)
    const codeHash = codeBytes.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(codeBytes))
    diff.accounts.set(address, { nonce, balance, codeHash })
    if (codeBytes.length > 0) diff.codes.set(codeHash, codeBytes)
    diff.storage.set(address, new Map(Object.entries(storage) as [Hex, bigint][]))
  }
  const prepared = state.prepare(diff, 0n)
  await store.write(prepared.operations)
  state.applied(prepared)
  return { store, state, stateRoot: prepared.stateRoot }
}
