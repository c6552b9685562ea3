/** `openledger genesis-hash FILE --config TOML`: the hash of an OP chain's block 0, from its entry in the superchain registry. */
import { readFileSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { Command, Option } from 'commander'
import { GenesisError, opGenesisBlockOf, parseOpGenesis } from '../node/execution/ethereum/genesis.ts'
import { StateDatabase } from '../node/state/state-database.ts'
import { MemoryStore } from '../node/store/memory-store.ts'
import { parseRegistryChain, type RegistryNetwork, SHARED_FORKS } from './registry-chain.ts'
import { UserError } from './user-error.ts'

const NETWORKS = Object.keys(SHARED_FORKS) as RegistryNetwork[]

export function genesisHashCommand(): Command {
  return new Command('genesis-hash')
    .description("print the hash of an OP chain's block 0; exit code 1 where it is not the one in the config")
    .argument('<file>', "the chain's genesis file (geth's JSON, plain, .gz or .zst)")
    .requiredOption('--config <toml>', "the chain's entry in the superchain registry, for its forks")
    .addOption(
      new Option(
        '--network <name>',
        "whose shared forks count where the entry leaves some out; by default, what the entry's path says",
      ).choices(NETWORKS),
    )
    .action(async (file: string, options: { config: string; network?: RegistryNetwork }) => {
      const network = options.network ?? NETWORKS.findLast((name) => options.config.includes(name))
      const toml = readFile(options.config, '--config').toString('utf8')
      const { schedule, genesisHash } = parseRegistryChain(toml, options.config, network)
      const hash = await hashOf(unpack(readFile(file, 'file')).toString('utf8'), schedule, file)
      console.log(hash)
      if (genesisHash === undefined || genesisHash === hash) return
      console.error(`openledger: ${options.config} says ${genesisHash}`)
      process.exitCode = 1
    })
}

async function hashOf(text: string, schedule: Parameters<typeof parseOpGenesis>[1], file: string): Promise<string> {
  try {
    const genesis = parseOpGenesis(text, schedule)
    const state = await StateDatabase.open({ store: new MemoryStore() })
    const { hash } = opGenesisBlockOf(genesis, state.prepare(genesis.accounts, 0n))
    await state.close()
    return hash
  } catch (error) {
    if (error instanceof GenesisError) throw new UserError(`${file}: ${error.message}`)
    throw error
  }
}

function readFile(path: string, option: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UserError(`${option}: cannot read ${path}: ${(error as Error).message}`)
  }
}

/** By the first bytes: gzip, Zstandard, or neither. */
function unpack(bytes: Buffer): Buffer {
  if (bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes)
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes)
  return bytes
}
