/**
 * Stage 3: frames of one payload at a time, only those that are in order (specs.optimism.io, "Holocene: Frame Queue").
 */
import type { L1BlockRef } from '../l1/source.ts'
import { decodeFrames, type Frame } from './frame.ts'
import { MalformedError } from './malformed.ts'
import type { OnDropped, Stage } from './stage.ts'

export class FrameQueue implements Stage<Frame> {
  readonly #previous: Stage<Uint8Array>
  readonly #onDropped: OnDropped
  #frames: Frame[] = []

  constructor({ previous }: { previous: Stage<Uint8Array> }, { onDropped }: { onDropped: OnDropped }) {
    this.#previous = previous
    this.#onDropped = onDropped
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  async next(): Promise<Frame | undefined> {
    while (this.#frames.length === 0) {
      const payload = await this.#previous.next()
      if (payload === undefined) return undefined
      this.#frames = this.#load(payload)
    }
    return this.#frames.shift()
  }

  #load(payload: Uint8Array): Frame[] {
    try {
      const frames = decodeFrames(payload)
      const ordered = orderedFrames(frames)
      if (ordered.length < frames.length)
        this.#onDropped('frame-queue', `${frames.length - ordered.length} of ${frames.length} frames are out of order`)
      return ordered
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#onDropped('frame-queue', error.message)
      return []
    }
  }

  reset(): void {
    this.#frames = []
  }
}

/**
 * What remains of a payload's frames: within a channel each number follows the one before and nothing follows the
 * last frame; a first frame of another channel drops the unfinished channel before it; any other change of channel
 * drops the newcomer. The very first frame may continue a channel of an earlier payload.
 */
export function orderedFrames(frames: Frame[]): Frame[] {
  const kept: Frame[] = []
  for (const frame of frames) {
    let before = kept.at(-1)
    if (frame.number === 0) {
      while (before !== undefined && before.channel !== frame.channel && !before.isLast) {
        kept.pop()
        before = kept.at(-1)
      }
    }
    if (before === undefined || follows(before, frame)) kept.push(frame)
  }
  return kept
}

function follows(before: Frame, frame: Frame): boolean {
  if (before.channel === frame.channel) return !before.isLast && frame.number === before.number + 1
  return frame.number === 0
}
