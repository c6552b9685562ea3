/** What `bench tps` sends: type 2 transactions of many accounts, signed before anything is timed; and the accounts' genesis. */
import secp256k1 from 'secp256k1'
import type { Hex } from 'viem'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import {
  bytesToAddress,
  bytesToHex,
  concatBytes,
  hexToBytes,
  uintToBytes,
  wordBytes,
} from '../../node/execution/bytes.ts'
import { encodeRlp } from '../../node/execution/rlp.ts'
import { keccak256 } from '../../protocol/keccak.ts'

export const CHAIN_ID = 901n
export const BALANCE = 10n ** 24n
/** The ERC-20: wrapped OPEN, which both sides have at the same address. */
export const TOKEN = PREDEPLOYS.wopen

const ACCOUNTS = 500
const MAX_FEE = 10n ** 10n
const TIP = 10n

const text = new TextEncoder()
const keys = Array.from({ length: ACCOUNTS }, (_, index) => keccak256(text.encode(`bench tps ${index}`)))
const addressOf = (key: Uint8Array): Address =>
  bytesToAddress(keccak256(secp256k1.publicKeyCreate(key, false).subarray(1)).subarray(12))
export const ADDRESSES: Address[] = keys.map(addressOf)

/** Private keys of accounts that have a balance and send nothing here (`bench settle`). */
export const SPARE_KEYS = Array.from({ length: 20 }, (_, index) => keccak256(text.encode(`bench settle ${index}`)))
export const SPARE_ADDRESSES: Address[] = SPARE_KEYS.map(addressOf)

const selector = (signature: string) => keccak256(text.encode(signature)).subarray(0, 4)
const DEPOSIT = selector('deposit()')
const TRANSFER = selector('transfer(address,uint256)')

type Call = { to: Address; value: bigint; gas: bigint; data: Uint8Array }
const NOTHING = new Uint8Array()

/** A round's kinds; `fund` wraps OPEN, so that there are tokens to send. */
export const KINDS = {
  fund: (): Call => ({ to: TOKEN, value: 10n ** 18n, gas: 100_000n, data: DEPOSIT }),
  transfer: (to: Address): Call => ({ to, value: 1n, gas: 21_000n, data: NOTHING }),
  'erc-20': (to: Address): Call => ({
    to: TOKEN,
    value: 0n,
    gas: 100_000n,
    data: concatBytes(TRANSFER, new Uint8Array(12), hexToBytes(to), wordBytes(1n)),
  }),
} as const
export type Kind = keyof typeof KINDS

function withoutZeros(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}

function signed(key: Uint8Array, nonce: bigint, { to, value, gas, data }: Call): Hex {
  const fields = [CHAIN_ID, nonce, TIP, MAX_FEE, gas].map(uintToBytes)
  const body = [...fields, hexToBytes(to), uintToBytes(value), data, []]
  const type = new Uint8Array([2])
  const { signature, recid } = secp256k1.ecdsaSign(keccak256(concatBytes(type, encodeRlp(body))), key)
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map(withoutZeros)
  return bytesToHex(concatBytes(type, encodeRlp([...body, uintToBytes(BigInt(recid)), r!, s!])))
}

/** Rounds in the order in which they are to be sent: `perAccount` transactions of every account each. */
export function signRounds(kinds: { kind: Kind; perAccount: number }[]): Hex[][] {
  let nonce = 0n
  return kinds.map(({ kind, perAccount }) => {
    const round: Hex[] = []
    for (let turn = 0; turn < perAccount; turn++, nonce++) {
      for (const [index, key] of keys.entries()) {
        round.push(signed(key, nonce, KINDS[kind](ADDRESSES[(index + 7) % ACCOUNTS]!)))
      }
    }
    return round
  })
}
