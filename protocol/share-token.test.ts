import { concatHex, getContractAddress, numberToHex, size } from 'viem'
import { expect, it } from 'vitest'
import { ASSET_FACES } from '../genesis/addresses.ts'
import { SHARE_TOKEN_PREIMAGES, shareTokenOf } from './share-token.ts'

it.each([1n, 7n, 2n ** 64n - 1n])('the share token of Datanet %i lies where CREATE2 puts its clone', (datanet) => {
  const id = numberToHex(datanet, { size: 32 })
  const code = [
    '0x363d3d373d3d3d363d73',
    ASSET_FACES.shareImplementation,
    '0x5af43d82803e903d91602b57fd5bf3',
    id,
  ] as const
  const bytecode = concatHex(['0x61004d3d81600a3d39f3', ...code])
  expect(size(bytecode)).toBe(SHARE_TOKEN_PREIMAGES[0])
  const expected = getContractAddress({ opcode: 'CREATE2', from: ASSET_FACES.shareFactory, salt: id, bytecode })
  expect(shareTokenOf(datanet)).toBe(expected.toLowerCase())
})

it('is fixed for ever', () => {
  expect(shareTokenOf(1n)).toBe('0x7802cb48fcb691676935839a5487fe7def2ed5cd')
})
