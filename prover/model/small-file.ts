/** Whole files: read up to a bound, and replaced as a whole or not at all (temporary file, fsync, rename). */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileSource } from './byte-source.ts'
import { ModelFileError } from './model-file-error.ts'

/** Throws {@link ModelFileError} where the file is absent or larger than `maxBytes`. */
export async function readSmallFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = basename(path)
  const source = await fileSource(path, file)
  try {
    if (source.size > maxBytes) {
      throw new ModelFileError({ file, field: 'size', value: source.size, reason: `is above ${maxBytes} bytes` })
    }
    const bytes = new Uint8Array(source.size)
    await source.read(0, bytes)
    return bytes
  } finally {
    await source.close()
  }
}

/** Writes the chunks to a temporary file beside the path, then renames. On an error the path is as it was. */
export async function replaceFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true })
  const temporary = join(directory, `.${basename(path)}.${process.pid}.tmp`)
  try {
    const handle = await open(temporary, 'w')
    try {
      for (const chunk of chunks) await handle.writeFile(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(directory)
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}
