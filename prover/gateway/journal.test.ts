import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { Journal, JournalError } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'

const request = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}` as const
const record = (byte: number): JournalRecord => ({
  type: 'abandoned',
  request: request(byte),
  reason: 'grüße\u2028zeile',
})

async function reopened(path: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = []
  const journal = await Journal.open(path, (found) => records.push(found))
  await journal.close()
  return records
}

describe('the journal', () => {
  it('tells at the next start what was appended, in order', async () => {
    const path = join(await temporaryDirectory(), 'journal.jsonl')
    const journal = await Journal.open(path, () => expect.fail('nothing was written yet'))
    await Promise.all([1, 2, 3].map((byte) => journal.append(record(byte))))
    await journal.close()
    expect(await reopened(path)).toEqual([record(1), record(2), record(3)])
  })

  it('reads a record at its place', async () => {
    const journal = await Journal.open(join(await temporaryDirectory(), 'journal.jsonl'), () => undefined)
    await journal.append(record(1))
    const place = await journal.append(record(2))
    expect(await journal.read(place)).toEqual(record(2))
    await journal.close()
  })

  it('cuts off a line that a crash tore, at any byte, and goes on after the whole ones', async () => {
    const path = join(await temporaryDirectory(), 'journal.jsonl')
    const journal = await Journal.open(path, () => undefined)
    await journal.append(record(1))
    await journal.append(record(2))
    await journal.close()
    const whole = await readFile(path)
    const first = whole.indexOf('\n') + 1
    for (let end = first; end < whole.length; end += 7) {
      await writeFile(path, whole.subarray(0, end))
      const records: JournalRecord[] = []
      const again = await Journal.open(path, (found) => records.push(found))
      await again.append(record(3))
      await again.close()
      expect(records).toEqual([record(1)])
      expect(await reopened(path)).toEqual([record(1), record(3)])
    }
  })

  it('reads back more than one chunk', async () => {
    const path = join(await temporaryDirectory(), 'journal.jsonl')
    const large = (byte: number): JournalRecord => ({
      type: 'abandoned',
      request: request(byte),
      reason: 'x'.repeat(700_000),
    })
    const journal = await Journal.open(path, () => undefined)
    for (const byte of [1, 2, 3]) await journal.append(large(byte))
    await journal.close()
    expect(await reopened(path)).toEqual([large(1), large(2), large(3)])
  })

  it('refuses to start over a damaged whole line, naming it', async () => {
    const path = join(await temporaryDirectory(), 'journal.jsonl')
    await appendFile(path, '{"type":"settled"}\n')
    await expect(reopened(path)).rejects.toThrow(/line 1: request: must be 32 bytes/)
    await expect(reopened(path)).rejects.toThrow(JournalError)
  })
})
