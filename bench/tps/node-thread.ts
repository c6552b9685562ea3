/**
 * Our node on a thread of its own: level on disk, chain, pool, sequencer and JSON-RPC as the command wires them, over an L1
 * in memory. Its clock stands still; the message 'mine' lets it pass to the next block.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Chain } from '../../node/chain/chain.ts'
import { ManualClock } from '../../node/chain/testing/manual-clock.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { testConfig } from '../../node/chain/testing/test-chain.ts'
import { createLedger } from '../../node/ledger/ledger.ts'
import { StateDatabase } from '../../node/state/state-database.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { RpcServer } from '../../rpc/server.ts'
import { Sequencer } from '../../sequencer/builder.ts'
import { TransactionPool } from '../../sequencer/pool.ts'
import { ADDRESSES, BALANCE, SPARE_ADDRESSES } from './workload.ts'

export type NodeThreadData = { folder: string; gasLimit: number }
export type NodeThreadMessage = { url: string; config: string } | 'mined' | 'stopped'

const GENESIS_TIME = 1_700_000_000
const { folder, gasLimit } = workerData as NodeThreadData
const post = (message: NodeThreadMessage) => parentPort!.postMessage(message)

const l1 = new MemoryL1(BigInt(GENESIS_TIME))
const base = (await testConfig(l1.head)).genesis
const config = await testConfig(l1.head, {
  blockTime: 1,
  genesis: {
    ...base,
    balances: Object.fromEntries([...ADDRESSES, ...SPARE_ADDRESSES].map((address) => [address, BALANCE])),
    systemConfig: { ...base.systemConfig, gasLimit, daFootprintGasScalar: 1 },
  },
})
const store = await openLevelStore(folder)
const state = await StateDatabase.open({ store })
const chain = await Chain.open({ config, store, state, natives: createLedger() }, {})
chain.noteL1({ currentL1: l1.head, headL1: l1.head })
const pool = new TransactionPool({ config, chain })
const clock = new ManualClock(GENESIS_TIME * 1000)
const sequencer = new Sequencer({ config, chain, l1, pool, clock }, { confirmationDepth: 0 })
sequencer.onEvent((event) => {
  if (event.kind === 'failed') throw event.error
  if (event.kind === 'stalled') throw new Error(`the sequencer stalled: ${event.reason}`)
})
const server = new RpcServer({ chain, sink: pool, pool }, { host: '127.0.0.1', port: 0 })

parentPort!.on('message', async (message: 'mine' | 'stop') => {
  if (message === 'mine') {
    await clock.step()
    return post('mined')
  }
  await sequencer.stop()
  await server.stop()
  await chain.close()
  await store.close()
  post('stopped')
})

sequencer.start()
const { url } = await server.start()
const { systemConfig } = config.genesis
const described = `block time 1 s (built on demand), gas limit ${systemConfig.gasLimit}, DA footprint scalar ${systemConfig.daFootprintGasScalar}`
post({ url, config: described })
