/** What `openledger audit --challenge` asks for before it looks at anything. */
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openledger, PROGRAM, run } from '../fixtures/command-line.ts'

const URLS = ['--l2-rpc', 'http://127.0.0.1:1', '--gateway', 'http://127.0.0.1:1']

it('a key, by a file or a variable', async () => {
  const { code, stdout, stderr } = await openledger('audit', ...URLS, '--challenge')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/need a key: --key-file, or OPENLEDGER_CHALLENGER_KEY/)
  const environment = { ...process.env, OPENLEDGER_CHALLENGER_KEY: 'secret' }
  const wrong = await run(process.execPath, [PROGRAM, 'audit', ...URLS, '--challenge'], environment)
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toMatch(/OPENLEDGER_CHALLENGER_KEY must hold a private key/)
  expect(wrong.stderr).not.toMatch(/secret/)
})

it('time to reveal what was committed to', async () => {
  const { code, stderr } = await openledger('audit', ...URLS, '--serve-seats', '--key-file', 'none')
  expect(code).toBe(1)
  expect(stderr).toMatch(/--serve-seats needs --follow/)
})

it('receipts that are receipts, and says which line is none', async () => {
  const file = join(tmpdir(), `openledger-receipts-${process.pid}.jsonl`)
  onTestFinished(() => rmSync(file))
  writeFileSync(file, '\n{"receipt": {"channel": "0x12"}}\n')
  const { code, stderr } = await openledger('audit', ...URLS, '--follow', '--receipts', file)
  expect(code).toBe(1)
  expect(stderr).toMatch(/--receipts .*: line 2: channel must be 32 bytes in hexadecimal/)
})
