/** Calls that no transaction makes: the protocol's own, to contracts that it knows by address (EIP-4788, 2935, 7002, 7251). */
import { type Address, SYSTEM_ADDRESS } from '../../genesis/addresses.ts'
import type { EngineResult } from './engine.ts'
import type { MessageContext } from './execute-message.ts'

/** Outside the block's gas (EIP-4788). */
const SYSTEM_CALL_GAS = 30_000_000n

/** undefined where there is no contract: then nothing happens. */
export function systemCall(
  { engine, overlay }: Pick<MessageContext, 'engine' | 'overlay'>,
  to: Address,
  data: Uint8Array,
): EngineResult | undefined {
  if (overlay.codeOf(to).length === 0) return undefined
  const result = engine.run({
    caller: SYSTEM_ADDRESS,
    to,
    value: 0n,
    data,
    gasLimit: SYSTEM_CALL_GAS,
    gasPrice: 0n,
    accessList: [],
    warmAddresses: [],
  })
  overlay.endTransaction()
  return result
}
