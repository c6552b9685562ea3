/**
 * The claims that a chain's logs speak of, by request: leaf bytes of `Settled`, claim bytes of the last `Claimed`. The last blocks
 * are read again each time, because an unsafe head may be reorganised.
 */
import { type Hex, hexToBytes } from 'viem'
import { getContractEvents } from 'viem/actions'
import type { NativeClient } from '../../client/index.ts'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type Claim, decodeClaim } from '../../protocol/claim.ts'
import { decodeLeaf, type Leaf } from '../../protocol/leaf.ts'
import { logPages, UNSETTLED_BLOCKS } from '../attribute/chain-corpus.ts'

export type ClaimRecord = {
  request: Hex
  leaf: Leaf
  /** Lower case. */
  prover: Address
  /** L2 block of the settlement. */
  block: bigint
  /** The last claim's bytes, as challenges bring them back. */
  claimBytes: Hex
  claim: Claim
}

type Settled = Pick<ClaimRecord, 'request' | 'leaf' | 'prover' | 'block'> & { place: string }

export class ClaimBook {
  readonly #client: NativeClient
  readonly #settled = new Map<Hex, Settled>()
  readonly #claims = new Map<Hex, Hex>()
  #readTo = -1n

  constructor(modules: { client: NativeClient }) {
    this.#client = modules.client
  }

  /** Reads the logs up to `head`; returns the requests whose settlement is new, or another one than before. */
  async read(head: bigint): Promise<Hex[]> {
    const from = this.#readTo < UNSETTLED_BLOCKS ? 0n : this.#readTo - UNSETTLED_BLOCKS + 1n
    const fresh: Hex[] = []
    for (const range of logPages(from, head)) {
      const [settlements, claims] = await Promise.all([this.#logs('Settled', range), this.#logs('Claimed', range)])
      for (const { args, blockNumber: block, blockHash } of settlements) {
        const { request } = args
        const place = `${blockHash} ${args.leaf}`
        if (this.#settled.get(request)?.place === place) continue
        const prover = args.prover.toLowerCase() as Address
        this.#settled.set(request, { request, leaf: decodeLeaf(hexToBytes(args.leaf)), prover, block, place })
        fresh.push(request)
      }
      for (const { args } of claims) this.#claims.set(args.request, args.claim)
    }
    this.#readTo = head
    return fresh
  }

  /** Undefined where there is no such settlement. */
  get(request: Hex): ClaimRecord | undefined {
    const settled = this.#settled.get(request)
    const claimBytes = this.#claims.get(request)
    if (!settled || !claimBytes) return undefined
    const { leaf, prover, block } = settled
    return { request, leaf, prover, block, claimBytes, claim: decodeClaim(hexToBytes(claimBytes)) }
  }

  /** Every request that was ever settled. */
  requests(): Iterable<Hex> {
    return this.#settled.keys()
  }

  #logs<Name extends 'Settled' | 'Claimed'>(eventName: Name, range: { fromBlock: bigint; toBlock: bigint }) {
    return getContractEvents(this.#client, {
      ...{ address: NATIVE.attribution, abi: attributionAbi, eventName, strict: true, ...range },
    })
  }
}
