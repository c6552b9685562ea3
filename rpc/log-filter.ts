/** eth_getLogs: which logs match, found through the headers' blooms first. */
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../genesis/addresses.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import type { HashedBlock, Log } from '../node/execution/block.ts'
import { bloomMayHold } from '../node/execution/bloom.ts'
import { hexToBytes } from '../node/execution/bytes.ts'
import { requireBlock } from './block-lookup.ts'
import { type PlacedLog, placedLogs } from './log-format.ts'
import { address, blockNumber, hash } from './parameter.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

/** Blocks that one query may span, and logs that it may answer. */
export const MAX_LOG_RANGE = 10_000n
export const MAX_LOGS = 10_000
const MAX_CHOICES = 1000

const ADDRESS = `must be an address or a list of at most ${MAX_CHOICES} addresses`
const TOPIC = `must be null, a 32-byte topic or a list of at most ${MAX_CHOICES} topics`

/** A filter object. Topics: by position; null matches anything, a list any of its members. */
export const logFilter = z.strictObject(
  {
    fromBlock: blockNumber.nullish(),
    toBlock: blockNumber.nullish(),
    blockHash: hash.nullish(),
    address: z.union([address, z.array(address).max(MAX_CHOICES)], { error: ADDRESS }).nullish(),
    topics: z
      .array(z.union([hash, z.array(hash.nullable()).max(MAX_CHOICES), z.null()], { error: TOPIC }), {
        error: 'must be a list of topics',
      })
      .max(4, 'must have at most 4 positions')
      .nullish(),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'must be a filter object') },
)

export type LogFilter = z.output<typeof logFilter>

/** What a log must be: one of the addresses (all, where empty), and at each position one of the topics (any, where empty). */
export type LogMatch = { addresses: Address[]; topics: Hex[][] }

export function matchOf(filter: LogFilter): LogMatch {
  const { address, topics } = filter
  return {
    addresses: address === undefined || address === null ? [] : typeof address === 'string' ? [address] : address,
    topics: (topics ?? []).map((position) => {
      if (position === null) return []
      if (typeof position === 'string') return [position]
      const choices = position.filter((topic) => topic !== null)
      return choices.length < position.length ? [] : choices
    }),
  }
}

export function matches({ addresses, topics }: LogMatch, log: Log): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false
  if (topics.length > log.topics.length) return false
  return topics.every((choices, i) => choices.length === 0 || choices.includes(log.topics[i]!))
}

/** The logs that a filter object names, oldest first. Throws {@link RpcError} where range or result pass their bounds. */
export async function logsOf(chain: ChainReads, filter: LogFilter): Promise<PlacedLog[]> {
  const match = matchOf(filter)
  if (filter.blockHash) {
    if (filter.fromBlock || filter.toBlock) {
      throw new RpcError(
        RPC_ERROR.invalidParams,
        'invalid argument 0 (filter): cannot specify both blockHash and fromBlock/toBlock, choose one or the other',
      )
    }
    const block = await chain.blockByHash(filter.blockHash)
    if (block === undefined) throw new RpcError(RPC_ERROR.server, `unknown block: ${filter.blockHash}`)
    return logsOfBlock(chain, block, match)
  }
  const head = chain.head('unsafe').block.header.number
  const from = await numberOf(chain, filter.fromBlock)
  let to = await numberOf(chain, filter.toBlock)
  if (from > to) {
    throw new RpcError(RPC_ERROR.invalidParams, `invalid block range params: fromBlock ${from} is after toBlock ${to}`)
  }
  if (to > head) to = head
  return logsInRange(chain, match, from, to)
}

async function numberOf(chain: ChainReads, id: LogFilter['fromBlock']): Promise<bigint> {
  if (id && 'number' in id) return id.number
  return (await requireBlock(chain, id ?? undefined)).block.header.number
}

/** Logs of blocks [from, to]. */
export async function logsInRange(chain: ChainReads, match: LogMatch, from: bigint, to: bigint): Promise<PlacedLog[]> {
  if (to - from >= MAX_LOG_RANGE) {
    throw new RpcError(
      RPC_ERROR.limitExceeded,
      `block range too large: ${to - from + 1n} blocks, limit ${MAX_LOG_RANGE}; ask for less at once`,
    )
  }
  const found: PlacedLog[] = []
  for (let number = from; number <= to; number++) {
    const block = await chain.blockByNumber(number)
    if (block === undefined) break
    found.push(...(await logsOfBlock(chain, block, match)))
    if (found.length > MAX_LOGS) {
      throw new RpcError(
        RPC_ERROR.limitExceeded,
        `query returns more than ${MAX_LOGS} results: narrow the filter, or end at block ${number - 1n}`,
      )
    }
  }
  return found
}

async function logsOfBlock(chain: ChainReads, block: HashedBlock, match: LogMatch): Promise<PlacedLog[]> {
  if (!bloomMayMatch(hexToBytes(block.block.header.logsBloom), match)) return []
  const receipts = await chain.receipts(block.hash)
  if (receipts === undefined) return []
  return placedLogs(block, receipts).filter(({ log }) => matches(match, log))
}

function bloomMayMatch(bloom: Uint8Array, { addresses, topics }: LogMatch): boolean {
  if (addresses.length > 0 && !addresses.some((address) => bloomMayHold(bloom, address))) return false
  return topics.every((choices) => choices.length === 0 || choices.some((topic) => bloomMayHold(bloom, topic)))
}
