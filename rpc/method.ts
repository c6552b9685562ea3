/** A JSON-RPC method: the names of its parameters, what they must be, and what it answers. */
import type { Hex } from 'viem'
import type { z } from 'zod'
import type { ChainReads, TransactionPoolView, TransactionSink } from '../node/chain/reads.ts'
import type { Block, HashedBlock } from '../node/execution/block.ts'
import type { Json } from './json.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

/** What the methods serve; wired in cli/. */
export type RpcModules = {
  chain: ChainReads
  sink: TransactionSink
  /** Absent on a node that only forwards transactions. */
  pool?: TransactionPoolView
  /** Peers connected now; 0 where absent. */
  peerCount?: () => number
  /** Takes validators' signatures on outputs, on a node that proposes them. */
  outputs?: { submit(attestation: OutputSignature): Promise<void> }
  /** Control of the node: `admin_*` is served where it is given, so only on an address that nobody else reaches. */
  admin?: AdminModules
}

/** A validator's signature on a block's output root. */
export type OutputSignature = { l2Block: bigint; outputRoot: Hex; signature: Hex }

/** What an operator may tell a node; `sequencer` is absent on a verifier. */
export type AdminModules = {
  sequencer?: {
    status(): { running: boolean }
    start(): void
    /** Resolves once no block is under way. */
    stop(): Promise<void>
  }
  /** Takes a block of the sequencer as gossip would bring it. Throws where it does not fit the chain. */
  insertUnsafe(block: Block): Promise<HashedBlock>
}

/** Takes the `params` of a request; throws {@link RpcError}. */
export type Method = (params: unknown) => Promise<Json>
export type MethodTable = Record<string, Method>

/**
 * Parameters by position. `names` are for messages; `params` is a zod tuple, whose trailing items may be
 * optional. A null in the place of an optional parameter counts as absent.
 */
export function method<Params extends z.ZodType<unknown[]>>(
  names: readonly string[],
  params: Params,
  answer: (params: z.output<Params>) => Promise<Json> | Json,
): Method {
  return async (given) => {
    const list = positional(given, names)
    const parsed = params.safeParse(list)
    if (!parsed.success) throw invalidParams(parsed.error, names, list)
    return answer(parsed.data)
  }
}

function positional(given: unknown, names: readonly string[]): unknown[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given))
    throw new RpcError(RPC_ERROR.invalidParams, 'params must be an array (parameters by position)')
  if (given.length > names.length) {
    const wanted = names.length === 0 ? '0' : `${names.length} (${names.join(', ')})`
    throw new RpcError(RPC_ERROR.invalidParams, `too many arguments, want at most ${wanted}, got ${given.length}`)
  }
  const list: unknown[] = given.map((value: unknown) => (value === null ? undefined : value))
  while (list.length > 0 && list.at(-1) === undefined) list.pop()
  return list
}

/** Names the parameter, the path inside it, the reason and the value. */
function invalidParams(error: z.ZodError, names: readonly string[], list: unknown[]): RpcError {
  const issue = error.issues[0]
  if (issue === undefined) return new RpcError(RPC_ERROR.invalidParams, 'invalid params')
  const [index, ...path] = issue.path
  // Without a path the tuple itself is wrong: it is too short.
  const position = typeof index === 'number' ? index : list.length
  const name = names[position] ?? 'params'
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], list)
  if (index === undefined || (value === undefined && path.length === 0)) {
    return new RpcError(RPC_ERROR.invalidParams, `missing value for required argument ${position} (${name})`)
  }
  const where = [name, ...path].join('.')
  return new RpcError(
    RPC_ERROR.invalidParams,
    `invalid argument ${position} (${where}): ${issue.message}, got ${shown(value)}`,
  )
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 100 ? text : `${text.slice(0, 97)}...`
}
