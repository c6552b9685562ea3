/**
 * The state while a block executes: a journal of changes over a reader. Checkpoints nest; reverting one undoes what
 * came after it. A transaction begins and ends here too: slots remember their value at its start (EIP-2200),
 * touched accounts that end empty are removed (EIP-161).
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Account, StateReader } from '../state/reader.ts'
import { emptyDiff, type StateDiff } from '../state/state-diff.ts'
import { bytesToHex, EMPTY_BYTES } from './bytes.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from './header.ts'
import type { AcceptedContent } from './native.ts'

const NEW_ACCOUNT: Account = { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH }

const RIPEMD160: Address = '0x0000000000000000000000000000000000000003'

/** EIP-161. */
function isEmpty(account: Account): boolean {
  return account.nonce === 0n && account.balance === 0n && account.codeHash === EMPTY_CODE_HASH
}

type Slots = Map<Hex, bigint>

export class StateOverlay implements StateReader {
  readonly #base: StateReader
  /** null: removed. Records are never changed in place. */
  readonly #accounts = new Map<Address, Account | null>()
  readonly #slots = new Map<Address, Slots>()
  /** Accounts whose storage below the overlay no longer counts. */
  readonly #cleared = new Set<Address>()
  readonly #codes = new Map<Hex, Uint8Array>()
  readonly #contents: AcceptedContent[] = []
  readonly #undo: (() => void)[] = []
  readonly #checkpoints: number[] = []
  readonly #touched = new Set<Address>()
  /** Values at the transaction's start of the slots that it has written. */
  readonly #original = new Map<Address, Slots>()
  readonly #destroyed = new Set<Address>()
  readonly #removesEmpty: boolean

  /** `removesEmptyAccounts`: EIP-161, as every chain but Ethereum's first years has it. */
  constructor(base: StateReader, { removesEmptyAccounts = true }: { removesEmptyAccounts?: boolean } = {}) {
    this.#base = base
    this.#removesEmpty = removesEmptyAccounts
  }

  account(address: Address): Account | undefined {
    const changed = this.#accounts.get(address)
    return changed === undefined ? this.#base.account(address) : (changed ?? undefined)
  }

  storage(address: Address, slot: Hex): bigint {
    const changed = this.#slots.get(address)?.get(slot)
    if (changed !== undefined) return changed
    return this.#cleared.has(address) ? 0n : this.#base.storage(address, slot)
  }

  code(codeHash: Hex): Uint8Array {
    if (codeHash === EMPTY_CODE_HASH) return EMPTY_BYTES
    return this.#codes.get(codeHash) ?? this.#base.code(codeHash)
  }

  /** Value at the start of the transaction. */
  originalStorage(address: Address, slot: Hex): bigint {
    return this.#original.get(address)?.get(slot) ?? this.storage(address, slot)
  }

  balance(address: Address): bigint {
    return this.account(address)?.balance ?? 0n
  }

  nonce(address: Address): bigint {
    return this.account(address)?.nonce ?? 0n
  }

  codeOf(address: Address): Uint8Array {
    const hash = this.account(address)?.codeHash
    return hash === undefined ? EMPTY_BYTES : this.code(hash)
  }

  /** Contents that native calls accepted and no revert took back, in order. */
  get contents(): readonly AcceptedContent[] {
    return this.#contents
  }

  putAccount(address: Address, account: Account): void {
    this.#setAccount(address, account)
    this.#touch(address)
  }

  removeAccount(address: Address): void {
    this.clearStorage(address)
    this.#setAccount(address, null)
    this.#touch(address)
  }

  /** Credits wei; touches the account even where the value is 0. */
  addBalance(address: Address, value: bigint): void {
    const account = this.account(address) ?? NEW_ACCOUNT
    this.putAccount(address, { ...account, balance: account.balance + value })
  }

  /** Throws where the account holds less: callers check what outside input may ask for. */
  subtractBalance(address: Address, value: bigint): void {
    const account = this.account(address) ?? NEW_ACCOUNT
    if (account.balance < value) throw new Error(`${address} holds ${account.balance} wei, not ${value}`)
    this.putAccount(address, { ...account, balance: account.balance - value })
  }

  setNonce(address: Address, nonce: bigint): void {
    this.putAccount(address, { ...(this.account(address) ?? NEW_ACCOUNT), nonce })
  }

