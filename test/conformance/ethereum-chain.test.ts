/** A chain that goes through every fork from Frontier to Osaka and its parameter forks, from geth's genesis file and block export. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BrokenRuleError } from '../../node/execution/ethereum/block-rule.ts'
import { EthereumChain } from '../../node/execution/ethereum/ethereum-chain.ts'
import { genesisBlockOf, parseGenesis } from '../../node/execution/ethereum/genesis.ts'
import { splitRlp } from '../../node/execution/rlp.ts'
import { StateDatabase } from '../../node/state/state-database.ts'
import { MemoryStore } from '../../node/store/memory-store.ts'

const FOLDER = `${process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance'}/rpc-compat`

async function openChain() {
  const genesis = parseGenesis(readFileSync(`${FOLDER}/genesis.json`, 'utf8'))
  const store = new MemoryStore()
  const state = await StateDatabase.open({ store })
  const prepared = state.prepare(genesis.accounts, 0n)
  await store.write(prepared.operations)
  state.applied(prepared)
  const block = genesisBlockOf(genesis, prepared.stateRoot)
  return new EthereumChain({ store, state, schedule: genesis.schedule }, { genesis: block })
}

describe.skipIf(!existsSync(FOLDER))('the chain of the JSON-RPC conformance tests', () => {
  it('is executed block by block to the head that its authors came to', { timeout: 60_000 }, async () => {
    const chain = await openChain()
    for (const bytes of splitRlp(readFileSync(`${FOLDER}/chain.rlp`))) await chain.insert(bytes)
    const forkchoice = JSON.parse(readFileSync(`${FOLDER}/headfcu.json`, 'utf8'))
    expect(chain.head.hash).toBe(forkchoice.params[0].headBlockHash)
    expect(chain.head.header.number).toBe(54n)
  })

  it('refuses a block before its parent, by name', { timeout: 60_000 }, async () => {
    const chain = await openChain()
    const [, second] = splitRlp(readFileSync(`${FOLDER}/chain.rlp`))
    const refusal = await chain.insert(second!).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(BrokenRuleError)
    expect((refusal as BrokenRuleError).rule).toBe('BlockException.UNKNOWN_PARENT')
  })
})
