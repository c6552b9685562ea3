/** The thread of {@link CallThreads}. */
import { parentPort, workerData } from 'node:worker_threads'
import { estimateGas, simulateCall } from '../execution/call.ts'
import { createLedger } from '../ledger/ledger.ts'
import { StateDatabase } from '../state/state-database.ts'
import { openLevelStore } from '../store/level-store.ts'
import type { CallThreadData, CallThreadMessage, LongAnswer, LongCall } from './call-threads.ts'

const { path, config } = workerData as CallThreadData
const modules = { config, natives: createLedger() }
const store = await openLevelStore(path, { multithreading: true })

async function answer(call: LongCall): Promise<LongAnswer> {
  const { header, request } = call
  // Opened anew each time: one that is kept would remember records that the main thread has replaced.
  const state = (await StateDatabase.open({ store })).at(header.number)
  if (call.kind === 'call') return simulateCall(modules, state, header, request, call.overrides)
  return estimateGas(modules, state, header, request)
}

parentPort!.on('message', async (call: LongCall) => {
  const message: CallThreadMessage = await answer(call).then(
    (answer) => ({ answer }),
    (error) => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  parentPort!.postMessage(message)
})

parentPort!.postMessage('ready')