  setCode(address: Address, code: Uint8Array): void {
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(code))
    // Left in place on revert: a code that nothing names does no harm, and the diff leaves it out.
    if (code.length > 0) this.#codes.set(codeHash, code)
    this.putAccount(address, { ...(this.account(address) ?? NEW_ACCOUNT), codeHash })
  }

  setStorage(address: Address, slot: Hex, value: bigint): void {
    const current = this.storage(address, slot)
    this.#rememberOriginal(address, slot, current)
    if (current === value) return
    let slots = this.#slots.get(address)
    if (slots === undefined) {
      slots = new Map()
      this.#slots.set(address, slots)
    }
    this.#setKey(slots, slot, value)
  }

  /** Forgets every slot of the account. */
  clearStorage(address: Address): void {
    const slots = this.#slots.get(address)
    if (slots !== undefined) {
      this.#slots.delete(address)
      this.#undo.push(() => this.#slots.set(address, slots))
    }
    if (this.#cleared.has(address)) return
    this.#cleared.add(address)
    this.#undo.push(() => this.#cleared.delete(address))
    const account = this.account(address)
    if (account !== undefined && account.storageRoot !== EMPTY_ROOT) {
      this.#setAccount(address, { ...account, storageRoot: EMPTY_ROOT })
    }
  }

  acceptContent(content: AcceptedContent): void {
    this.#contents.push(content)
    this.#undo.push(() => this.#contents.pop())
  }

  /** Has something undone with what was changed since the last checkpoint, if that is reverted. */
  onRevert(undo: () => void): void {
    this.#undo.push(undo)
  }

  checkpoint(): void {
    this.#checkpoints.push(this.#undo.length)
  }

  commit(): void {
    this.#popCheckpoint()
    if (this.#checkpoints.length === 0) this.#undo.length = 0
  }

  revert(): void {
    const length = this.#popCheckpoint()
    while (this.#undo.length > length) this.#undo.pop()!()
  }

  /** The account goes when the transaction ends, with all that it will have received by then. */
  destroy(address: Address): void {
    this.#destroyed.add(address)
  }

  /** Removes what was destroyed and touched accounts that are empty; forgets what counts within one transaction. */
  endTransaction(): void {
    for (const address of this.#destroyed) this.removeAccount(address)
    if (this.#removesEmpty) this.#removeEmpty()
    this.#destroyed.clear()
    this.#touched.clear()
    this.#original.clear()
    if (this.#checkpoints.length === 0) this.#undo.length = 0
  }

  #removeEmpty(): void {
    for (const address of this.#touched) {
      const account = this.account(address)
      if (account !== undefined && isEmpty(account)) this.removeAccount(address)
    }
  }

  /** What differs from the reader below. */
  diff(): StateDiff {
    const diff = emptyDiff()
    for (const [address, account] of this.#accounts) this.#diffAccount(diff, address, account)
    for (const address of this.#cleared) this.#diffCleared(diff, address)
    for (const [address, slots] of this.#slots) this.#diffStorage(diff, address, slots)
    return diff
  }

  #diffAccount(diff: StateDiff, address: Address, account: Account | null): void {
    const before = this.#base.account(address)
    if (account === null) {
      if (before !== undefined) diff.accounts.set(address, null)
      return
    }
    const { nonce, balance, codeHash } = account
    const isSame = before?.nonce === nonce && before.balance === balance && before.codeHash === codeHash
    if (isSame) return
    diff.accounts.set(address, { nonce, balance, codeHash })
    const code = this.#codes.get(codeHash)
    if (code !== undefined && before?.codeHash !== codeHash) diff.codes.set(codeHash, code)
  }

  #diffCleared(diff: StateDiff, address: Address): void {
    const root = this.#base.account(address)?.storageRoot
    if (root !== undefined && root !== EMPTY_ROOT && this.account(address) !== undefined) diff.cleared.add(address)
  }

  #diffStorage(diff: StateDiff, address: Address, slots: Slots): void {
    if (this.account(address) === undefined) return
    const isCleared = this.#cleared.has(address)
    const changed: Slots = new Map()
    for (const [slot, value] of slots) {
      const before = isCleared ? 0n : this.#base.storage(address, slot)
      if (before !== value) changed.set(slot, value)
    }
    if (changed.size > 0) diff.storage.set(address, changed)
  }

  #setAccount(address: Address, account: Account | null): void {
    this.#setKey(this.#accounts, address, account)
  }

  #setKey<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const previous = map.get(key)
    map.set(key, value)
    this.#undo.push(previous === undefined ? () => map.delete(key) : () => map.set(key, previous))
  }

  #touch(address: Address): void {
    if (this.#touched.has(address)) return
    this.#touched.add(address)
    // Block 2,675,119 of Ethereum touched this one in a call that failed, and removed it nevertheless.
    if (address !== RIPEMD160) this.#undo.push(() => this.#touched.delete(address))
  }

  #rememberOriginal(address: Address, slot: Hex, value: bigint): void {
    let slots = this.#original.get(address)
    if (slots === undefined) {
      slots = new Map()
      this.#original.set(address, slots)
    }
    if (!slots.has(slot)) this.#setKey(slots, slot, value)
  }

  #popCheckpoint(): number {
    const length = this.#checkpoints.pop()
    if (length === undefined) throw new Error('no checkpoint is open')
    return length
  }
}
