/**
 * One GPU in use, through WebGPU: opened, watched, closed.
 *
 * The driver speaks of trouble in two ways outside of any call: the device is lost (unplugged, reset, driver gone), or an
 * error that nobody asked for arrives (a shader or a call that is invalid). Both end the device: what it computes
 * after that is not believed.
 *
 * The object that `create` returns must outlive all work of its devices, or the process aborts: it is kept on globalThis
 * from opening to the end of closing.
 */

import { vulkanDrivers } from './vulkan-drivers.ts'
import { createWebGpu, firstLine, GpuUnavailableError } from './webgpu.ts'

export type GpuDeviceOptions = {
  /** Also take an adapter that computes on the CPU (SwiftShader, lavapipe): for tests, as it is slower than WASM. */
  software?: boolean
}

/** The GPU failed or was lost while it was in use. Whatever it was computing must be computed elsewhere. */
export class GpuFailedError extends Error {
  override name = 'GpuFailedError'
}

/** Not every software adapter says that it is one. */
const SOFTWARE_NAMES = /llvmpipe|lavapipe|swiftshader/i

export class GpuDevice {
  /** What the driver calls the adapter. */
  readonly name: string
  readonly software: boolean
  readonly device: GPUDevice
  /** Resolves when the device is of no use any more, other than by {@link close}. */
  readonly failed: Promise<GpuFailedError>
  #failure: GpuFailedError | undefined
  #fail!: (error: GpuFailedError) => void
  #closing = false
  readonly #gpu: GPU

  private constructor(gpu: GPU, adapter: GPUAdapter, device: GPUDevice) {
    this.#gpu = gpu
    this.name = adapterName(adapter.info)
    this.software = isSoftware(adapter.info)
    this.device = device
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    device.onuncapturederror = (event) => {
      event.preventDefault()
      this.#end(event.error.message)
    }
    void device.lost.then(({ reason, message }) => this.#end(`the device was lost (${reason}): ${message}`))
  }

  /** Takes the fastest adapter. Throws {@link GpuUnavailableError} where none answers. */
  static async open(options: GpuDeviceOptions = {}): Promise<GpuDevice> {
    if (process.platform === 'linux' && vulkanDrivers().length === 0)
      throw new GpuUnavailableError('this machine has no Vulkan driver')
    const gpu = await createWebGpu()
    hold(gpu)
    try {
      const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
      if (!adapter) throw new GpuUnavailableError('no adapter answers')
      if (isSoftware(adapter.info) && !options.software)
        throw new GpuUnavailableError(`only ${adapterName(adapter.info)} answers, which computes on the CPU`)
      return new GpuDevice(gpu, adapter, await requestDevice(adapter))
    } catch (error) {
      release(gpu)
      throw error
    }
  }

  /** Why the device is of no use any more; undefined while it works. */
  get failure(): GpuFailedError | undefined {
    return this.#failure
  }

  /** Frees the device and everything on it. Work under way fails. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.device.destroy()
    await this.device.lost
    release(this.#gpu)
  }

  #end(reason: string): void {
    if (this.#closing || this.#failure) return
    this.#failure = new GpuFailedError(`${this.name}: ${reason}`)
    this.#fail(this.#failure)
  }
}

/** A device with the limits that every WebGPU device has: bindings of 128 MiB, workgroups of 256 and 16 KiB. */
async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice()
  } catch (error) {
    throw new GpuUnavailableError(`${adapterName(adapter.info)} gives no device: ${firstLine(error)}`, { cause: error })
  }
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || SOFTWARE_NAMES.test(adapterName(info))
}

function adapterName({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const model = (device || architecture).replace(/-+$/, '')
  return [vendor, model, description && `(${description})`].filter(Boolean).join(' ')
}

declare global {
  /** Every GPU object in use. */
  var openledgerGpus: Set<GPU> | undefined
}

function hold(gpu: GPU): void {
  globalThis.openledgerGpus ??= new Set()
  globalThis.openledgerGpus.add(gpu)
}

function release(gpu: GPU): void {
  globalThis.openledgerGpus?.delete(gpu)
}
