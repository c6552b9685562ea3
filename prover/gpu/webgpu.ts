/**
 * The package `webgpu` (Dawn for Node), which is optional: it is looked for when it is asked for, and everything else goes
 * on without it. Flags are those of the WebGPU specification, sections "GPUBufferUsageFlags" and "GPUMapModeFlags".
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export const BUFFER_USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
} as const
export const MAP_READ = 0x0001

/** There is no GPU to be had; the message says why, and fits after a colon. */
export class GpuUnavailableError extends Error {
  override name = 'GpuUnavailableError'
}

/** Makes a GPU object, or throws {@link GpuUnavailableError}. Whoever calls it keeps the object alive: see device.ts. */
export async function createWebGpu(): Promise<GPU> {
  const entry = findPackage()
  let loaded: { create?: (options: string[]) => GPU }
  try {
    loaded = await import(pathToFileURL(entry).href)
  } catch (error) {
    throw new GpuUnavailableError(`the package webgpu does not load here: ${firstLine(error)}`, { cause: error })
  }
  if (typeof loaded.create !== 'function') throw new GpuUnavailableError('the package webgpu has no function `create`')
  return loaded.create([])
}

function findPackage(): string {
  try {
    return createRequire(import.meta.url).resolve('webgpu')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new GpuUnavailableError('the optional package webgpu is not installed', { cause: error })
  }
}

export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0]!
}
