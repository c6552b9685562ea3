import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { ChannelAssembler } from './channel-assembler.ts'
import type { Frame } from './frame.ts'
import { drain, dropLog, ListStage, refOf } from './testing/list-stage.ts'

const channel = (name: string): `0x${string}` => `0x${Buffer.from(name.repeat(16)).toString('hex')}`
const frame = (name: string, number: number, text: string, isLast = false): Frame => ({
  channel: channel(name),
  number,
  data: Buffer.from(text),
  isLast,
})

function assemble(frames: Frame[], maxSize?: number) {
  const log = dropLog()
  const frameStage = new ListStage(frames)
  const options = maxSize === undefined ? log : { ...log, maxSize }
  const assembler = new ChannelAssembler({ config: sampleConfig(), previous: frameStage }, options)
  const texts = async () => (await drain(assembler)).map((bytes) => Buffer.from(bytes).toString())
  return { frameStage, texts, reasons: log.reasons }
}

describe('a channel', () => {
  it('is put together from its frames, over several L1 blocks', async () => {
    const { frameStage, texts } = assemble([frame('A', 0, 'one '), frame('A', 1, 'two ')])
    expect(await texts()).toEqual([])
    frameStage.origin = refOf(51n)
    frameStage.values = [frame('A', 2, 'three', true), frame('B', 0, 'next', true)]
    expect(await texts()).toEqual(['one two three', 'next'])
  })

  it('is dropped more than 50 L1 blocks after its first frame', async () => {
    const { frameStage, texts, reasons } = assemble([frame('A', 0, 'one')])
    expect(await texts()).toEqual([])
    frameStage.origin = refOf(52n)
    frameStage.values = [frame('A', 1, 'two', true)]
    expect(await texts()).toEqual([])
    expect(reasons[0]).toMatch(/of L1 block 1 is timed out/)
    expect(reasons[1]).toMatch(/frame 1 .* out of order/)
  })

  it('is replaced by the first frame of another, even of the same id', async () => {
    const { texts, reasons } = assemble([
      frame('A', 0, 'old'),
      frame('B', 0, 'b', true),
      frame('A', 1, 'late', true),
      frame('C', 0, 'lost'),
      frame('C', 0, 'again', true),
    ])
    expect(await texts()).toEqual(['b', 'again'])
    expect(reasons).toHaveLength(3)
  })

  it('loses frames that come twice, early, or from another channel, and goes on', async () => {
    const { texts, reasons } = assemble([
      frame('A', 0, '0'),
      frame('A', 2, '2'),
      frame('B', 1, 'x'),
      frame('A', 1, '1', true),
      frame('A', 1, '1', true),
    ])
    expect(await texts()).toEqual(['01'])
    expect(reasons).toHaveLength(3)
  })

  it('is dropped when its frames are larger than the limit, 200 bytes of overhead each', async () => {
    const over = assemble([frame('A', 0, 'x'.repeat(100)), frame('A', 1, 'x', true)], 500)
    expect(await over.texts()).toEqual([])
    expect(over.reasons[0]).toMatch(/larger than 500 bytes/)
    const within = assemble([frame('A', 0, 'x'.repeat(99)), frame('A', 1, 'x', true)], 500)
    expect((await within.texts())[0]).toHaveLength(100)
  })
})
