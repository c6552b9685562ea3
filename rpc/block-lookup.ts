/** From what a caller names to a block. */
import type { ChainReads } from '../node/chain/reads.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import type { BlockId, BlockTag } from './parameter.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

/** `pending` is answered with the latest block: what is pending is not executed before it is built. */
function taggedBlock(chain: ChainReads, tag: Exclude<BlockTag, 'earliest'>): HashedBlock {
  if (tag === 'safe' || tag === 'finalized') return chain.head(tag)
  return chain.head('unsafe')
}

export async function findBlock(chain: ChainReads, id: BlockId = { tag: 'latest' }): Promise<HashedBlock | undefined> {
  if ('hash' in id) return chain.blockByHash(id.hash)
  if ('number' in id) return chain.blockByNumber(id.number)
  if (id.tag === 'earliest') return chain.blockByNumber(0n)
  return taggedBlock(chain, id.tag)
}

/**
 * A block of the canonical chain, whose state can be read. Throws {@link RpcError}: "header not found" where there
 * is none, and where a hash names a block that is no longer canonical.
 */
export async function requireBlock(chain: ChainReads, id?: BlockId): Promise<HashedBlock> {
  const block = await findBlock(chain, id)
  if (block === undefined) throw new RpcError(RPC_ERROR.server, `header not found${named(id)}`)
  if (id !== undefined && 'hash' in id) {
    const canonical = await chain.blockByNumber(block.block.header.number)
    if (canonical?.hash !== block.hash)
      throw new RpcError(RPC_ERROR.server, `hash is not currently canonical: ${block.hash}`)
  }
  return block
}

function named(id: BlockId | undefined): string {
  if (id === undefined) return ''
  if ('hash' in id) return `: ${id.hash}`
  return 'number' in id ? `: number ${id.number}` : `: ${id.tag}`
}
