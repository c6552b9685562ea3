/**
 * Request and response for one block by its height, modelled on the OP Stack's payload_by_number (specs.optimism.io,
 * p2p, "Req-Resp"), under an id of our own because the answer is a snappy block, not a framed stream:
 *
 *     /openledger/req/payload_by_number/{chain id}/0
 *     request   height u64 little endian                                                     8 bytes, then end of stream
 *     response  result u8 (0 found, 1 not found, 2 bad request, 3 too many) ‖ version u32 (0) ‖ snappy(envelope)
 *
 * Everything after the result is there only where it is 0. A response is not trusted: the asker knows the hash that it must have.
 */
import type { HashedBlock } from '../execution/block.ts'
import { concatBytes } from '../execution/bytes.ts'
import { InvalidBlockError } from '../execution/invalid-block.ts'
import { CompressionError, MAX_MESSAGE_SIZE, pack, unpack } from './compression.ts'
import { checkedBlock, decodeEnvelope, encodeEnvelope, PayloadError } from './execution-payload.ts'

export const REQUEST_SIZE = 8
const HEAD_SIZE = 5
/** Snappy's worst case: what does not compress grows by a sixth. */
export const MAX_RESPONSE_SIZE = HEAD_SIZE + 32 + MAX_MESSAGE_SIZE + Math.ceil(MAX_MESSAGE_SIZE / 6)

const RESULT = { found: 0, notFound: 1, badRequest: 2, tooMany: 3 } as const

export function payloadByNumberProtocol(chainId: number): string {
  return `/openledger/req/payload_by_number/${chainId}/0`
}

export function encodeRequest(height: bigint): Uint8Array {
  const bytes = new Uint8Array(REQUEST_SIZE)
  new DataView(bytes.buffer).setBigUint64(0, height, true)
  return bytes
}

/** Answers a request's bytes. `lookUp` may be slow; `admit` says whether the asker may have one more. */
export async function answerRequest(
  request: Uint8Array,
  admit: () => boolean,
  lookUp: (height: bigint) => Promise<HashedBlock | undefined>,
): Promise<Uint8Array> {
  if (request.length !== REQUEST_SIZE) return Uint8Array.of(RESULT.badRequest)
  if (!admit()) return Uint8Array.of(RESULT.tooMany)
  const height = new DataView(request.buffer, request.byteOffset, REQUEST_SIZE).getBigUint64(0, true)
  const block = await lookUp(height)
  if (block === undefined) return Uint8Array.of(RESULT.notFound)
  return concatBytes(Uint8Array.of(RESULT.found, 0, 0, 0, 0), pack(encodeEnvelope(block)))
}

/** A response that breaks the protocol: its sender's fault. */
export class ResponseError extends Error {
  override name = 'ResponseError'
}

/** The block of a response, undefined where the peer has none for us. Throws {@link ResponseError}. */
export function readResponse(response: Uint8Array): HashedBlock | undefined {
  const [result, ...version] = response.subarray(0, HEAD_SIZE)
  if (result === RESULT.notFound || result === RESULT.tooMany) return undefined
  if (result !== RESULT.found) throw new ResponseError(`result ${result ?? 'missing'}`)
  if (version.length !== 4 || version.some((byte) => byte !== 0)) throw new ResponseError(`version ${version.join()}`)
  try {
    const block = checkedBlock(decodeEnvelope(unpack(response.subarray(HEAD_SIZE))))
    if (block === undefined) throw new ResponseError('the block does not have the hash that it claims')
    return block
  } catch (error) {
    if (error instanceof CompressionError || error instanceof PayloadError || error instanceof InvalidBlockError) {
      throw new ResponseError(error.message)
    }
    throw error
  }
}
