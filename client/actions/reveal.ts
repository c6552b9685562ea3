import { encodeFunctionData, type Hash, type Hex, toHex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { queryArgument } from '../row-proof.ts'

/** A request opened: what stands behind its hashes. */
export type RequestOpening = {
  /** Under the leaf's queryHash. */
  query: Int8Array
  /** Protocol token ids of the prompt (protocol/tokens.ts). */
  promptIds: Uint32Array
  /** Of the answer. */
  outputIds: Uint32Array
  /** 32 bytes. */
  promptSalt: Hex
  /** 32 bytes. */
  outputSalt: Hex
}

export type RevealParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
  /** What leaf and receipt committed to. */
  opening: RequestOpening
}
export type RevealReturnType = Hash
export type RevealErrorType = NativeWriteErrorType

/**
 * Answers a demand before its deadline; anybody may. The demand’s bond is the sender’s, and the claim is credited anew.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await reveal(prover, { claim, leaf, opening: { query, promptIds, outputIds, promptSalt, outputSalt } })
 */
export async function reveal(client: NativeClient, parameters: RevealParameters): Promise<RevealReturnType> {
  const { claim, leaf, opening, ...options } = parameters
  const { query, promptIds, outputIds, promptSalt, outputSalt } = opening
  const argument = {
    query: queryArgument(query),
    promptIds: idsArgument(promptIds),
    outputIds: idsArgument(outputIds),
    promptSalt,
    outputSalt,
  }
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'reveal', args: [claim, leaf, argument] })
  return sendNative(client, options, { contract: 'attribution', data })
}

/** Token ids, u32 big endian each. */
function idsArgument(ids: Uint32Array): Hex {
  const bytes = new Uint8Array(4 * ids.length)
  const view = new DataView(bytes.buffer)
  ids.forEach((id, i) => {
    view.setUint32(4 * i, id)
  })
  return toHex(bytes)
}
