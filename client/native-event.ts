/**
 * What a mined transaction to a native contract brought about, read from its receipt's logs.
 */
import {
  type Abi,
  BaseError,
  type ContractEventName,
  type Log,
  type ParseEventLogsReturnType,
  parseEventLogs,
} from 'viem'
import { type Address, NATIVE, type NativeName } from '../genesis/addresses.ts'

/** A receipt lacks the event that its action always emits: it is of another transaction. */
export class EventMissingError extends BaseError {
  override name = 'EventMissingError'
  constructor(eventName: string, contract: NativeName) {
    super(`the receipt has no ${eventName} log of ${contract}`, {
      metaMessages: ['pass the receipt of the transaction that this action sent'],
    })
  }
}

/** Logs of one native contract, whatever the case of their address. */
export const logsOf = (logs: readonly Log[], address: Address): Log[] =>
  logs.filter((log) => log.address.toLowerCase() === address)

/** The first log of an event of a native contract. Throws {@link EventMissingError}. */
export function onlyEvent<const abi extends Abi, name extends ContractEventName<abi>>(
  logs: readonly Log[],
  at: { abi: abi; contract: NativeName; eventName: name },
): ParseEventLogsReturnType<abi, name, true>[number] {
  const found = parseEventLogs({ abi: at.abi, eventName: at.eventName, logs: logsOf(logs, NATIVE[at.contract]) })[0]
  if (!found) throw new EventMissingError(at.eventName, at.contract)
  return found
}
