/** Curvatures on disk: `HEX.curvature`, named by its curvatureHash. A file appears whole or not at all, and is believed only by its hash. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { replaceFile } from '../model/small-file.ts'
import { type Curvature, CurvatureError, curvatureHash, decodeCurvature, encodeCurvature } from './curvature.ts'

export function curvaturePath(directory: string, hash: Hex): string {
  return join(directory, `${hash.slice(2)}.curvature`)
}

/** Writes it block after block. Returns its hash. */
export async function storeCurvature(directory: string, curvature: Curvature): Promise<Hex> {
  const hash = curvatureHash(curvature)
  await replaceFile(curvaturePath(directory, hash), encodeCurvature(curvature))
  return hash
}

/** Throws {@link CurvatureError} where the file is not what its name says, the system's error where it cannot be read. */
export async function loadCurvature(directory: string, hash: Hex): Promise<Curvature> {
  const curvature = decodeCurvature(await readFile(curvaturePath(directory, hash)))
  const found = curvatureHash(curvature)
  if (found !== hash) throw new CurvatureError(`curvature ${hash} on disk has the hash ${found}: it is damaged`)
  return curvature
}
