/** Hands a validator's signatures to the node that proposes, by its JSON-RPC. */
import { createClient, http, numberToHex } from 'viem'
import type { Attestation } from './attestations.ts'

/** Milliseconds for one answer. */
const TIMEOUT = 10_000

type SubmitMethod = {
  Method: 'openledger_submitOutputSignature'
  Parameters: [block: string, outputRoot: string, signature: string]
  ReturnType: null
}

/** Resolves when the signature was taken; throws viem's error, whose first line says why it was not. */
export function deliverTo(url: string): (attestation: Attestation) => Promise<void> {
  const client = createClient({ transport: http(url, { timeout: TIMEOUT, retryCount: 0 }) })
  return async ({ l2Block, outputRoot, signature }) => {
    const method = 'openledger_submitOutputSignature'
    await client.request<SubmitMethod>({ method, params: [numberToHex(l2Block), outputRoot, signature] })
  }
}
