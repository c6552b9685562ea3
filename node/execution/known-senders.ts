/**
 * Senders that were recovered before their transactions are decoded, by the envelope's own bytes (the object, which must not
 * change). An envelope that is not here is recovered when it is decoded; nothing but time depends on it.
 */
import type { Address } from '../../genesis/addresses.ts'

const known = new WeakMap<Uint8Array, Address>()

export function knownSender(raw: Uint8Array): Address | undefined {
  return known.get(raw)
}

/** `sender` must be what decoding the envelope would recover. */
export function rememberSender(raw: Uint8Array, sender: Address): void {
  known.set(raw, sender)
}
