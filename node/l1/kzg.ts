/**
 * KZG commitments and proofs of blobs (EIP-4844; cell proofs: EIP-7594) through c-kzg, in a thread of its own that
 * starts when it is first needed and does not keep the process alive.
 *
 *   versioned hash = 0x01 ‖ sha256(commitment)[1..32]
 */
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Hex } from 'viem'
import { bytesToHex } from '../execution/bytes.ts'
import type { KzgAnswer, KzgProofs, KzgTask } from './kzg-worker.ts'

/** 48 bytes for each blob's commitment, and the proofs asked for: none, one a blob, or 128 a blob. */
export type KzgResult = { commitments: Uint8Array[]; proofs: Uint8Array[] }

type Waiting = { resolve: (result: KzgResult) => void; reject: (error: Error) => void }

let worker: Worker | undefined
let lastId = 0
const waiting = new Map<number, Waiting>()

/** Throws an Error where some bytes are no blob of 4,096 field elements. */
export function kzgOf(blobs: Uint8Array[], proofs: KzgProofs): Promise<KzgResult> {
  worker ??= startWorker()
  const thread = worker
  return new Promise((resolve, reject) => {
    const task: KzgTask = { id: ++lastId, blobs, proofs }
    waiting.set(task.id, { resolve, reject })
    // While an answer is awaited the thread holds the process; see `settle`.
    thread.ref()
    thread.postMessage(task)
  })
}

export function versionedHash(commitment: Uint8Array): Hex {
  const digest = createHash('sha256').update(commitment).digest()
  digest[0] = 1
  return bytesToHex(digest)
}

export async function blobVersionedHash(blob: Uint8Array): Promise<Hex> {
  const { commitments } = await kzgOf([blob], 'none')
  return versionedHash(commitments[0]!)
}

function startWorker(): Worker {
  const started = new Worker(new URL('./kzg-worker.ts', import.meta.url))
  started.on('message', settle)
  started.on('error', (error) => {
    worker = undefined
    for (const { reject } of waiting.values()) reject(error as Error)
    waiting.clear()
  })
  return started
}

function settle(answer: KzgAnswer): void {
  const task = waiting.get(answer.id)
  waiting.delete(answer.id)
  if (waiting.size === 0) worker?.unref()
  if ('error' in answer) task?.reject(new Error(`KZG: ${answer.error}`))
  else task?.resolve({ commitments: answer.commitments, proofs: answer.proofs })
}
