/**
 * One of Ethereum's blockchain tests: blocks on a given block 0, some of them invalid, of one or more branches; what must be is which
 * ones are taken, the last block of the heaviest branch, and its state.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { hexToBytes, wordHex } from '../../node/execution/bytes.ts'
import { blockOfHeader, type EthereumBlock } from '../../node/execution/ethereum/block.ts'
import { BrokenRuleError } from '../../node/execution/ethereum/block-rule.ts'
import { EthereumChain } from '../../node/execution/ethereum/ethereum-chain.ts'
import type { StateReader } from '../../node/state/reader.ts'
import { address, bytes, type FixtureState, hash, quantity, stateOf, stateSchema } from './fixture.ts'
import { blobsSchema, networkSchedule } from './network.ts'

const headerSchema = z
  .object({
    hash,
    parentHash: hash,
    uncleHash: hash,
    coinbase: address,
    stateRoot: hash,
    transactionsTrie: hash,
    receiptTrie: hash,
    bloom: bytes,
    difficulty: quantity,
    number: quantity,
    gasLimit: quantity,
    gasUsed: quantity,
    timestamp: quantity,
    extraData: bytes,
    mixHash: hash,
    nonce: bytes,
    baseFeePerGas: quantity.optional(),
    withdrawalsRoot: hash.optional(),
    blobGasUsed: quantity.optional(),
    excessBlobGas: quantity.optional(),
    parentBeaconBlockRoot: hash.optional(),
    requestsHash: hash.optional(),
  })
  .transform(({ uncleHash, coinbase, transactionsTrie, receiptTrie, bloom, hash: expected, ...rest }) => {
    const names = { ommersHash: uncleHash, beneficiary: coinbase, transactionsRoot: transactionsTrie }
    const header = { ...rest, ...names, receiptsRoot: receiptTrie, logsBloom: bloom }
    return { expected, header: { ...NO_LATER_FIELDS, ...header } }
  })

/** What headers of the first forks lack. */
const NO_LATER_FIELDS = {
  baseFeePerGas: undefined,
  withdrawalsRoot: undefined,
  blobGasUsed: undefined,
  excessBlobGas: undefined,
  parentBeaconBlockRoot: undefined,
  requestsHash: undefined,
}

const blockSchema = z.object({
  rlp: bytes,
  /** Absent where the block is invalid. */
  blockHeader: z.object({ hash }).optional(),
  expectException: z.string().optional(),
})

export const blockTestSchema = z.object({
  network: z.string(),
  genesisBlockHeader: headerSchema,
  pre: stateSchema,
  blocks: z.array(blockSchema),
  lastblockhash: hash,
  postState: stateSchema.optional(),
  postStateHash: hash.optional(),
  config: z.object({ chainid: quantity.optional(), blobSchedule: blobsSchema.optional() }).optional(),
})

export type BlockTest = z.output<typeof blockTestSchema>

/** A block that was to be refused, and was. */
export type Refusal = {
  /** Place in the test's list. */
  block: number
  /** The rule that it breaks. */
  rule: string
  reason: string
  /** What the test says that it breaks. */
  expected: string
}

export type BlockTestRun = {
  stateRoot: Hex | undefined
  error: string | undefined
  refusals: Refusal[]
}

/** What a test finds out by throwing. */
class Mismatch extends Error {
  override name = 'Mismatch'
}

export async function runBlockTest(test: BlockTest): Promise<BlockTestRun> {
  const refusals: Refusal[] = []
  try {
    const chain = await openChain(test)
    for (const [index, block] of test.blocks.entries()) await insert(chain, index, block, refusals)
    if (chain.head.hash !== test.lastblockhash)
      throw new Mismatch(`last block hash mismatch: got ${chain.head.hash}, want ${test.lastblockhash}`)
    checkState(test, chain.head, await chain.headState())
    return { stateRoot: chain.head.header.stateRoot, error: undefined, refusals }
  } catch (error) {
    if (error instanceof Mismatch) return { stateRoot: undefined, error: error.message, refusals }
    throw error
  }
}

async function openChain(test: BlockTest): Promise<EthereumChain> {
  const { config, network } = test
  const { header, expected } = test.genesisBlockHeader
  const schedule = networkSchedule(network, { chainId: config?.chainid ?? 1n, blobs: config?.blobSchedule ?? {} })
  const { store, state, stateRoot } = await stateOf(test.pre)
  const genesis = blockOfHeader(header)
  if (genesis.hash !== expected)
    throw new Mismatch(`genesis block hash doesn't match test: got ${genesis.hash}, want ${expected}`)
  if (stateRoot !== header.stateRoot)
    throw new Mismatch(`genesis block state root does not match test: got ${stateRoot}, want ${header.stateRoot}`)
  return new EthereumChain({ store, state, schedule }, { genesis })
}

async function insert(
  chain: EthereumChain,
  index: number,
  { rlp, blockHeader, expectException = 'any' }: BlockTest['blocks'][number],
  refusals: Refusal[],
): Promise<void> {
  const { refused, hash } = await offer(chain, hexToBytes(rlp))
  if (blockHeader === undefined) {
    if (refused === undefined)
      throw new Mismatch(`block ${index}: expected to be refused (${expectException}), was taken`)
    refusals.push({ block: index, rule: refused.rule, reason: refused.message, expected: expectException })
    return
  }
  if (refused !== undefined) throw new Mismatch(`block ${index}: refused: ${refused.rule}: ${refused.message}`)
  if (hash !== blockHeader.hash)
    throw new Mismatch(`block ${index}: hash mismatch: got ${hash}, want ${blockHeader.hash}`)
}

async function offer(chain: EthereumChain, rlp: Uint8Array): Promise<{ refused?: BrokenRuleError; hash?: Hex }> {
  try {
    const { block } = await chain.insert(rlp)
    return { hash: block.hash }
  } catch (error) {
    if (error instanceof BrokenRuleError) return { refused: error }
    throw error
  }
}

function checkState({ postState, postStateHash }: BlockTest, { header }: EthereumBlock, state: StateReader): void {
  if (postStateHash !== undefined && header.stateRoot !== postStateHash)
    throw new Mismatch(`post state root mismatch: got ${header.stateRoot}, want ${postStateHash}`)
  for (const [address, account] of Object.entries(postState ?? {})) checkAccount(address as Hex, account, state)
}

/** The header's root stands for the whole state; this names the account where they differ. */
function checkAccount(address: Hex, expected: FixtureState[Hex], state: StateReader): void {
  const account = state.account(address)
  if (account === undefined) throw new Mismatch(`account ${address} is missing`)
  for (const field of ['nonce', 'balance'] as const) {
    if (account[field] !== expected[field])
      throw new Mismatch(`account ${address} ${field} mismatch: got ${account[field]}, want ${expected[field]}`)
  }
  for (const [slot, value] of Object.entries(expected.storage)) {
    const found = state.storage(address, slot as Hex)
    if (found !== value)
      throw new Mismatch(`account ${address} slot ${slot} mismatch: got ${wordHex(found)}, want ${wordHex(value)}`)
  }
}
