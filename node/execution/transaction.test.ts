import fc from 'fast-check'
import { type Hex, keccak256, parseGwei, serializeTransaction, type TransactionSerializable } from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { bytesToHex, hexToBytes } from './bytes.ts'
import { encodeRlp } from './rlp.ts'
import {
  decodeSignedTransaction,
  decodeTransaction,
  effectiveGasPrice,
  encodeDeposit,
  TransactionError,
} from './transaction.ts'

/** The worked example of EIP-155: key 0x46…46, chain 1. */
const EIP155_EXAMPLE: Hex =
  '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83'

const account = privateKeyToAccount(`0x${'46'.repeat(32)}`)
const to = '0x3535353535353535353535353535353535353535'
const body = { chainId: 901, nonce: 3, gas: 50_000n, to, value: 5n, data: '0xdeadbeef' } as const
const fees = { maxFeePerGas: parseGwei('2'), maxPriorityFeePerGas: parseGwei('1') }

async function signed(transaction: TransactionSerializable): Promise<Uint8Array> {
  return hexToBytes(await account.signTransaction(transaction))
}

function rejection(raw: Uint8Array, chainId = 901n): string {
  try {
    decodeTransaction(raw, chainId)
  } catch (error) {
    expect(error).toBeInstanceOf(TransactionError)
    return (error as TransactionError).message
  }
  throw new Error('the transaction was accepted')
}

