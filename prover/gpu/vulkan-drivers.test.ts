import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { vulkanDrivers } from './vulkan-drivers.ts'

describe('the Vulkan drivers of a machine', () => {
  it('are those that the environment names, and no others', () => {
    expect(vulkanDrivers({ VK_ICD_FILENAMES: '/a.json:/b.json' })).toEqual(['/a.json', '/b.json'])
    expect(vulkanDrivers({ VK_DRIVER_FILES: '/c.json', VK_ICD_FILENAMES: '/a.json' })).toEqual(['/c.json'])
  })

  it('are else found by their manifests in the data and configuration folders', async () => {
    const root = await temporaryDirectory()
    const folder = join(root, 'vulkan/icd.d')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'some_icd.json'), '{}')
    await writeFile(join(folder, 'readme.txt'), '')
    const elsewhere = join(root, 'none')
    const nowhere = { HOME: elsewhere, XDG_CONFIG_HOME: elsewhere, XDG_DATA_HOME: elsewhere, XDG_DATA_DIRS: elsewhere }
    const known = vulkanDrivers(nowhere)
    expect(vulkanDrivers({ ...nowhere, XDG_DATA_DIRS: root })).toEqual([...known, join(folder, 'some_icd.json')])
    expect(vulkanDrivers({ ...nowhere, VK_ADD_DRIVER_FILES: '/d.json' })).toEqual(['/d.json', ...known])
  })
})
