/** A node's libp2p identity: a secp256k1 key (as the OP Stack's nodes have) that its owner keeps. */
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'

export type Identity = ReturnType<typeof privateKeyFromProtobuf>

/** A new identity in libp2p's protobuf form, to be stored. */
export async function generateIdentity(): Promise<Uint8Array> {
  return privateKeyToProtobuf(await generateKeyPair('secp256k1'))
}

/** The identity of stored bytes. Throws where they are none. */
export function parseIdentity(bytes: Uint8Array): Identity {
  return privateKeyFromProtobuf(bytes)
}
