/** The overlay as @ethereumjs/evm wants to see it. Its promises are all resolved already: state is synchronous. */
import type { AccountFields, StateManagerInterface } from '@ethereumjs/common'
import { Account, type Address as EvmAddress } from '@ethereumjs/util'
import type { Hex } from 'viem'
import type { Account as StateAccount } from '../state/reader.ts'
import { bytesToHex, bytesToUint, hexToBytes, uintToBytes } from './bytes.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from './header.ts'
import type { StateOverlay } from './state-overlay.ts'

const EMPTY_CODE_HASH_BYTES = hexToBytes(EMPTY_CODE_HASH)
const EMPTY_ROOT_BYTES = hexToBytes(EMPTY_ROOT)

const hashBytes = (hash: Hex): Uint8Array => {
  if (hash === EMPTY_CODE_HASH) return EMPTY_CODE_HASH_BYTES
  return hash === EMPTY_ROOT ? EMPTY_ROOT_BYTES : hexToBytes(hash)
}

const hashHex = (bytes: Uint8Array): Hex => {
  if (bytes === EMPTY_CODE_HASH_BYTES) return EMPTY_CODE_HASH
  return bytes === EMPTY_ROOT_BYTES ? EMPTY_ROOT : bytesToHex(bytes)
}

function fromState(account: StateAccount): Account {
  return new Account(account.nonce, account.balance, hashBytes(account.storageRoot), hashBytes(account.codeHash))
}

function toState(account: Account): StateAccount {
  const { nonce, balance, storageRoot, codeHash } = account
  return { nonce, balance, storageRoot: hashHex(storageRoot), codeHash: hashHex(codeHash) }
}

/** The engine never asks for roots: they are computed once, after the block. */
const noRoots = (): never => {
  throw new Error('state roots are not available while a block executes')
}

export class OverlayStateManager implements StateManagerInterface {
  readonly #overlay: StateOverlay
  readonly originalStorageCache: StateManagerInterface['originalStorageCache']

  constructor(overlay: StateOverlay) {
    this.#overlay = overlay
    this.originalStorageCache = {
      get: async (address, key) => uintToBytes(overlay.originalStorage(bytesToHex(address.bytes), bytesToHex(key))),
      clear: () => {},
    }
  }

  async getAccount(address: EvmAddress): Promise<Account | undefined> {
    const account = this.#overlay.account(bytesToHex(address.bytes))
    return account && fromState(account)
  }

  async putAccount(address: EvmAddress, account?: Account): Promise<void> {
    if (account === undefined) return this.deleteAccount(address)
    this.#overlay.putAccount(bytesToHex(address.bytes), toState(account))
  }

  async deleteAccount(address: EvmAddress): Promise<void> {
    this.#overlay.removeAccount(bytesToHex(address.bytes))
  }

  async modifyAccountFields(address: EvmAddress, fields: AccountFields): Promise<void> {
    const account = (await this.getAccount(address)) ?? new Account()
    await this.putAccount(address, Object.assign(account, fields))
  }

  async putCode(address: EvmAddress, code: Uint8Array): Promise<void> {
    this.#overlay.setCode(bytesToHex(address.bytes), code)
  }

  async getCode(address: EvmAddress): Promise<Uint8Array> {
    return this.#overlay.codeOf(bytesToHex(address.bytes))
  }

  async getCodeSize(address: EvmAddress): Promise<number> {
    return this.#overlay.codeOf(bytesToHex(address.bytes)).length
  }

  async getStorage(address: EvmAddress, key: Uint8Array): Promise<Uint8Array> {
    return uintToBytes(this.#overlay.storage(bytesToHex(address.bytes), bytesToHex(key)))
  }

  async putStorage(address: EvmAddress, key: Uint8Array, value: Uint8Array): Promise<void> {
    this.#overlay.setStorage(bytesToHex(address.bytes), bytesToHex(key), bytesToUint(value))
  }

  async clearStorage(address: EvmAddress): Promise<void> {
    this.#overlay.clearStorage(bytesToHex(address.bytes))
  }

  async checkpoint(): Promise<void> {
    this.#overlay.checkpoint()
  }

  async commit(): Promise<void> {
    this.#overlay.commit()
  }

  async revert(): Promise<void> {
    this.#overlay.revert()
  }

  getStateRoot = async (): Promise<Uint8Array> => noRoots()
  setStateRoot = async (): Promise<void> => noRoots()
  hasStateRoot = async (): Promise<boolean> => noRoots()
  clearCaches(): void {}
  shallowCopy = (): StateManagerInterface => noRoots()
}
