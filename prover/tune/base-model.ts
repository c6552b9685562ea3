/**
 * The base model that is tuned: where the one in this repository lies, and how a base is named on chain (registerBase):
 *
 *     weightsHash   = keccak256(keccak256(config.json) ‖ keccak256(file) for each file of the weights, by name ascending)
 *     tokenizerHash = keccak256(tokenizer.json)
 *     architecture  = as config.json's architectures says ("LlamaForCausalLM")
 *
 * The config is in it because rotary base, norms and windows decide the computation as weights do.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { concat, type Hex, keccak256 } from 'viem'
import { keccakOfFile } from '../attribute/keccak-stream.ts'
import { CONFIG_FILE, MAX_CONFIG_BYTES, parseConfig } from '../model/config.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { readSmallFile } from '../model/small-file.ts'
import { TOKENIZER_FILE } from '../model/tokenizer.ts'
import { MAX_TOKENIZER_BYTES } from '../model/tokenizer-file.ts'
import { weightFiles } from '../model/weights.ts'
import type { BaseHashes } from './recipe.ts'

/** The base model in this repository, a Hugging Face folder. */
export const SHIPPED_BASE: string = fileURLToPath(new URL('../base-model', import.meta.url))

/** What `registerBase` says of a folder. Throws {@link ModelFileError} that names the file. */
export async function baseHashes(directory: string): Promise<BaseHashes> {
  const config = await readSmallFile(join(directory, CONFIG_FILE), MAX_CONFIG_BYTES)
  const { architecture } = parseConfig(config)
  const tokenizerHash = keccak256(await readSmallFile(join(directory, TOKENIZER_FILE), MAX_TOKENIZER_BYTES))
  const parts: Hex[] = [keccak256(config)]
  for (const file of await weightFiles(directory)) parts.push((await keccakOfFile(join(directory, file))).hash)
  return { weightsHash: keccak256(concat(parts)), tokenizerHash, architecture }
}

/** Throws {@link ModelFileError} naming the file of a folder that is not the base that was named. */
export function checkBase(found: BaseHashes, named: BaseHashes): void {
  const parts = [
    ['weightsHash', 'config.json and weights'],
    ['tokenizerHash', TOKENIZER_FILE],
    ['architecture', CONFIG_FILE],
  ] as const
  for (const [field, file] of parts) {
    if (found[field] === named[field]) continue
    const reason = `the folder is another base model: must be ${named[field]}`
    throw new ModelFileError({ file, field, value: found[field], reason })
  }
}
