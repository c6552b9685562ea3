import { describe, expect, it } from 'vitest'
import { textOf } from './text-stream.ts'

/** Ids are bytes. */
const tokenizer = { decode: (ids: Iterable<number>) => new TextDecoder().decode(Uint8Array.from(ids)) }

async function pieces(
  text: string | number[],
  stop: string[] = [],
): Promise<{ shown: string[]; reason: string; read: number }> {
  let read = 0
  async function* ids() {
    for (const byte of typeof text === 'string' ? new TextEncoder().encode(text) : text) {
      read++
      yield byte
    }
  }
  const shown: string[] = []
  const stream = textOf(ids(), tokenizer, stop)
  for (;;) {
    const { value, done } = await stream.next()
    if (done) return { shown, reason: value, read }
    shown.push(value)
  }
}

describe('text of generated ids', () => {
  it('comes as it is known, whole characters only', async () => {
    expect(await pieces('aé€😀.')).toEqual({ shown: ['a', 'é', '€', '😀', '.'], reason: 'end', read: 11 })
  })

  it('ends before a stop string and shows nothing of it', async () => {
    expect(await pieces('one\n\ntwo', ['\n\n'])).toEqual({ shown: ['o', 'n', 'e'], reason: 'stop', read: 5 })
    expect(await pieces('ab END', ['END', 'b E'])).toEqual({ shown: ['a'], reason: 'stop', read: 4 })
  })

  it('shows what looked like a stop string and was none', async () => {
    expect((await pieces('aEaENb', ['END'])).shown).toEqual(['a', 'Ea', 'ENb'])
    expect((await pieces('aEN', ['END'])).shown).toEqual(['a', 'EN'])
  })

  it('shows bytes that never become a character', async () => {
    expect((await pieces([0x61, 0xe2, 0x82])).shown.join('')).toBe('a\ufffd')
    expect((await pieces([0xff, 0xff, 0xff, 0xff, 0xff, 0x61])).shown.join('')).toBe('\ufffd\ufffd\ufffd\ufffd\ufffda')
  })
})
