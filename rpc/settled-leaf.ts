/** The leaf of a settled request, decoded from its Settled log. */
import { bytesToHex, decodeEventLog, encodeEventTopics, type Hex, hexToBytes } from 'viem'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { NATIVE } from '../genesis/addresses.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import { decodeLeaf, type Leaf } from '../protocol/leaf.ts'
import { logsInRange } from './log-filter.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

export type SettledLeaf = { request: Hex; transactionHash: Hex; blockNumber: bigint; leaf: Leaf }

/**
 * `settledAt` is the timestamp of the block that settled it, and timestamps follow from numbers (one every block
 * time since genesis), so that one block's logs are looked at and no more.
 */
export async function settledLeaf(
  chain: ChainReads,
  settlement: { request: Hex; settledAt: bigint },
  head: bigint,
): Promise<SettledLeaf> {
  const { blockTime, genesis } = chain.config
  const number = (settlement.settledAt - BigInt(genesis.l2Time)) / BigInt(blockTime)
  const topics = encodeEventTopics({ abi: attributionAbi, eventName: 'Settled', args: { request: settlement.request } })
  const match = { addresses: [NATIVE.attribution], topics: [[topics[0]!], [settlement.request]] }
  const found = number > head ? [] : await logsInRange(chain, match, number, number)
  const placed = found.at(-1)
  if (placed === undefined)
    throw new RpcError(RPC_ERROR.server, `no log of settled request ${settlement.request} in block ${number}`)
  const [signature, ...indexed] = placed.log.topics
  const { args } = decodeEventLog({
    abi: attributionAbi,
    eventName: 'Settled',
    topics: [signature!, ...indexed],
    data: bytesToHex(placed.log.data),
  })
  return {
    request: settlement.request,
    transactionHash: placed.transactionHash,
    blockNumber: placed.block.block.header.number,
    leaf: decodeLeaf(hexToBytes(args.leaf)),
  }
}
