/** The thread in which KZG runs: loading its trusted setup takes seconds, a blob's proofs up to half of one. See kzg.ts. */
import { parentPort } from 'node:worker_threads'
import cKzg from 'c-kzg'

export type KzgProofs = 'none' | 'blob' | 'cell'
export type KzgTask = { id: number; blobs: Uint8Array[]; proofs: KzgProofs }
export type KzgAnswer = { id: number } & ({ commitments: Uint8Array[]; proofs: Uint8Array[] } | { error: string })

cKzg.loadTrustedSetup(0)

function answer({ id, blobs, proofs }: KzgTask): KzgAnswer {
  try {
    const commitments = blobs.map((blob) => cKzg.blobToKzgCommitment(blob))
    if (proofs === 'none') return { id, commitments, proofs: [] }
    if (proofs === 'cell')
      return { id, commitments, proofs: blobs.flatMap((blob) => cKzg.computeCellsAndKzgProofs(blob)[1]) }
    return { id, commitments, proofs: blobs.map((blob, index) => cKzg.computeBlobKzgProof(blob, commitments[index]!)) }
  } catch (error) {
    return { id, error: (error as Error).message }
  }
}

parentPort?.on('message', (task: KzgTask) => parentPort?.postMessage(answer(task)))
