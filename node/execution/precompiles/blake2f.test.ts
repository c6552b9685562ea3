import { createHash } from 'node:crypto'
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { getActivePrecompiles, type PrecompileInput, paramsEVM } from '@ethereumjs/evm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToHex, hexToBytes } from '../bytes.ts'
import { blake2f, readBlake2f } from './blake2f.ts'

/** BLAKE2b-512's state before its first block: the constants, the first xored with the parameters (RFC 7693, 2.5). */
const H =
  '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b'

/** The input of EIP-152's examples, which hash "abc", with a number of rounds. */
const abc = (rounds: string, final = '01') =>
  hexToBytes(`0x${rounds}${H}${'616263'.padEnd(256, '0')}${'03'.padEnd(32, '0')}${final}`)

const run = (input: Uint8Array) => {
  const { rounds, isLast } = readBlake2f(input)!
  return bytesToHex(blake2f(input, rounds, isLast))
}

describe('the BLAKE2b compression precompile', () => {
  it("gives EIP-152's examples", () => {
    expect(run(abc('0000000c'))).toBe(`0x${createHash('blake2b512').update('abc').digest('hex')}`)
    expect(run(abc('00000000'))).toBe(
      '0x08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    )
    expect(run(abc('00000001'))).toBe(
      '0xb63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421',
    )
  })

  it('hashes any message of one block as BLAKE2b does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 128 }), (message) => {
        const body = Buffer.concat([message, Buffer.alloc(128 - message.length)]).toString('hex')
        const length = Buffer.alloc(16)
        length.writeUInt8(message.length)
        const input = hexToBytes(`0x0000000c${H}${body}${length.toString('hex')}01`)
        expect(run(input)).toBe(`0x${createHash('blake2b512').update(message).digest('hex')}`)
      }),
    )
  })

  it('counts more rounds than are done at once as any others', async () => {
    const common = createCustomCommon({ chainId: 1 }, Mainnet, { hardfork: Hardfork.Prague })
    common.updateParams(paramsEVM)
    const library = getActivePrecompiles(common).get('9'.padStart(40, '0'))!
    for (const rounds of [9, 4_999, 5_000, 5_001, 12_345]) {
      const input = abc(rounds.toString(16).padStart(8, '0'), '00')
      const { returnValue } = await library({ data: input, gasLimit: 1_000_000n, common } as PrecompileInput)
      expect(run(input)).toBe(bytesToHex(returnValue))
    }
  })

  it('refuses another length, or a flag that is neither 0 nor 1', () => {
    expect(readBlake2f(abc('0000000c').subarray(1))).toBeUndefined()
    expect(readBlake2f(abc('0000000c', '02'))).toBeUndefined()
  })
})
