/** A call to a native contract: node/ledger's pure function gets a view of the message and gives back what to change. */
import { EMPTY_BYTES } from '../bytes.ts'
import type { NativeCall, NativeReader, NativeResult } from '../native.ts'
import type { Outcome } from './frame.ts'
import type { CallStart, Machine } from './machine.ts'

const outOfGas: Outcome = { failure: 'out of gas', gasLeft: 0n, output: EMPTY_BYTES, created: undefined }

/** The call's value has been credited already. Changes are made on the overlay; who calls commits or reverts them. */
export function callNative(machine: Machine, start: CallStart): Outcome {
  const { block, chainId, message } = machine
  const { address, caller, value, input, isStatic, gas } = start
  const call: NativeCall = {
    to: address,
    caller,
    origin: message.caller,
    value,
    data: input,
    isStatic,
    gas,
    block: { number: block.number, timestamp: block.timestamp, prevRandao: block.prevRandao, chainId },
  }
  const result = machine.parameters.natives.call(nativeReader(machine), call)
  if (result.gasUsed > gas || (!result.ok && result.kind === 'outOfGas')) return outOfGas
  if (!result.ok) {
    return { failure: 'revert', gasLeft: gas - result.gasUsed, output: result.returnData, created: undefined }
  }
  if (isStatic && changesState(result)) {
    return { failure: 'static state change', gasLeft: 0n, output: EMPTY_BYTES, created: undefined }
  }
  apply(machine, result)
  return { failure: undefined, gasLeft: gas - result.gasUsed, output: result.returnData, created: undefined }
}

function nativeReader({ overlay, access }: Machine): NativeReader {
  return {
    storage: (address, slot) => overlay.storage(address, slot),
    originalStorage: (address, slot) => overlay.originalStorage(address, slot),
    isWarm: (address, slot) => access.hasSlot(address, slot),
    balance: (address) => overlay.balance(address),
  }
}

type Done = NativeResult & { ok: true }

function changesState({ writes, transfers, logs, contents }: Done): boolean {
  return writes.length + transfers.length + logs.length + contents.length > 0
}

function apply(machine: Machine, { accessed, writes, transfers, logs, contents, refund }: Done): void {
  const { overlay, access } = machine
  for (const { address, slot } of accessed) access.addSlot(address, slot)
  for (const { address, slot, value } of writes) overlay.setStorage(address, slot, value)
  for (const { from, to, value } of transfers) {
    overlay.subtractBalance(from, value)
    overlay.addBalance(to, value)
  }
  for (const content of contents) overlay.acceptContent(content)
  machine.logs.push(...logs)
  machine.refund += Number(refund)
}
