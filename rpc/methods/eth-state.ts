/** eth_* that read accounts and storage. */
import { bytesToHex } from 'viem'
import { z } from 'zod'
import { wordHex } from '../../node/execution/bytes.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../node/execution/header.ts'
import type { AccountProof, StateReader } from '../../node/state/reader.ts'
import { requireBlock } from '../block-lookup.ts'
import { type Json, quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { address, type BlockId, block, slot } from '../parameter.ts'

/** Slots of one proof (geth's bound). */
const MAX_PROOF_SLOTS = 1024

const at = block.optional()
const slots = z
  .array(slot, { error: 'must be a list of storage slots' })
  .max(MAX_PROOF_SLOTS, `must have at most ${MAX_PROOF_SLOTS} slots`)

export function ethStateMethods({ chain, pool }: RpcModules): MethodTable {
  async function state(id: BlockId | undefined): Promise<StateReader> {
    return chain.stateAt((await requireBlock(chain, id)).block.header.number)
  }

  return {
    eth_getBalance: method(['address', 'block'], z.tuple([address, at]), async ([address, id]) =>
      quantity((await state(id)).account(address)?.balance ?? 0n),
    ),
    eth_getTransactionCount: method(['address', 'block'], z.tuple([address, at]), async ([address, id]) => {
      const nonce = (await state(id)).account(address)?.nonce ?? 0n
      const pending = id !== undefined && 'tag' in id && id.tag === 'pending' ? pool?.nextNonce(address) : undefined
      return quantity(pending !== undefined && pending > nonce ? pending : nonce)
    }),
    eth_getCode: method(['address', 'block'], z.tuple([address, at]), async ([address, id]) => {
      const reader = await state(id)
      const account = reader.account(address)
      return account === undefined ? '0x' : bytesToHex(reader.code(account.codeHash))
    }),
    eth_getStorageAt: method(['address', 'slot', 'block'], z.tuple([address, slot, at]), async ([address, slot, id]) =>
      wordHex((await state(id)).storage(address, slot)),
    ),
    eth_getProof: method(['address', 'slots', 'block'], z.tuple([address, slots, at]), async ([address, slots, id]) => {
      const { block } = await requireBlock(chain, id)
      return formatProof(await chain.proof(address, slots, block.header.number))
    }),
  }
}

function formatProof({ address, account, accountProof, storageProof }: AccountProof): Json {
  return {
    address,
    accountProof: accountProof.map((node) => bytesToHex(node)),
    balance: quantity(account?.balance ?? 0n),
    nonce: quantity(account?.nonce ?? 0n),
    codeHash: account?.codeHash ?? EMPTY_CODE_HASH,
    storageHash: account?.storageRoot ?? EMPTY_ROOT,
    storageProof: storageProof.map(({ key, value, proof }) => ({
      key,
      value: quantity(value),
      proof: proof.map((node) => bytesToHex(node)),
    })),
  }
}
