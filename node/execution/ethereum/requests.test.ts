import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { EMPTY_REQUESTS_HASH } from '../header.ts'
import { requestsHash } from './requests.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

describe('the hash of requests (EIP-7685)', () => {
  it('is that of nothing where every kind is empty', () => {
    expect(requestsHash([])).toBe(EMPTY_REQUESTS_HASH)
    expect(requestsHash([Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(2)])).toBe(EMPTY_REQUESTS_HASH)
  })

  it('is of the hashes of the kinds that there are, each with its type', () => {
    const first = Uint8Array.of(0, 5)
    const third = Uint8Array.of(2, 6, 7)
    const expected = sha256(Buffer.concat([sha256(first), sha256(third)])).toString('hex')
    expect(requestsHash([first, Uint8Array.of(1), third])).toBe(`0x${expected}`)
  })
})
