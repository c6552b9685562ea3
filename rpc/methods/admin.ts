/**
 * admin_*: an operator's control of the node (op-node's admin API). Served only where the node gives `admin`, which
 * the commands do on a port of its own.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { NodeError } from '../../node/errors.ts'
import type { Block } from '../../node/execution/block.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { EMPTY_REQUESTS_HASH, headerHash } from '../../node/execution/header.ts'
import { orderedTrieRoot } from '../../node/state/trie.ts'
import { type AdminModules, type MethodTable, method, type RpcModules } from '../method.ts'
import { address, data, hash, quantity, uint64 } from '../parameter.ts'
import { RPC_ERROR, RpcError } from '../rpc-error.ts'

const none = z.tuple([])

/** Transactions of a payload: more cannot be executed in a block's gas. */
const MAX_TRANSACTIONS = 100_000

/** op-node's ExecutionPayloadEnvelope: the Engine API's ExecutionPayloadV4 beside the beacon root. */
const envelope = z.strictObject({
  parentBeaconBlockRoot: hash,
  executionPayload: z.strictObject({
    parentHash: hash,
    feeRecipient: address,
    stateRoot: hash,
    receiptsRoot: hash,
    logsBloom: data.refine((bytes) => bytes.length === 256, 'must have 256 bytes'),
    prevRandao: hash,
    blockNumber: uint64,
    gasLimit: uint64,
    gasUsed: uint64,
    timestamp: uint64,
    extraData: data.refine((bytes) => bytes.length <= 32, 'must have at most 32 bytes'),
    baseFeePerGas: quantity,
    blockHash: hash,
    transactions: z.array(data).max(MAX_TRANSACTIONS),
    withdrawals: z.array(z.unknown()).max(0, 'must be empty'),
    blobGasUsed: uint64,
    excessBlobGas: uint64,
    withdrawalsRoot: hash,
  }),
})

export function adminMethods({ chain, admin }: RpcModules): MethodTable {
  if (admin === undefined) return {}
  return {
    admin_sequencerActive: method([], none, () => admin.sequencer?.status().running ?? false),
    admin_startSequencer: method(['unsafeHead'], z.tuple([hash]), ([expected]) => {
      const sequencer = sequencerOf(admin)
      if (sequencer.status().running) throw refused('the sequencer runs already')
      const head = chain.head('unsafe').hash
      if (expected !== head) throw refused(`block ${expected} is not the unsafe head, which is ${head}`)
      sequencer.start()
      return null
    }),
    admin_stopSequencer: method([], none, async () => {
      const sequencer = sequencerOf(admin)
      if (!sequencer.status().running) throw refused('the sequencer does not run')
      await sequencer.stop()
      return chain.head('unsafe').hash
    }),
    admin_postUnsafePayload: method(['envelope'], z.tuple([envelope]), async ([given]) => {
      const block = blockOf(given)
      const own = headerHash(block.header)
      const claimed = given.executionPayload.blockHash
      if (own !== claimed) throw refused(`the payload's fields hash to ${own}, not to its blockHash ${claimed}`)
      try {
        await admin.insertUnsafe(block)
      } catch (error) {
        if (error instanceof NodeError && error.severity !== 'critical') throw refused(error.message)
        throw error
      }
      return null
    }),
  }
}

function sequencerOf({ sequencer }: AdminModules): NonNullable<AdminModules['sequencer']> {
  if (sequencer === undefined) throw refused('this node is no sequencer')
  return sequencer
}

const refused = (reason: string): RpcError => new RpcError(RPC_ERROR.server, reason)

function blockOf({ parentBeaconBlockRoot, executionPayload: payload }: z.output<typeof envelope>): Block {
  const hex = (bytes: Uint8Array): Hex => bytesToHex(bytes)
  return {
    header: {
      parentHash: payload.parentHash,
      beneficiary: payload.feeRecipient,
      stateRoot: payload.stateRoot,
      transactionsRoot: orderedTrieRoot(payload.transactions),
      receiptsRoot: payload.receiptsRoot,
      logsBloom: hex(payload.logsBloom),
      number: payload.blockNumber,
      gasLimit: payload.gasLimit,
      gasUsed: payload.gasUsed,
      timestamp: payload.timestamp,
      extraData: hex(payload.extraData),
      mixHash: payload.prevRandao,
      baseFeePerGas: payload.baseFeePerGas,
      withdrawalsRoot: payload.withdrawalsRoot,
      blobGasUsed: payload.blobGasUsed,
      excessBlobGas: payload.excessBlobGas,
      parentBeaconBlockRoot,
      requestsHash: EMPTY_REQUESTS_HASH,
    },
    transactions: payload.transactions,
  }
}
