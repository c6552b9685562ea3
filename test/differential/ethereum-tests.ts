/** Reads an archive of ethereum/tests (tar under zstd) from the conformance data, where that is present. */
import { existsSync, readFileSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'

const FOLDER = `${process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance'}/ethereum-tests`
const TAR_BLOCK = 512

export const isPresent = (name: string): boolean => existsSync(`${FOLDER}/${name}.tar.zst`)

/** The JSON files of the archive by path. */
export function* readArchive(name: string): Iterable<{ path: string; json: unknown }> {
  const tar = zstdDecompressSync(readFileSync(`${FOLDER}/${name}.tar.zst`))
  const text = (at: number, length: number) => tar.toString('latin1', at, at + length).replace(/\0.*$/s, '')
  for (let at = 0; at + TAR_BLOCK <= tar.length; ) {
    const path = [text(at + 345, 155), text(at, 100)].filter((part) => part !== '').join('/')
    const size = Number.parseInt(text(at + 124, 12) || '0', 8)
    const start = at + TAR_BLOCK
    if (path.endsWith('.json')) yield { path, json: JSON.parse(tar.toString('utf8', start, start + size)) }
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK
  }
}
