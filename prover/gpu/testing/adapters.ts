/**
 * The adapters that tests run on: the machine's own GPU where it has one, and a software Vulkan driver where one is found.
 * That is SwiftShader, which Debian's package chromium brings along, or Mesa's lavapipe (25 or later; Debian 12 has it
 * in bookworm-backports). A driver that VK_DRIVER_FILES or VK_ICD_FILENAMES names is taken as it is.
 */
import { existsSync } from 'node:fs'
import { GpuDevice } from '../device.ts'
import { GpuUnavailableError } from '../webgpu.ts'

const KNOWN_DRIVERS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
]

export type TestAdapter = {
  name: string
  /** Why there is no such adapter here; undefined where there is one. */
  missing: string | undefined
  /** Runs an action in an environment in which this adapter is the one that answers, also in processes that it starts. */
  within: <T>(action: () => Promise<T>) => Promise<T>
  open: () => Promise<GpuDevice>
}

export async function testAdapters(): Promise<TestAdapter[]> {
  const asItIs = <T>(action: () => Promise<T>) => action()
  return [
    await testAdapter('a real GPU', asItIs, { software: false }),
    await testAdapter('software Vulkan', withSoftwareVulkan, { software: true }),
  ]
}

/** Runs an action with the environment set so that a software driver is found; the environment is as before afterwards. */
async function withSoftwareVulkan<T>(action: () => Promise<T>): Promise<T> {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env
  const driver = KNOWN_DRIVERS.find((path) => existsSync(path))
  if (VK_DRIVER_FILES || VK_ICD_FILENAMES || !driver) return await action()
  // The older name, which every loader reads.
  process.env.VK_ICD_FILENAMES = driver
  try {
    return await action()
  } finally {
    delete process.env.VK_ICD_FILENAMES
  }
}

async function testAdapter(
  name: string,
  within: TestAdapter['within'],
  options: { software: boolean },
): Promise<TestAdapter> {
  const open = () => within(() => GpuDevice.open(options))
  try {
    const gpu = await open()
    await gpu.close()
    return { name, missing: undefined, within, open }
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error
    return { name, missing: error.message, within, open }
  }
}
