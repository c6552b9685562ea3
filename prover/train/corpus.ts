/**
 * Text at hand: what `npm ci` put into node_modules for the packages that package.json names, and no others. The same lock file gives
 * the same corpus on every machine: packages for one platform only (optional dependencies) are left out, files go by package and path, and
 * where there is more than is wanted, the lowest content hashes are taken. Nothing of it is copied into the repository; a manifest says
 * what was read.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Hex } from 'viem'
import { z } from 'zod'
import { keccak256 } from '../../protocol/keccak.ts'

export type CorpusKind = 'solidity' | 'prose' | 'declarations'

export type CorpusDocument = {
  kind: CorpusKind
  package: string
  version: string
  /** Inside the package, with forward slashes. */
  path: string
  /** keccak256 of the bytes. */
  hash: Hex
  bytes: number
  text: string
}

export type Corpus = {
  /** By kind, package and path. */
  documents: readonly CorpusDocument[]
  /** keccak256 of the manifest's lines. */
  hash: Hex
}

export type CorpusOptions = {
  /** The folder with package.json and node_modules. */
  root: string
  /** Beginnings of "package/path" that are not read. */
  leaveOut?: readonly string[]
  /** What is read; all kinds if absent. */
  kinds?: readonly CorpusKind[]
}

/** There is nothing to learn from, or not what package.json says. */
export class CorpusError extends Error {
  override name = 'CorpusError'
}

/** Which files a kind takes: sizes of one file, and at most so many bytes of one package. */
type Rule = { kind: CorpusKind; file: RegExp; smallest: number; largest: number; perPackage: number }

const RULES: readonly Rule[] = [
  { kind: 'solidity', file: /\.sol$/, smallest: 200, largest: 200_000, perPackage: Number.POSITIVE_INFINITY },
  // A second dot is a translation; histories and licences are no prose.
  {
    kind: 'prose',
    file: /(^|\/)(?!changelog|history|license|licence|notice|security)[^./]+\.md$/i,
    smallest: 200,
    largest: 64_000,
    perPackage: 64_000,
  },
  { kind: 'declarations', file: /\.d\.[cm]?ts$/, smallest: 1_000, largest: 24_000, perPackage: 32_000 },
]

export const KINDS: readonly CorpusKind[] = RULES.map(({ kind }) => kind)

const packageSchema = z.object({
  version: z.string().default(''),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
})

/** Throws {@link CorpusError} where a package is missing, or no text was found. */
export async function readCorpus({ root, leaveOut = [], kinds = KINDS }: CorpusOptions): Promise<Corpus> {
  const project = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  const names = Object.keys({ ...project.dependencies, ...project.devDependencies }).sort()
  const found: CorpusDocument[] = []
  for (const name of names) found.push(...(await readPackage(root, name, { leaveOut, kinds })))
  const documents = withoutCopies(found.sort(byPlace))
  if (documents.length === 0) throw new CorpusError(`${root}: its packages have no text that could be learnt from`)
  return { documents, hash: hashOf(Buffer.from(manifestOf(documents))) }
}

/** One line per document: hash, bytes, kind, package@version/path. */
export function manifestOf(documents: readonly CorpusDocument[]): string {
  return documents
    .map(
      ({ hash, bytes, kind, package: name, version, path }) => `${hash} ${bytes} ${kind} ${name}@${version}/${path}\n`,
    )
    .join('')
}

async function readPackage(
  root: string,
  name: string,
  { leaveOut, kinds }: Required<Pick<CorpusOptions, 'leaveOut' | 'kinds'>>,
): Promise<CorpusDocument[]> {
  const folder = join(root, 'node_modules', name)
  const json = await readFile(join(folder, 'package.json'), 'utf8').catch((cause: unknown) => {
    throw new CorpusError(`${name} is not in ${root}/node_modules: run \`npm ci\``, { cause })
  })
  const { version } = packageSchema.parse(JSON.parse(json))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((path) => !path.split('/').includes('node_modules'))
    .filter((path) => !leaveOut.some((beginning) => `${name}/${path}`.startsWith(beginning)))
    .sort()
  const documents: CorpusDocument[] = []
  for (const rule of RULES.filter(({ kind }) => kinds.includes(kind))) {
    const matching = paths.filter((path) => rule.file.test(path))
    const read = await Promise.all(matching.map((path) => readDocument(rule, { name, version, folder, path })))
    documents.push(
      ...upTo(
        rule.perPackage,
        read.flatMap((document) => document ?? []),
      ),
    )
  }
  return documents
}

/** Undefined where the file is too small, too large or no text. */
async function readDocument(
  { kind, smallest, largest }: Rule,
  { name, version, folder, path }: { name: string; version: string; folder: string; path: string },
): Promise<CorpusDocument | undefined> {
  const content = await readFile(join(folder, path))
  const text = content.toString('utf8')
  const isText = !text.includes('\0') && !text.includes('\ufffd')
  if (content.length < smallest || content.length > largest || !isText) return undefined
  return { kind, package: name, version, path, hash: hashOf(content), bytes: content.length, text }
}

/** The documents of lowest hash that fit together. */
function upTo(limit: number, documents: readonly CorpusDocument[]): CorpusDocument[] {
  let room = limit
  return documents
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .filter(({ bytes }) => {
      if (bytes > room) return false
      room -= bytes
      return true
    })
}

/** Of equal contents the first stays. */
function withoutCopies(documents: readonly CorpusDocument[]): CorpusDocument[] {
  const seen = new Set<Hex>()
  return documents.filter(({ hash }) => !seen.has(hash) && seen.add(hash))
}

function byPlace(a: CorpusDocument, b: CorpusDocument): number {
  const [left, right] = [a, b].map(({ package: name, path }) => `${name}/${path}`) as [string, string]
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (left < right ? -1 : 1)
}

function hashOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(keccak256(bytes)).toString('hex')}`
}
