/** Who signed EIP-712 data: one place, so that a malformed signature is the same everywhere: nobody's. */
import { type Hex, hashTypedData, recoverAddress, type TypedDataDefinition } from 'viem'
import type { Address } from '../genesis/addresses.ts'

/** 64 bytes of r and s, and one of v; the compact form of EIP-2098 is not taken. */
const SIGNATURE = /^0x[0-9a-fA-F]{130}$/

/** Lower-case address of the signer, or undefined where the signature is none. */
export async function typedDataSigner(data: TypedDataDefinition, signature: string): Promise<Address | undefined> {
  if (!SIGNATURE.test(signature)) return undefined
  const hash = hashTypedData(data)
  const recovered = await recoverAddress({ hash, signature: signature as Hex }).catch(() => undefined)
  return recovered?.toLowerCase() as Address | undefined
}
