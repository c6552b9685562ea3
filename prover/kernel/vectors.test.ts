import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { KERNEL_VERSION, type Kernel } from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { CASES, hashOf } from './vectors/cases.ts'

const frozen: { kernelVersion: number; sha256: Record<string, string> } = JSON.parse(
  readFileSync(new URL('./vectors/f32.json', import.meta.url), 'utf8'),
)

describe('the frozen bits of the f32 kernel', () => {
  it('are those of this version, and of every operation', () => {
    expect(frozen.kernelVersion).toBe(KERNEL_VERSION)
    expect(Object.keys(frozen.sha256).sort()).toEqual(Object.keys(CASES).sort())
  })

  it('come from modules that ask for memory and nothing else', async () => {
    for (const name of ['f32', 'f32-shared']) {
      const module = await WebAssembly.compile(readFileSync(new URL(`./build/${name}.wasm`, import.meta.url)))
      expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
    }
  })

  // Work of any size is shared, so that every operation is cut into parts.
  for (const threads of [1, 2, 4]) {
    describe(`with ${threads} thread${threads > 1 ? 's' : ''}`, () => {
      let starting: Promise<Kernel> | undefined
      const kernel = () => {
        starting ??= loadKernelFromFile({ threads, shareFrom: 0 })
        return starting
      }
      afterAll(async () => await (await starting)?.close())

      for (const name of Object.keys(CASES)) {
        it(name, async () => {
          expect(await hashOf(await kernel(), name)).toBe(frozen.sha256[name])
        })
      }
    })
  }
})
