import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ClusterId, ContributionId } from '../../genesis/units.ts'
import { type LaterScoresEngine, plainScores, type ScoredRows } from '../attribute/scores.ts'
import { GpuFailedError } from '../gpu/device.ts'
import { GpuMemoryError } from '../gpu/scores.ts'
import { testAdapters } from '../gpu/testing/adapters.ts'
import { GpuUnavailableError } from '../gpu/webgpu.ts'
import { DeviceRefusedError, type GpuEngine, ScoresDevice } from './scores-device.ts'
import type { DeviceChoice } from './worker-device.ts'

/** A GPU in name: scores by the plain loop unless a test gives an engine that does worse. */
function gpuInName(engine: LaterScoresEngine = plainScores) {
  const failed = Promise.withResolvers<Error>()
  const log: string[] = []
  const gpu: GpuEngine = {
    name: 'Toy 9000',
    engine,
    failed: failed.promise,
    close: async () => {
      log.push('closed')
    },
  }
  return { gpu, log, fail: failed.resolve }
}

async function opened(choice: DeviceChoice, gpu: GpuEngine): Promise<ScoresDevice> {
  const device = await ScoresDevice.open(choice, async () => gpu)
  onTestFinished(() => device.close())
  return device
}

/** Two rows of 64 dimensions: all plus, all minus. A query of ones scores 64 and −64. */
const signs = Uint8Array.from({ length: 16 }, (_, byte) => (byte < 8 ? 0xff : 0))
const ROWS: ScoredRows = {
  dims: 64,
  signs,
  rows: [0, 1].map((index) => ({
    ...{ index, scale: 1, contribution: ContributionId(1n), cluster: ClusterId(1n) },
    signs: signs.subarray(8 * index, 8 * index + 8),
  })),
}
const ONES = new Int8Array(64).fill(1)
const EXPECTED = Int32Array.of(64, -64)

describe('the device of scores', () => {
  it('is a GPU that answers and passes the known-answer test', async () => {
    const { gpu } = gpuInName()
    const device = await opened('auto', gpu)
    expect(device.device).toEqual({ kind: 'gpu', name: 'Toy 9000' })
    expect(await (await device.engine(ROWS))(ONES)).toEqual(EXPECTED)
  })

  it('is never asked for where the CPU is wanted', async () => {
    const device = await ScoresDevice.open('cpu', () => expect.unreachable())
    expect(device.device).toEqual({ kind: 'cpu', name: 'WASM SIMD' })
    expect(await (await device.engine(ROWS))(ONES)).toEqual(EXPECTED)
  })

  it('is the CPU where no GPU answers, unless it must be one; software only where it must', async () => {
    const asked: boolean[] = []
    const none = async ({ software }: { software: boolean }) => {
      asked.push(software)
      throw new GpuUnavailableError('no adapter answers')
    }
    const device = await ScoresDevice.open('auto', none)
    expect(device.device).toEqual({ kind: 'cpu', name: 'WASM SIMD', notice: 'no GPU: no adapter answers' })
    await expect(ScoresDevice.open('gpu', none)).rejects.toThrow(new DeviceRefusedError('no adapter answers'))
    expect(asked).toEqual([false, true])
  })

  it('is the CPU where the GPU errs by one in one row of the known answers', async () => {
    const wrong: LaterScoresEngine = (rows) => async (query) =>
      (await plainScores(rows)(query)).map((raw, row) => (row === 2 ? raw + 1 : raw))
    const { gpu, log } = gpuInName(wrong)
    const device = await opened('auto', gpu)
    expect(device.device.kind).toBe('cpu')
    expect(device.device.notice).toMatch(/^no GPU: Toy 9000 failed the known-answer test: scores: computed/)
    expect(log).toEqual(['closed'])
    await expect(ScoresDevice.open('gpu', async () => gpu)).rejects.toThrow(DeviceRefusedError)
  })

  it('becomes the CPU when the GPU fails over a score, and the score is right', async () => {
    let broken = false
    const { gpu, log } = gpuInName((rows) => async (query) => {
      if (broken) throw new GpuFailedError('Toy 9000: fell off the bus')
      return plainScores(rows)(query)
    })
    const device = await opened('gpu', gpu)
    const scores = await device.engine(ROWS)
    broken = true
    const changed = once(device.events, 'changed')
    expect(await scores(ONES)).toEqual(EXPECTED)
    const notice = 'the GPU was left: Toy 9000: fell off the bus'
    expect(await changed).toEqual([{ kind: 'cpu', name: 'WASM SIMD', notice }])
    expect(log).toEqual(['closed'])
    expect(await (await device.engine(ROWS))(ONES)).toEqual(EXPECTED)
  })

  it('becomes the CPU when the GPU is lost while nothing is asked of it', async () => {
    const { gpu, fail } = gpuInName()
    const device = await opened('auto', gpu)
    const scores = await device.engine(ROWS)
    const changed = once(device.events, 'changed')
    fail(new GpuFailedError('gone'))
    await changed
    expect(device.device).toMatchObject({ kind: 'cpu', notice: 'the GPU was left: gone' })
    expect(await scores(ONES)).toEqual(EXPECTED)
  })

  it('scores rows that the GPU has no room for by WASM, and says so', async () => {
    let full = false
    const { gpu } = gpuInName((rows) => {
      if (full) throw new GpuMemoryError('2 rows need too much')
      return plainScores(rows)
    })
    const device = await opened('auto', gpu)
    full = true
    expect(await (await device.engine(ROWS))(ONES)).toEqual(EXPECTED)
    expect(device.device).toEqual({ kind: 'gpu', name: 'Toy 9000', notice: 'beside WASM: 2 rows need too much' })
  })

  it('does not hide a defect behind the CPU', async () => {
    let broken = false
    const { gpu } = gpuInName((rows) => {
      if (broken) throw new TypeError('a defect')
      return plainScores(rows)
    })
    const device = await opened('auto', gpu)
    broken = true
    await expect(device.engine(ROWS)).rejects.toThrow('a defect')
  })
})

for (const { name, missing, within } of await testAdapters()) {
  describe.skipIf(missing !== undefined)(`the device of scores on ${name}${missing ? ` (${missing})` : ''}`, () => {
    it('passes the known-answer test and scores', async () => {
      const device = await within(() => ScoresDevice.open('gpu'))
      onTestFinished(() => device.close())
      expect(device.device.kind).toBe('gpu')
      expect(await (await device.engine(ROWS))(ONES)).toEqual(EXPECTED)
    })
  })
}
