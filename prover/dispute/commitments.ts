/**
 * A challenger's commitments, out of its key alone: the salt of a subject follows from a signature that only the key can make, so that
 * whoever starts again with the key finds on chain what it had committed to, and nothing need lie on disk.
 */
import { concat, type Hex, keccak256, stringToBytes } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { challengeCommitment } from '../../protocol/challenge.ts'

/** What is signed (EIP-191). The signature must be the same each time: RFC 6979, as viem's local accounts sign. */
export const saltMessage = (chainId: number) =>
  `openledger audit: salts of challenges on chain ${chainId}. Whoever has this signature knows what you will challenge.`

export class Commitments {
  readonly #challenger: Address
  readonly #secret: Hex

  constructor(challenger: Address, signature: Hex) {
    this.#challenger = challenger
    this.#secret = keccak256(signature)
  }

  salt(subject: Hex): Hex {
    return keccak256(concat([this.#secret, subject]))
  }

  of(subject: Hex): Hex {
    return challengeCommitment({ challenger: this.#challenger, subject, salt: this.salt(subject) })
  }
}

/** Throws where an account signs the same message in two ways: its commitments could not be found again. */
export async function commitmentsOf(
  account: { address: Hex; signMessage?: (parameters: { message: { raw: Uint8Array } }) => Promise<Hex> },
  chainId: number,
): Promise<Commitments> {
  const message = { raw: stringToBytes(saltMessage(chainId)) }
  if (!account.signMessage) throw new TypeError('the challenger needs an account that signs messages')
  const [one, other] = [await account.signMessage({ message }), await account.signMessage({ message })]
  if (one !== other) throw new TypeError('the account signs one message in two ways, so its salts would be lost')
  return new Commitments(account.address.toLowerCase() as Address, one)
}
