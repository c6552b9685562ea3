/**
 * Requests from execution to the beacon chain (EIP-7685), in order of their type:
 *
 *   0  deposits           logs of the deposit contract (EIP-6110)
 *   1  withdrawals        what a system call to 0x…7002 returns (EIP-7002)
 *   2  consolidations     what a system call to 0x…7251 returns (EIP-7251)
 */
import { createHash } from 'node:crypto'
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import type { Log } from '../block.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES } from '../bytes.ts'
import type { MessageContext } from '../execute-message.ts'
import { systemCall } from '../system-call.ts'
import { brokenRule } from './block-rule.ts'

export const WITHDRAWAL_REQUESTS: Address = '0x00000961ef480eb55e80d19ad83579a64c007002'
export const CONSOLIDATION_REQUESTS: Address = '0x0000bbddc7ce488642fb579f8b00f3a590007251'

/** keccak256 of DepositEvent(bytes,bytes,bytes,bytes,bytes). */
const DEPOSIT_EVENT: Hex = '0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5'
const DEPOSIT_EVENT_BYTES = 576
/** The event's five byte strings: where the word with the length of each begins, and what that length is. */
const DEPOSIT_FIELDS = [
  { name: 'pubkey', at: 160, length: 48 },
  { name: 'withdrawalCredentials', at: 256, length: 32 },
  { name: 'amount', at: 320, length: 8 },
  { name: 'signature', at: 384, length: 96 },
  { name: 'index', at: 512, length: 8 },
]

/** sha256 of the sha256 of each kind of request that there is any of, its type before it. */
export function requestsHash(requests: Uint8Array[]): Hex {
  const hash = createHash('sha256')
  for (const request of requests) if (request.length > 1) hash.update(createHash('sha256').update(request).digest())
  return `0x${hash.digest('hex')}`
}

/** What a block's logs and the system contracts ask of the beacon chain. Throws {@link BrokenRuleError}. */
export function collectRequests(context: MessageContext, depositContract: Address, logs: Log[]): Uint8Array[] {
  const isDeposit = ({ address, topics }: Log) => address === depositContract && topics[0] === DEPOSIT_EVENT
  const deposits = logs.filter(isDeposit).map(readDeposit)
  return [
    concatBytes(Uint8Array.of(0), ...deposits),
    concatBytes(Uint8Array.of(1), dequeue(context, WITHDRAWAL_REQUESTS)),
    concatBytes(Uint8Array.of(2), dequeue(context, CONSOLIDATION_REQUESTS)),
  ]
}

/** The deposit in an event, whose layout must be what Solidity's ABI makes of it. */
function readDeposit({ data }: Log): Uint8Array {
  const fail = (reason: string) => brokenRule('INVALID_DEPOSIT_EVENT_LAYOUT', `deposit event: ${reason}`)
  if (data.length !== DEPOSIT_EVENT_BYTES) throw fail(`must be ${DEPOSIT_EVENT_BYTES} bytes, got ${data.length}`)
  const word = (at: number) => BigInt(bytesToHex(data.subarray(at, at + 32)))
  return concatBytes(
    ...DEPOSIT_FIELDS.map(({ name, at, length }, index) => {
      if (word(index * 32) !== BigInt(at)) throw fail(`${name} must begin at ${at}, got ${word(index * 32)}`)
      if (word(at) !== BigInt(length)) throw fail(`${name} must be ${length} bytes, got ${word(at)}`)
      return data.subarray(at + 32, at + 32 + length)
    }),
  )
}

function dequeue(context: MessageContext, contract: Address): Uint8Array {
  const result = systemCall(context, contract, EMPTY_BYTES)
  if (result === undefined) throw brokenRule('SYSTEM_CONTRACT_EMPTY', `there is no contract at ${contract}`)
  if (result.failure !== undefined)
    throw brokenRule('SYSTEM_CONTRACT_CALL_FAILED', `the call to ${contract} failed: ${result.failure}`)
  return result.returnData
}
