import { concat, type Hex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../genesis/testing/sample-config.ts'
import { MemoryL2 } from '../node/derivation/testing/memory-l2.ts'
import { outputRoot } from './proposer.ts'

describe('an output root', () => {
  it('is keccak of version, state root, message passer root and block hash', () => {
    const word = (byte: string): Hex => `0x${byte.repeat(32)}`
    const { block } = new MemoryL2(sampleConfig()).head
    const header = { ...block.header, stateRoot: word('01'), withdrawalsRoot: word('02') }
    expect(outputRoot({ hash: word('03'), block: { ...block, header } })).toBe(
      keccak256(concat([word('00'), word('01'), word('02'), word('03')])),
    )
  })
})