describe('decoding a signed transaction', () => {
  it("reads EIP-155's example", () => {
    const transaction = decodeTransaction(hexToBytes(EIP155_EXAMPLE), 1n)
    expect(transaction).toMatchObject({
      type: 0,
      sender: account.address.toLowerCase(),
      nonce: 9n,
      gasPrice: 20_000_000_000n,
      gasLimit: 21_000n,
      to,
      value: 10n ** 18n,
      chainId: 1n,
    })
    expect(transaction.hash).toBe('0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788')
  })

  it('reads a legacy transaction from before EIP-155, which names no chain', async () => {
    const raw = await signed({ type: 'legacy', nonce: 0, gas: 21_000n, gasPrice: 1n, to })
    expect(decodeTransaction(raw, 901n)).toMatchObject({
      type: 0,
      chainId: undefined,
      sender: account.address.toLowerCase(),
    })
  })

  it('reads types 1, 2 and 4 as viem writes them', async () => {
    const accessList = [{ address: to, storageKeys: [`0x${'01'.repeat(32)}`] }] as const
    const one = decodeTransaction(await signed({ ...body, type: 'eip2930', gasPrice: 7n, accessList }), 901n)
    expect(one).toMatchObject({ type: 1, gasPrice: 7n, accessList, data: hexToBytes(body.data), nonce: 3n })
    const two = decodeTransaction(await signed({ ...body, ...fees, type: 'eip1559' }), 901n)
    expect(two).toMatchObject({ type: 2, ...fees, value: 5n, gasLimit: 50_000n })
    const authorization = await account.signAuthorization({ chainId: 901, address: to, nonce: 4 })
    const four = decodeTransaction(
      await signed({ ...body, ...fees, type: 'eip7702', authorizationList: [authorization] }),
      901n,
    )
    expect(four).toMatchObject({ type: 4, authorizationList: [{ chainId: 901n, address: to, nonce: 4n }] })
    for (const transaction of [one, two, four]) expect(transaction.sender).toBe(account.address.toLowerCase())
  })

  it('recovers the sender of whatever was signed', async () => {
    const anything = fc.record({
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes.fill(1, 0, 1))),
      nonce: fc.nat(),
      value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      data: fc.uint8Array({ maxLength: 300 }).map(bytesToHex),
      creates: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(anything, async ({ key, nonce, value, data, creates }) => {
        const owner = privateKeyToAccount(key)
        const request = { ...body, ...fees, type: 'eip1559', nonce, value, data, to: creates ? undefined : to } as const
        const raw = hexToBytes(await owner.signTransaction(request))
        const transaction = decodeSignedTransaction(raw, 901n)
        expect(transaction.sender).toBe(owner.address.toLowerCase())
        expect(transaction).toMatchObject({
          nonce: BigInt(nonce),
          value,
          data: hexToBytes(data),
          to: creates ? undefined : to,
        })
      }),
      { numRuns: 40 },
    )
  })

  it('never fails with anything but a named error', () => {
    const start = fc.constantFrom(0x01, 0x02, 0x04, 0x7e, 0xc0, 0xf8, 0xf9)
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
        const raw = new Uint8Array([first, ...rest])
        try {
          decodeTransaction(raw, 901n)
        } catch (error) {
          expect(error).toBeInstanceOf(TransactionError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('refusing a transaction', () => {
  it('names the chain that it is for', () => {
    expect(rejection(hexToBytes(EIP155_EXAMPLE))).toBe('transaction chainId: must be 901, got 1')
  })

  it('refuses the other of the two signatures of a message (EIP-2)', async () => {
    const request = { ...body, ...fees, type: 'eip1559' } as const
    const digest = keccak256(serializeTransaction(request))
    const { r, s, yParity } = await sign({ hash: digest, privateKey: `0x${'46'.repeat(32)}` })
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = serializeTransaction(request, { r, s: `0x${(order - BigInt(s)).toString(16)}`, yParity: 1 - yParity! })
    expect(rejection(hexToBytes(high))).toMatch(
      /^transaction s: must be in the lower half of the curve order \(EIP-2\), got 0x[0-9a-f]{64}$/,
    )
  })

  it('names blobs and unknown types', () => {
    expect(rejection(new Uint8Array([3, 0xc0]))).toContain('type: 3 (blobs)')
    expect(rejection(new Uint8Array([9, 0xc0]))).toContain('type: must be 0, 1, 2, 4 or 0x7e, got 9')
    expect(rejection(new Uint8Array())).toContain('envelope: is empty')
  })

  it('takes only the canonical form', async () => {
    const raw = hexToBytes(EIP155_EXAMPLE)
    expect(rejection(new Uint8Array([...raw, 0]), 1n)).toContain('not canonical RLP: 1 bytes left over')
    // nonce 09 written as 0x8109
    const padded = new Uint8Array([0xf8, 0x6d, 0x81, ...raw.subarray(2)])
    expect(rejection(padded, 1n)).toContain('not canonical RLP')
    const nonceWithZero = encodeRlp([new Uint8Array([0, 9]), ...Array.from({ length: 8 }, () => new Uint8Array())])
    expect(rejection(nonceWithZero)).toBe('transaction nonce: must be an integer without leading zeros')
    // A list inside a list inside …, which a recursive reader would follow to the end of its stack.
    const nested = new Uint8Array(60_000)
    for (let at = 0; at < nested.length; at += 3) nested.set([0xf9, (59_997 - at) >> 8, (59_997 - at) & 255], at)
    expect(rejection(nested)).toContain('not canonical RLP')
  })

  it('refuses a nonce that cannot be counted up (EIP-2681)', async () => {
    const fields = [
      uint(901n),
      uint(2n ** 64n - 1n),
      uint(1n),
      uint(1n),
      uint(21_000n),
      hexToBytes(to),
      uint(0n),
      uint(0n),
      [],
    ]
    const raw = new Uint8Array([2, ...encodeRlp([...fields, uint(0n), uint(1n), uint(1n)])])
    expect(rejection(raw)).toContain('nonce: must be at most 0xfffffffffffffffe')
  })

  it('refuses a set-code transaction that creates or authorizes nothing', () => {
    const head = [uint(901n), uint(0n), uint(1n), uint(1n), uint(21_000n)]
    const tail = [uint(0n), uint(0n), [], [], uint(0n), uint(1n), uint(1n)]
    const creating = new Uint8Array([4, ...encodeRlp([...head, uint(0n), ...tail])])
    expect(rejection(creating)).toContain('to: must be an address')
    const idle = new Uint8Array([4, ...encodeRlp([...head, hexToBytes(to), ...tail])])
    expect(rejection(idle)).toContain('authorizationList: must have at least one item')
  })
})

function uint(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array()
  const digits = value.toString(16)
  return hexToBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`)
}

describe('a deposit', () => {
  const deposit = {
    sourceHash: `0x${'ab'.repeat(32)}`,
    sender: '0x1111111111111111111111111111111111111111',
    to: undefined,
    mint: 7n,
    value: 0n,
    gasLimit: 1_000_000n,
    data: new Uint8Array([1, 2]),
    isSystemTransaction: false,
  } as const

  it('comes back as it was written', () => {
    const raw = encodeDeposit(deposit)
    expect(raw[0]).toBe(0x7e)
    expect(decodeTransaction(raw, 901n)).toMatchObject({ ...deposit, type: 0x7e })
  })

  it('is no signed transaction: nobody can send one', () => {
    expect(() => decodeSignedTransaction(encodeDeposit(deposit), 901n)).toThrow('0x7e (deposit) comes from L1')
  })
})

describe('the price of gas', () => {
  it('is base fee and tip, within the cap', async () => {
    const transaction = decodeTransaction(await signed({ ...body, ...fees, type: 'eip1559' }), 901n)
    expect(effectiveGasPrice(transaction, parseGwei('0.5'))).toBe(parseGwei('1.5'))
    expect(effectiveGasPrice(transaction, parseGwei('1.8'))).toBe(parseGwei('2'))
  })
})
