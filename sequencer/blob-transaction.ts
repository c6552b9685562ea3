/**
 * Blob transactions as the network takes them: the signed EIP-4844 transaction wrapped with its blobs.
 *
 *   EIP-4844 sidecar  0x03 ‖ rlp[transaction, blobs, commitments, proofs]               one proof a blob, until Osaka
 *   EIP-7594 sidecar  0x03 ‖ rlp[transaction, 0x01, blobs, commitments, cell proofs]    128 proofs a blob, since Osaka
 */
import type { Hex } from 'viem'
import { bytesToHex, concatBytes, hexToBytes } from '../node/execution/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../node/execution/rlp.ts'
import { kzgOf, versionedHash } from '../node/l1/kzg.ts'

export type SidecarForm = '4844' | '7594'

export type BlobSidecar = { form: SidecarForm; blobs: Uint8Array[]; versionedHashes: Hex[]; fields: RlpItem[] }

/** Commitments and proofs of the blobs. */
export async function blobSidecar(blobs: Uint8Array[], form: SidecarForm): Promise<BlobSidecar> {
  const { commitments, proofs } = await kzgOf(blobs, form === '4844' ? 'blob' : 'cell')
  const lists: RlpItem[] = [blobs, commitments, proofs]
  return {
    form,
    blobs,
    versionedHashes: commitments.map(versionedHash),
    fields: form === '4844' ? lists : [Uint8Array.of(1), ...lists],
  }
}

/** The network form of a signed transaction without its sidecar (0x03 ‖ rlp). */
export function wrapBlobTransaction(signed: Hex, sidecar: BlobSidecar): Hex {
  const bytes = hexToBytes(signed)
  return bytesToHex(concatBytes(bytes.subarray(0, 1), encodeRlp([decodeRlp(bytes.subarray(1)), ...sidecar.fields])))
}
