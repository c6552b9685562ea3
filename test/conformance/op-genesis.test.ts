/** Block 0 of public OP chains, by the forks of their registry entries (superchain-registry: genesis file and toml). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { opGenesisBlockOf, parseOpGenesis } from '../../node/execution/ethereum/genesis.ts'
import { opScheduleOf } from '../../node/execution/op-schedule.ts'
import { StateDatabase } from '../../node/state/state-database.ts'
import { MemoryStore } from '../../node/store/memory-store.ts'

const FOLDER = `${process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance'}/op/genesis`
const names = existsSync(FOLDER)
  ? readdirSync(FOLDER).flatMap((file) => (file.endsWith('.toml') ? [file.replace('.toml', '')] : []))
  : []

/** The forks in a registry entry: `canyon_time = 1704992401`, under [hardforks]. They all began with Regolith. */
function forksOf(toml: string): Record<string, number> {
  const times = [...toml.matchAll(/^\s*(\w+_time) = (\d+)/gm)].map(([, name, at]) => [name, Number(at)])
  return { regolith_time: 0, ...Object.fromEntries(times) }
}

function hashOf(toml: string): string | undefined {
  return /\[genesis\.l2\]\s+hash = "(0x[0-9a-f]{64})"/.exec(toml)?.[1]
}

describe.skipIf(names.length === 0)("a public OP chain's block 0", () => {
  it.each(names)('of %s has the hash that the registry says', async (name) => {
    const toml = readFileSync(`${FOLDER}/${name}.toml`, 'utf8')
    const file = gunzipSync(readFileSync(`${FOLDER}/${name}.json.gz`)).toString('utf8')
    const genesis = parseOpGenesis(file, opScheduleOf(forksOf(toml)))
    const state = await StateDatabase.open({ store: new MemoryStore() })
    const { hash } = opGenesisBlockOf(genesis, state.prepare(genesis.accounts, 0n))
    expect(hash).toBe(hashOf(toml))
  })
})
