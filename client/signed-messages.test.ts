import { createWalletClient, custom } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { voucherTypedData } from '../protocol/voucher.ts'
import { signReceipt } from './actions/sign-receipt.ts'
import { signVoucher } from './actions/sign-voucher.ts'
import { verifyReceipt } from './actions/verify-receipt.ts'
import { openledgerChain } from './chain.ts'
import { typedDataSigner } from './typed-data-signer.ts'

const zero = '0x0000000000000000000000000000000000000000'
const chain = openledgerChain({ l1ChainId: 900, l2ChainId: 901, portal: zero, l2OutputOracle: zero })
const account = privateKeyToAccount(generatePrivateKey())
const offline = custom({ request: ({ method }) => Promise.reject(new Error(`${method} was asked of nobody`)) })
const client = createWalletClient({ account, chain, transport: offline })
const channel = `0x${'cc'.repeat(32)}` as const
const receipt = {
  channel,
  n: 4n,
  version: 2n,
  fee: 310n,
  promptTokens: 7,
  outputTokens: 80,
  promptHash: `0x${'01'.repeat(32)}`,
  outputHash: `0x${'02'.repeat(32)}`,
  openable: true,
} as const

describe('a voucher', () => {
  it('is signed without asking the chain, and recovers to its signer', async () => {
    const { signature, maxClaimableAmount } = await signVoucher(client, { channel, maxClaimableAmount: 99n })
    const data = voucherTypedData(901, { channel, maxClaimableAmount })
    expect(await typedDataSigner(data, signature)).toBe(account.address.toLowerCase())
  })

  it('recovers to somebody else when the ceiling, the channel or the chain is changed', async () => {
    const { signature } = await signVoucher(client, { channel, maxClaimableAmount: 99n })
    const changed = [
      voucherTypedData(901, { channel, maxClaimableAmount: 100n }),
      voucherTypedData(901, { channel: `0x${'cd'.repeat(32)}`, maxClaimableAmount: 99n }),
      voucherTypedData(902, { channel, maxClaimableAmount: 99n }),
    ]
    for (const data of changed) expect(await typedDataSigner(data, signature)).not.toBe(account.address.toLowerCase())
  })

  it('is nobody’s where the signature is malformed', async () => {
    const data = voucherTypedData(901, { channel, maxClaimableAmount: 99n })
    for (const signature of ['0x', '0x12', 'nonsense', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`]) {
      expect(await typedDataSigner(data, signature)).toBeUndefined()
    }
  })
})

describe('a receipt', () => {
  it('is true as it was signed', async () => {
    const signed = await signReceipt(client, { receipt })
    expect(await verifyReceipt(client, { receipt: signed, receiver: account.address })).toBe(true)
  })

  it.each(Object.keys(receipt) as (keyof typeof receipt)[])('is false with another %s', async (field) => {
    const signed = await signReceipt(client, { receipt })
    const value = signed[field]
    const other =
      typeof value === 'boolean'
        ? !value
        : typeof value === 'string'
          ? `0x${'ee'.repeat(32)}`
          : typeof value === 'bigint'
            ? value + 1n
            : value + 1
    expect(await verifyReceipt(client, { receipt: { ...signed, [field]: other }, receiver: account.address })).toBe(
      false,
    )
  })
})
