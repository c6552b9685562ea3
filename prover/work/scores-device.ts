/**
 * The scores engine of a worker: a GPU where one is asked for, answers and passes the known-answer test, else WASM.
 *
 * Both give the same integers, so a GPU may be left at any moment: when it fails, the score that it was asked for and
 * all later ones are computed by WASM from the artifact's own rows, and the worker says so. Rows that do not fit on
 * the GPU are scored by WASM beside it.
 */
import { EventEmitter } from 'node:events'
import {
  gpuScores,
  kernelScores,
  type LaterScores,
  type LaterScoresEngine,
  type ScoredRows,
  type ScoresEngine,
} from '../attribute/scores.ts'
import { GpuDevice, GpuFailedError } from '../gpu/device.ts'
import { GpuMemoryError, GpuScores } from '../gpu/scores.ts'
import { GpuUnavailableError } from '../gpu/webgpu.ts'
import { checkScoresAnswers, computeScoresAnswers } from './known-answers.ts'
import type { DeviceChoice, WorkerDevice } from './worker-device.ts'

const CPU: WorkerDevice = { kind: 'cpu', name: 'WASM SIMD' }

/** A GPU that is open and has not been tested yet. */
export type GpuEngine = {
  name: string
  engine: LaterScoresEngine
  /** Resolves with why it is of no use any more. */
  failed: Promise<Error>
  close(): Promise<void>
}
/** Opens a GPU; one in software only where that is asked for. Rejects with {@link GpuUnavailableError} or {@link GpuFailedError}. */
export type OpenGpuEngine = (options: { software: boolean }) => Promise<GpuEngine>

/** The device that was asked for cannot be had; the message says why. */
export class DeviceRefusedError extends Error {
  override name = 'DeviceRefusedError'
}

export class ScoresDevice {
  /** `changed`: the device is another one from now on, or something must be known about it. */
  readonly events = new EventEmitter<{ changed: [WorkerDevice] }>()
  readonly #wasm: ScoresEngine
  #gpu: GpuEngine | undefined
  #device: WorkerDevice

  private constructor(wasm: ScoresEngine, device: WorkerDevice, gpu?: GpuEngine) {
    this.#wasm = wasm
    this.#device = device
    this.#gpu = gpu
    void gpu?.failed.then((error) => this.#leaveGpu(error))
  }

  /** Throws {@link DeviceRefusedError} where a GPU must be and none can be. */
  static async open(choice: DeviceChoice, openGpu: OpenGpuEngine = openGpuEngine): Promise<ScoresDevice> {
    const wasm = await kernelScores()
    if (choice === 'cpu') return new ScoresDevice(wasm, CPU)
    try {
      const gpu = await provenGpu(await openGpu({ software: choice === 'gpu' }))
      return new ScoresDevice(wasm, { kind: 'gpu', name: gpu.name }, gpu)
    } catch (error) {
      if (!(error instanceof GpuUnavailableError || error instanceof GpuFailedError)) throw error
      if (choice === 'gpu') throw new DeviceRefusedError(error.message, { cause: error })
      return new ScoresDevice(wasm, { ...CPU, notice: `no GPU: ${error.message}` })
    }
  }

  /** What scores are computed on now. */
  get device(): WorkerDevice {
    return this.#device
  }

  readonly engine: LaterScoresEngine = async (rows) => {
    const onGpu = await this.#place(rows)
    let byWasm = onGpu ? undefined : this.#wasm(rows)
    return async (query) => {
      if (onGpu && this.#gpu) {
        try {
          return await onGpu(query)
        } catch (error) {
          if (!(error instanceof GpuFailedError)) throw error
          this.#leaveGpu(error)
        }
      }
      byWasm ??= this.#wasm(rows)
      return byWasm(query)
    }
  }

  async close(): Promise<void> {
    const gpu = this.#gpu
    this.#gpu = undefined
    await gpu?.close()
  }

  /** Puts rows on the GPU; undefined where there is none, or no room. */
  async #place(rows: ScoredRows): Promise<LaterScores | undefined> {
    try {
      return await this.#gpu?.engine(rows)
    } catch (error) {
      if (error instanceof GpuFailedError) this.#leaveGpu(error)
      else if (error instanceof GpuMemoryError) this.#say({ ...this.#device, notice: `beside WASM: ${error.message}` })
      else throw error
      return undefined
    }
  }

  #leaveGpu(error: Error): void {
    const gpu = this.#gpu
    if (!gpu) return
    this.#gpu = undefined
    this.#say({ ...CPU, notice: `the GPU was left: ${error.message}` })
    gpu.close().catch((failure: Error) => this.#say({ ...this.#device, notice: `closing the GPU: ${failure.message}` }))
  }

  #say(device: WorkerDevice): void {
    this.#device = device
    this.events.emit('changed', device)
  }
}

/** The GPU, once it has passed the known-answer test; closed where it has not. */
async function provenGpu(gpu: GpuEngine): Promise<GpuEngine> {
  try {
    const wrong = checkScoresAnswers(await computeScoresAnswers(gpu.engine))
    if (wrong) throw new GpuFailedError(`${gpu.name} failed the known-answer test: ${wrong}`)
    return gpu
  } catch (error) {
    await gpu.close()
    throw error
  }
}

async function openGpuEngine(options: { software: boolean }): Promise<GpuEngine> {
  const gpu = await GpuDevice.open(options)
  try {
    const engine = gpuScores(await GpuScores.create({ gpu }))
    return { name: gpu.name, engine, failed: gpu.failed, close: () => gpu.close() }
  } catch (error) {
    await gpu.close()
    throw error
  }
}
