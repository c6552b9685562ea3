import { concatHex, type Hex, parseEther, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { bytesToHex, hexToBytes, wordBytes, wordHex } from './bytes.ts'
import { executeBlock } from './execute-block.ts'
import { advance, CHAIN_ID, fixtureAttributes, fixtureChain } from './execution-fixture.ts'

const sender = privateKeyToAccount(`0x${'01'.repeat(32)}`)
const authority = privateKeyToAccount(`0x${'02'.repeat(32)}`)
const SENDER = sender.address.toLowerCase() as Address
const AUTHORITY = authority.address.toLowerCase() as Address
/** storage[0] = caller. */
const TARGET: Address = '0xc000000000000000000000000000000000000001'
/** Reads the balance of the address in the calldata, and stops. */
const READER: Address = '0xc000000000000000000000000000000000000002'
const ZERO: Address = '0x0000000000000000000000000000000000000000'
const chainId = Number(CHAIN_ID)

async function chain(accounts = {}) {
  const funds = { balance: parseEther('1') }
  const code = { [TARGET]: { code: hexToBytes('0x3360005500') }, [READER]: { code: hexToBytes('0x6000353100') } }
  return fixtureChain({ [SENDER]: funds, ...code, ...accounts })
}

type Tuple = { address: Address; nonce: number; chainId?: number }

async function send(to: Address, tuples: Tuple[], data: Hex = '0x', nonce = 0): Promise<Uint8Array> {
  const signed = tuples.map((tuple) => authority.signAuthorization({ chainId, ...tuple }))
  const fees = { maxFeePerGas: parseGwei('2'), maxPriorityFeePerGas: 0n }
  const authorizationList = await Promise.all(signed)
  const raw = await sender.signTransaction({
    type: 'eip7702',
    chainId,
    nonce,
    to,
    data,
    gas: 200_000n,
    ...fees,
    authorizationList,
  })
  return hexToBytes(raw)
}

async function run(on: Awaited<ReturnType<typeof chain>>, ...transactions: Uint8Array[]) {
  const executed = await executeBlock(on, on.head, fixtureAttributes(on.head, { transactions }))
  await advance(on, executed)
  return executed.receipts
}

describe('an authorization (EIP-7702)', () => {
  it('makes the account run the code of another, as itself', async () => {
    const on = await chain()
    const [receipt] = await run(on, await send(AUTHORITY, [{ address: TARGET, nonce: 0 }]))
    expect(receipt!.succeeded).toBe(true)
    const account = on.state.account(AUTHORITY)
    expect(account?.nonce).toBe(1n)
    expect(bytesToHex(on.state.code(account!.codeHash))).toBe(concatHex(['0xef0100', TARGET]))
    expect(on.state.storage(AUTHORITY, wordHex(0n))).toBe(BigInt(SENDER))
  })

  it('costs 25,000 gas, of which an account that exists gets 12,500 back (a fifth of all at most)', async () => {
    const fresh = await run(await chain(), await send(SENDER, [{ address: TARGET, nonce: 0 }]))
    expect(fresh[0]!.gasUsed).toBe(46_000n)
    const known = await run(
      await chain({ [AUTHORITY]: { balance: 1n } }),
      await send(SENDER, [{ address: TARGET, nonce: 0 }]),
    )
    expect(known[0]!.gasUsed).toBe(46_000n - 46_000n / 5n)
  })

  it('leaves its account warm, whether it holds or not', async () => {
    const data = bytesToHex(wordBytes(BigInt(AUTHORITY)))
    const other = bytesToHex(wordBytes(BigInt(`0x${'77'.repeat(20)}`)))
    for (const nonce of [0, 5]) {
      const warm = await run(await chain(), await send(READER, [{ address: TARGET, nonce }], data))
      const cold = await run(await chain(), await send(READER, [{ address: TARGET, nonce }], other))
      // The calldata's tokens cost 4 gas each, of which a zero byte is one and any other four.
      const tokens = (hex: Hex) => [...hexToBytes(hex)].reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n)
      expect(cold[0]!.gasUsed - tokens(other) - (warm[0]!.gasUsed - tokens(data))).toBe(2_500n)
    }
  })

  it('is passed over where nonce, chain or account forbid it', async () => {
    const contract = { nonce: 0n, code: hexToBytes('0x00') }
    const cases: [Tuple, object][] = [
      [{ address: TARGET, nonce: 1 }, {}],
      [{ address: TARGET, nonce: 0, chainId: 5 }, {}],
      [{ address: TARGET, nonce: 0 }, { [AUTHORITY]: contract }],
    ]
    for (const [tuple, accounts] of cases) {
      const on = await chain(accounts)
      const before = on.state.account(AUTHORITY)
      const [receipt] = await run(on, await send(SENDER, [tuple]))
      expect(receipt!.succeeded).toBe(true)
      expect(on.state.account(AUTHORITY)).toEqual(before)
    }
  })

  it('holds on every chain where it names none, and ends with the zero address', async () => {
    const on = await chain()
    await run(on, await send(SENDER, [{ address: TARGET, nonce: 0, chainId: 0 }]))
    await run(on, await send(SENDER, [{ address: ZERO, nonce: 1 }], '0x', 1))
    const account = on.state.account(AUTHORITY)
    expect(account?.nonce).toBe(2n)
    expect(on.state.code(account!.codeHash)).toHaveLength(0)
  })
})
