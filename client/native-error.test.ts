import { BaseError, encodeErrorResult, RpcRequestError } from 'viem'
import { describe, expect, it } from 'vitest'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { NativeContractError, namingErrors, nativeNameAt, revertDataOf } from './native-error.ts'

const contentHash = `0x${'ab'.repeat(32)}` as const
const data = encodeErrorResult({ abi: datanetsAbi, errorName: 'DuplicateContent', args: [contentHash, 12n] })

function rpcError(revert: unknown): Error {
  const cause = new RpcRequestError({
    body: {},
    url: 'http://node',
    error: { code: 3, message: 'execution reverted', data: revert },
  })
  return new BaseError('gas estimation failed', { cause })
}

const refused = (error: Error) => namingErrors('datanets', 'contributeContent', () => Promise.reject(error))

describe('a refusal by a native contract', () => {
  it('has the custom error’s name and its arguments by name, wherever the transport put the data', async () => {
    for (const revert of [data, { data }]) {
      await expect(refused(rpcError(revert))).rejects.toMatchObject({
        name: 'NativeContractError',
        contract: 'datanets',
        functionName: 'contributeContent',
        errorName: 'DuplicateContent',
        args: { contentHash, contribution: 12n },
      })
    }
  })

  it('reads well', async () => {
    const error = await refused(rpcError(data)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(NativeContractError)
    expect((error as NativeContractError).shortMessage).toBe(
      `datanets.contributeContent refused: DuplicateContent(contentHash: ${contentHash}, contribution: 12)`,
    )
  })

  it('leaves other errors as they are', async () => {
    const unreachable = new Error('connection refused')
    await expect(refused(unreachable)).rejects.toBe(unreachable)
    const foreign = rpcError('0x12345678')
    await expect(refused(foreign)).rejects.toBe(foreign)
  })

  it('has no data where there is none', () => {
    expect(revertDataOf(new Error('x'))).toBeUndefined()
    expect(revertDataOf(rpcError('0x'))).toBeUndefined()
  })
})

it('native contracts are known by their address in any case', () => {
  expect(nativeNameAt(NATIVE.staking)).toBe('staking')
  expect(nativeNameAt('0x4F50454E00000000000000000000000000000001')).toBe('datanets')
  expect(nativeNameAt('0x00000000000000000000000000000000000000ff')).toBeUndefined()
})
