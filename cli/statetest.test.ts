import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'openledger-statetest-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SENDER = '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b'
const EMPTY_LOGS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
const outcome = (hash: string) => [{ hash, logs: EMPTY_LOGS, indexes: { data: 0, gas: 0, value: 0 } }]

/** A transfer of 1 wei to the beneficiary at no price. */
const TEST = {
  env: {
    currentCoinbase: '0x00000000000000000000000000000000000000cc',
    currentDifficulty: '0x20000',
    currentGasLimit: '0xf4240',
    currentNumber: '0x01',
    currentTimestamp: '0x03e8',
  },
  pre: { [SENDER]: { balance: '0x0a', code: '0x', nonce: '0x00', storage: {} } },
  transaction: {
    data: ['0x'],
    gasLimit: ['0x5208'],
    gasPrice: '0x00',
    nonce: '0x00',
    sender: SENDER,
    to: '0x00000000000000000000000000000000000000cc',
    value: ['0x01'],
  },
}

function write(name: string, tests: object): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(tests))
  return path
}

function statetest(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/openledger.mjs', 'statetest', ...args], {
    encoding: 'utf8',
  })
  return { status, stderr, results: stdout === '' ? undefined : JSON.parse(stdout) }
}

describe('openledger statetest', { timeout: 60_000 }, () => {
  const wrong = `0x${'11'.repeat(32)}`
  const path = write('transfer.json', {
    transfer: { ...TEST, post: { Berlin: outcome(wrong), Istanbul: outcome(wrong) } },
  })
  const found = statetest(path)
  const right = found.results[0].stateRoot

  it("reports as geth's evm does, and ends with 1 where a root differs", () => {
    expect(found.status).toBe(1)
    expect(found.results).toEqual(
      ['Berlin', 'Istanbul'].map((fork) => ({
        name: 'transfer',
        pass: false,
        stateRoot: right,
        fork,
        error: `post state root mismatch: got ${right}, want ${wrong}`,
      })),
    )
  })

  it('ends with 0 where all pass, and runs what is asked for', () => {
    const both = write('both.json', {
      transfer: { ...TEST, post: { Berlin: outcome(right), Istanbul: outcome(wrong) } },
      other: { ...TEST, post: { Berlin: outcome(wrong) } },
    })
    const { status, results } = statetest('--fork', 'Berlin', '--run', '^trans', both)
    expect(results).toEqual([{ name: 'transfer', pass: true, stateRoot: right, fork: 'Berlin' }])
    expect(status).toBe(0)
  })

  it('says what is wrong with a test, a fork or a path', () => {
    const broken = write('broken.json', { broken: { ...TEST, pre: 5, post: {} } })
    expect(statetest(broken).results[0]).toMatchObject({
      name: 'broken',
      pass: false,
      error: expect.stringMatching(/^pre: /),
    })
    const unknown = write('unknown.json', { unknown: { ...TEST, post: { Tomorrow: outcome(right) } } })
    expect(statetest(unknown).results[0].error).toContain('unknown network "Tomorrow"')
    expect(statetest(join(folder, 'absent.json'))).toMatchObject({
      status: 1,
      stderr: `openledger: no such file or folder: ${join(folder, 'absent.json')}\n`,
    })
  })
})
