/**
 * Which Vulkan drivers a Linux machine has, by the manifests that the Vulkan loader looks for ("Driver Discovery on Linux" in the
 * loader's LoaderDriverInterface.md). A look at files is enough to know that there is none, before a native library is
 * loaded that prints warnings about it.
 */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

type Environment = Record<string, string | undefined>

/** Paths of manifests (JSON) that the loader would read, in no particular order; those that the environment names are not looked at. */
export function vulkanDrivers(environment: Environment = process.env): string[] {
  // VK_ICD_FILENAMES is the older name of VK_DRIVER_FILES; either replaces every other place.
  const named = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES
  if (named) return paths(named)
  return [...paths(environment.VK_ADD_DRIVER_FILES ?? ''), ...manifestFolders(environment).flatMap(manifests)]
}

const paths = (list: string) => list.split(delimiter).filter((path) => path !== '')

function manifestFolders(environment: Environment): string[] {
  const home = environment.HOME ?? homedir()
  const roots = [
    environment.XDG_CONFIG_HOME || join(home, '.config'),
    ...paths(environment.XDG_CONFIG_DIRS || '/etc/xdg'),
    '/etc',
    '/usr/local/etc',
    environment.XDG_DATA_HOME || join(home, '.local/share'),
    ...paths(environment.XDG_DATA_DIRS || '/usr/local/share:/usr/share'),
  ]
  return roots.map((root) => join(root, 'vulkan/icd.d'))
}

function manifests(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
