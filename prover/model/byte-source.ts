/** Bytes read by position: a file on disk, or memory. Nothing larger than what is asked for is ever read. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { ModelFileError } from './model-file-error.ts'

export type ByteSource = {
  /** Name for messages. */
  file: string
  /** Bytes. */
  size: number
  /** Fills `into` with the bytes from `position` on. Throws {@link ModelFileError} where the source ends before. */
  read(position: number, into: Uint8Array): Promise<void>
  close(): Promise<void>
}

const endsEarly = (file: string, position: number, length: number) =>
  new ModelFileError({ file, field: 'size', reason: `ends within the ${length} bytes at ${position}` })

export function memorySource(bytes: Uint8Array, file: string): ByteSource {
  return {
    file,
    size: bytes.length,
    read: async (position, into) => {
      if (position + into.length > bytes.length) throw endsEarly(file, position, into.length)
      into.set(bytes.subarray(position, position + into.length))
    },
    close: async () => {},
  }
}

/** Opens a regular file. Throws {@link ModelFileError} where there is none, or something else (a folder, a pipe). */
export async function fileSource(path: string, file = path): Promise<ByteSource> {
  await checkRegularFile(path, file)
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  return { file, size, read: (position, into) => readFully(handle, file, position, into), close: () => handle.close() }
}

async function readFully(handle: FileHandle, file: string, position: number, into: Uint8Array): Promise<void> {
  let filled = 0
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled)
    if (bytesRead === 0) throw endsEarly(file, position, into.length)
    filled += bytesRead
  }
}

/** Looks before opening, as opening a named pipe waits for its writer. */
async function checkRegularFile(path: string, file: string): Promise<void> {
  const found = await statIfAny(path)
  if (!found) throw new ModelFileError({ file, field: 'file', reason: 'is absent' })
  if (!found.isFile()) throw new ModelFileError({ file, field: 'file', reason: 'is not a regular file' })
}

export async function fileExists(path: string): Promise<boolean> {
  return (await statIfAny(path)) !== undefined
}

function statIfAny(path: string) {
  return stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
}
