/** Addresses and slots that a message has met, which are cheaper from then on (EIP-2929). A revert forgets what it met. */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import type { StateOverlay } from '../state-overlay.ts'

export class AccessSet {
  readonly #overlay: StateOverlay
  readonly #always: { has(address: Address): boolean }
  readonly #addresses = new Set<Address>()
  readonly #slots = new Map<Address, Set<Hex>>()

  /** `always`: addresses that are never cold (precompiles). */
  constructor(overlay: StateOverlay, always: { has(address: Address): boolean }) {
    this.#overlay = overlay
    this.#always = always
  }

  has(address: Address): boolean {
    return this.#addresses.has(address) || this.#always.has(address)
  }

  hasSlot(address: Address, slot: Hex): boolean {
    return this.#slots.get(address)?.has(slot) ?? false
  }

  /** Whether it was new. */
  add(address: Address): boolean {
    if (this.has(address)) return false
    this.#addresses.add(address)
    this.#overlay.onRevert(() => this.#addresses.delete(address))
    return true
  }

  /** Whether it was new. */
  addSlot(address: Address, slot: Hex): boolean {
    let slots = this.#slots.get(address)
    if (slots === undefined) {
      slots = new Set()
      this.#slots.set(address, slots)
    }
    if (slots.has(slot)) return false
    slots.add(slot)
    this.#overlay.onRevert(() => slots.delete(slot))
    return true
  }
}
