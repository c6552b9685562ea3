import { describe, expect, it } from 'vitest'
import type { Clock } from '../node/chain/clock.ts'
import { CriticalError, TemporaryError } from '../node/errors.ts'
import { type TurnOutcome, Turns } from './turns.ts'

/** Takes the turns one after another; an Error is thrown. Resolves when the last is over: with what was said and how long it paused. */
async function taken(...plan: (TurnOutcome | Error | 'unblocked')[]): Promise<{ said: unknown[]; pauses: number[] }> {
  const said: unknown[] = []
  const pauses: number[] = []
  const clock: Clock = {
    now: () => 0,
    wait: async (milliseconds) => {
      pauses.push(milliseconds)
    },
  }
  const over = Promise.withResolvers<void>()
  let at = 0
  const turn = async (signal: AbortSignal): Promise<TurnOutcome> => {
    const next = plan[at++]
    if (next === undefined) {
      over.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return 'again'
    }
    if (next instanceof Error) throw next
    if (next !== 'unblocked') return next
    turns.unblocked()
    return 'again'
  }
  const turns = new Turns<never>({ clock, turn }, { pause: 10, pauseAfterError: 20 })
  turns.onEvent((event) => {
    said.push(event.kind === 'failed' ? `failed: ${event.error.message}` : event.reason)
    if (event.kind === 'failed') over.resolve()
  })
  turns.start()
  turns.start()
  await over.promise
  await turns.stop()
  return { said, pauses }
}

describe('turns', () => {
  it('follow at once, or after a pause where there was nothing to do', async () => {
    expect(await taken('again', 'again', 'idle', 'again')).toEqual({ said: [], pauses: [10] })
  })

  it('say what stands in the way once, and again where it came back', async () => {
    const blocked = { blockedBy: 'no money' }
    const { said } = await taken(blocked, blocked, 'idle', blocked, 'unblocked', blocked)
    expect(said).toEqual(['no money', 'no money'])
  })

  it('go on after an error that passes, and end at one that does not', async () => {
    const temporary = new TemporaryError('L1 is silent')
    expect(await taken(temporary, temporary, 'idle')).toEqual({ said: ['L1 is silent'], pauses: [20, 20, 10] })
    expect(await taken(new CriticalError('no such chain'), 'idle')).toEqual({
      said: ['failed: no such chain'],
      pauses: [],
    })
    expect(await taken(new TypeError('a defect'), 'idle')).toEqual({ said: ['failed: a defect'], pauses: [] })
  })

  it('begin anew at each start', async () => {
    let begun = 0
    const reached = Promise.withResolvers<void>()
    const turn = async (signal: AbortSignal): Promise<TurnOutcome> => {
      reached.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return 'idle'
    }
    const clock: Clock = { now: () => 0, wait: async () => undefined }
    const turns = new Turns<never>({ clock, turn, begin: () => begun++ }, { pause: 10 })
    for (let round = 0; round < 2; round++) {
      turns.start()
      await reached.promise
      await turns.stop()
    }
    expect(begun).toBe(2)
  })
})
