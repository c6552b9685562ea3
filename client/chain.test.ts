import { chainConfig } from 'viem/op-stack'
import { describe, expect, it } from 'vitest'
import { l1Contract, openledgerChain } from './chain.ts'

const portal = '0x00000000000000000000000000000000000000b1'
const l2OutputOracle = '0x00000000000000000000000000000000000000b3'
const openToken = '0x00000000000000000000000000000000000000b4'

describe('the chain definition', () => {
  const chain = openledgerChain({ l1ChainId: 900, l2ChainId: 901, portal, l2OutputOracle, openToken })

  it('is of L2, paid in OPEN, above its L1', () => {
    expect(chain).toMatchObject({ id: 901, sourceId: 900, nativeCurrency: { symbol: 'OPEN', decimals: 18 } })
  })

  it('names L1 contracts by the chain id of L1, as viem’s op-stack actions look them up', () => {
    expect(chain.contracts.portal).toEqual({ 900: { address: portal } })
    expect(chain.contracts.l2OutputOracle).toEqual({ 900: { address: l2OutputOracle } })
    expect(l1Contract(chain, 'openToken', 900)).toBe(openToken)
    expect(l1Contract(chain, 'openToken', 1)).toBeUndefined()
    expect(l1Contract(chain, 'l1StandardBridge', 900)).toBeUndefined()
  })

  it('reads and writes transactions as the op-stack does', () => {
    expect(chain.formatters).toBe(chainConfig.formatters)
    expect(chain.serializers).toBe(chainConfig.serializers)
  })
})
