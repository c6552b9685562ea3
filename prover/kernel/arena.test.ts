import { afterEach, describe, expect, it } from 'vitest'
import {
  add,
  allocate,
  fill,
  type Kernel,
  MemoryBudgetError,
  matmul,
  read,
  reshape,
  scoped,
  slice,
  tensorOf,
  view,
  write,
  zeros,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'

const MIB = 1024 ** 2

let kernel: Kernel | undefined
afterEach(async () => {
  await kernel?.close()
})

async function start(options: Parameters<typeof loadKernelFromFile>[0] = {}): Promise<Kernel> {
  kernel = await loadKernelFromFile(options)
  return kernel
}

describe('tensors in the kernel’s memory', () => {
  it('lie at multiples of 64 bytes and are read as they were written', async () => {
    const kernel = await start()
    const a = tensorOf(kernel, [2, 3], [1, 2, 3, 4, 5, 6])
    const b = zeros(kernel, [3])
    expect([a.offset % 64, b.offset % 64]).toEqual([0, 0])
    expect([...read(kernel, a)]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...read(kernel, slice(a, 1, 2))]).toEqual([4, 5, 6])
    expect(reshape(a, [3, 2]).offset).toBe(a.offset)
    expect(() => write(kernel, b, [1])).toThrow('1 values for a tensor of 3 ([3])')
    expect(() => reshape(a, [4])).toThrow('cannot read [2 × 3] as [4]')
    expect(() => slice(a, 1, 3)).toThrow('no entries 1 to 3 in [2 × 3]')
    expect(() => allocate(kernel, [2, -1])).toThrow('a size of [2 × -1] is -1')
  })

  it('are freed by marks, and refused once they are', async () => {
    const kernel = await start()
    const kept = zeros(kernel, [10])
    const mark = kernel.arena.mark()
    const gone = zeros(kernel, [10])
    kernel.arena.release(mark)
    expect(zeros(kernel, [10]).offset).toBe(gone.offset)
    kernel.arena.release(mark)
    expect(() => add(kernel, { a: kept, b: gone, target: kept })).toThrow(
      'b ([10]) does not lie in allocated memory: was it released?',
    )
    expect(() => read(kernel, { offset: 0, shape: [1] })).toThrow('does not lie in allocated memory')
    expect(() => kernel.arena.release({ top: mark.top + 64 })).toThrow('released already')
    const before = kernel.arena.top
    expect(() =>
      scoped(kernel, () => {
        zeros(kernel, [1000])
        throw new Error('on the way')
      }),
    ).toThrow('on the way')
    expect(kernel.arena.top).toBe(before)
  })

  it('keep what they hold while the memory grows, also for threads that started before', async () => {
    const kernel = await start({ threads: 2, shareFrom: 0 })
    const a = tensorOf(kernel, [2, 2], [1, 2, 3, 4])
    const before = kernel.memory.buffer.byteLength
    const far = zeros(kernel, [10 * MIB])
    expect(kernel.memory.buffer.byteLength).toBeGreaterThan(Math.max(before, 40 * MIB))
    fill(kernel, far, 2)
    expect(view(kernel, far).every((value) => value === 2)).toBe(true)
    const [b, out] = [tensorOf(kernel, [2, 100], new Float32Array(200).fill(1)), allocate(kernel, [2, 100])]
    matmul(kernel, { a, b, out })
    expect([...new Set(read(kernel, out))]).toEqual([3, 7])
  })

  it('stop at the budget with an error that says what to do', async () => {
    const kernel = await start({ memoryBytes: 8 * MIB })
    const x = allocate(kernel, [MIB])
    expect(() => allocate(kernel, [MIB])).toThrow(MemoryBudgetError)
    expect(() => allocate(kernel, [MIB])).toThrow(/needs \d+ bytes, its budget is 8388608: release tensors/)
    // The kernel goes on.
    fill(kernel, x, 1)
    expect(view(kernel, x)[MIB - 1]).toBe(1)
    await expect(loadKernelFromFile({ memoryBytes: 5 * 1024 ** 3 })).rejects.toThrow('memoryBytes is 5368709120')
    await expect(loadKernelFromFile({ threads: 0 })).rejects.toThrow('threads is 0')
  })

  it('reach past 2 GiB', async () => {
    const kernel = await start()
    const below = kernel.arena.allocate(2 ** 31 + 64 * MIB)
    const x = tensorOf(kernel, [5], [1, 2, 3, 4, 5])
    add(kernel, { a: x, b: x, target: x })
    expect(x.offset).toBeGreaterThan(below + 2 ** 31)
    expect([...read(kernel, x)]).toEqual([2, 4, 6, 8, 10])
  })
})

describe('threads', () => {
  it('take part after many operations in a row, and stop when closed', async () => {
    const kernel = await start({ threads: 3, shareFrom: 0 })
    const x = zeros(kernel, [1001])
    const one = tensorOf(kernel, [1001], new Float32Array(1001).fill(1))
    for (let i = 0; i < 3000; i++) add(kernel, { a: x, b: one, target: x })
    expect(read(kernel, x).every((value) => value === 3000)).toBe(true)
    await kernel.close()
    expect(() => add(kernel, { a: x, b: one, target: x })).toThrow('the kernel is closed')
    expect(view(kernel, x)[0]).toBe(3000)
  })

  it('go on after an operation that failed', async () => {
    const kernel = await start({ threads: 2, shareFrom: 0 })
    const x = zeros(kernel, [100])
    const beyond = kernel.memory.buffer.byteLength
    expect(() => kernel.run('fill', [beyond, 1], 1000, 1000)).toThrow()
    fill(kernel, x, 3)
    expect(read(kernel, x).every((value) => value === 3)).toBe(true)
  })
})
