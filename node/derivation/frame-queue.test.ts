import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrames, type Frame } from './frame.ts'
import { FrameQueue, orderedFrames } from './frame-queue.ts'
import { drain, dropLog, ListStage } from './testing/list-stage.ts'

/** `A0` is frame 0 of channel A; `A1.` is its frame 1 and its last. */
function frame(name: string): Frame {
  return {
    channel: `0x${Buffer.from(name[0]!.repeat(16)).toString('hex')}`,
    number: Number(name[1]),
    data: Uint8Array.of(1),
    isLast: name.endsWith('.'),
  }
}
const nameOf = ({ channel, number, isLast }: Frame) =>
  `${Buffer.from(channel.slice(2, 4), 'hex').toString()}${number}${isLast ? '.' : ''}`
const ordered = (names: string) => orderedFrames(names.split(' ').map(frame)).map(nameOf).join(' ')

describe('frames of one payload (Holocene)', () => {
  it.each([
    ['in order stay', 'A0 A1 A2. B0.', 'A0 A1 A2. B0.'],
    ['may continue a channel of an earlier payload', 'A3 A4. B0', 'A3 A4. B0'],
    ['after a gap in their channel are dropped', 'A0 A2 A1.', 'A0 A1.'],
    ['twice are dropped the second time', 'A0 A0 A1. A1.', 'A0 A1.'],
    ['after the last of their channel are dropped', 'A0. A1 A2.', 'A0.'],
    ['that begin a channel drop an unfinished one before them', 'A0 A1 B0 B1.', 'B0 B1.'],
    ['that begin a channel leave a finished one before them', 'A0 A1. B0 C0.', 'A0 A1. C0.'],
    ['of another channel that do not begin it are dropped', 'A0 B1 A1.', 'A0 A1.'],
    ['of a dropped channel do not return', 'A0 B0 A1 B1.', 'B0 B1.'],
    ['of an old channel, unfinished, are dropped too', 'A4 B0.', 'B0.'],
  ])('%s', (_, given, expected) => expect(ordered(given)).toBe(expected))

  it('always end up contiguous within their channel', () => {
    const names = fc
      .tuple(fc.constantFrom('A', 'B', 'C'), fc.nat(3), fc.constantFrom('', '.'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 12 }), (list) => {
        const kept = orderedFrames(list.map(frame))
        for (const [index, next] of kept.entries()) {
          const before = kept[index - 1]
          if (before === undefined) continue
          const isSame = before.channel === next.channel
          expect(isSame ? next.number : 0).toBe(isSame ? before.number + 1 : next.number)
          expect(before.isLast).toBe(!isSame)
        }
      }),
    )
  })

  it('come out of the stage payload by payload; a payload that does not parse counts for nothing', async () => {
    const { onDropped, reasons } = dropLog()
    const good = [encodeFrames(['A0', 'A1'].map(frame)), encodeFrames([frame('A2.')])]
    const queue = new FrameQueue({ previous: new ListStage([good[0]!, Uint8Array.of(9), good[1]!]) }, { onDropped })
    expect((await drain(queue)).map(nameOf)).toEqual(['A0', 'A1', 'A2.'])
    expect(reasons).toEqual(['frame-queue: batcher payload has version 9, not 0'])
  })
})
