/**
 * What most of the ledger's tests need to stand before they begin: accounts with keys, a Datanet with
 * contributions, a live version, and a channel with its vouchers.
 */
import secp256k1 from 'secp256k1'
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, ASSET_FACES } from '../../../genesis/addresses.ts'
import { DatanetId } from '../../../genesis/units.ts'
import type { ChunkedContent } from '../../../protocol/chunks.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { MINHASH_SIZE } from '../../../protocol/minhash.ts'
import { threshold } from '../../../protocol/score.ts'
import { shareTokenOf } from '../../../protocol/share-token.ts'
import { voucherDigest } from '../../../protocol/voucher.ts'
import { hexOf } from '../calls/face.ts'
import { toWord } from '../calls/storage-layout.ts'
import type { SignedVoucher } from '../channels/voucher-check.ts'
import { type Args, CHAIN_ID, World } from './ledger-harness.ts'

export type Actor = { address: Address; key: Uint8Array }

export function actor(seed: number): Actor {
  const key = keccak256(Uint8Array.of(0xac, seed))
  const publicKey = secp256k1.publicKeyCreate(key, false).subarray(1)
  return { key, address: hexOf(keccak256(publicKey).subarray(12)) }
}

type Minhash = Args<'datanets', 'contribute'>[4]

/** A list of 32 MinHash values as the ABI types it. */
export function minhashArgument(values: Iterable<number>): Minhash {
  const list = [...values]
  const complete = (each: readonly number[]): each is Minhash => each.length === MINHASH_SIZE
  if (!complete(list)) throw new RangeError(`${list.length} MinHash values`)
  return list
}

export const word = (value: number | bigint): Hex => hexOf(toWord(BigInt(value)))
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Text whose shingles are its own for each seed. */
export function essay(seed: number, words = 60): string {
  return Array.from({ length: words }, (_, i) => hexOf(keccak256(Uint8Array.of(seed >> 8, seed, i))).slice(2, 10)).join(
    ' ',
  )
}

export const OPEN_DATANET = {
  name: 'smart contracts',
  domain: 'solidity',
  policy: 0,
  curators: [],
  quorum: 0,
  licence: { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: true },
  bond: 0n,
  uri: '',
} as const

export const COMMIT_BOND = parseEther('0.001')
export const VERSION_BOND = parseEther('1')
/** Wei per 1,000 tokens, in and out: so dear that the fees of leaves are bounded by channels alone. */
export const PRICE = parseEther('1000')
export const THETA = threshold(5n, 32_768)

export class Stage {
  readonly world: World
  readonly owner = actor(1)
  readonly prover = actor(2)
  readonly validator = actor(3)
  readonly payer = actor(4)
  readonly alice = actor(5)
  readonly bob = actor(6)
  readonly carol = actor(7)

  constructor(world = new World()) {
    this.world = world
    const { owner, prover, validator, payer, alice, bob, carol } = this
    for (const { address } of [owner, prover, validator, payer, alice, bob, carol])
      this.world.fund(address, parseEther('10000'))
  }

  createDatanet(): bigint {
    return this.world.send(this.owner.address, 'datanets', 'create', [OPEN_DATANET])
  }

  commit(who: Actor, datanet: bigint, content: Uint8Array, salt = word(7)): Hex {
    const commitment = contributionCommitment({
      owner: who.address,
      datanet: DatanetId(datanet),
      contentHash: hexOf(keccak256(content)),
      salt,
    })
    this.world.send(who.address, 'datanets', 'commit', [commitment], { value: COMMIT_BOND })
    return commitment
  }

  show(who: Actor, datanet: bigint, content: Uint8Array, salt = word(7)): { contribution: bigint; cluster: bigint } {
    const args = [datanet, hexOf(content), 'cid', salt] as const
    const [contribution, cluster] = this.world.send(who.address, 'datanets', 'contributeContent', args)
    return { contribution, cluster }
  }

  contribute(who: Actor, datanet: bigint, text: string): { contribution: bigint; cluster: bigint } {
    this.commit(who, datanet, utf8(text))
    return this.show(who, datanet, utf8(text))
  }

  /** Declares a content in chunks. */
  contributeChunks(who: Actor, datanet: bigint, content: ChunkedContent, minhash = content.minhash): bigint {
    const { root, size } = content
    const salt = word(7)
    const commitment = contributionCommitment({
      owner: who.address,
      datanet: DatanetId(datanet),
      contentHash: root,
      salt,
    })
    this.world.send(who.address, 'datanets', 'commit', [commitment], { value: COMMIT_BOND })
    const args = [datanet, root, 'cid', size, minhashArgument(minhash), salt] as const
    return this.world.send(who.address, 'datanets', 'contributeChunked', args)[0]
  }

  showChunk(who: Actor, contribution: bigint, content: ChunkedContent, index: number): void {
    const { bytes, minhash, proof } = content.chunks[index]!
    const args = [contribution, index, hexOf(bytes), minhashArgument(minhash), proof] as const
    this.world.send(who.address, 'datanets', 'showChunk', args)
  }

  /** What the share token of a Datanet does with a transfer. Returns how many units repaid a debt. */
  transferShares(from: Actor, to: Actor, datanet: bigint, amount: bigint): bigint {
    const args = [datanet, from.address, to.address, amount] as const
    return this.world.send(shareTokenOf(datanet), 'datanets', 'transferShares', args)
  }

  /** Releases a cluster's units, whose time has come, and transfers as many. */
  sellShares(from: Actor, to: Actor, datanet: bigint, cluster: bigint): void {
    const { world } = this
    const free = () => world.send(from.address, 'datanets', 'shareAccountOf', [datanet, from.address])
    const bound = free()[1]
    world.send(from.address, 'datanets', 'releaseShares', [cluster])
    this.transferShares(from, to, datanet, bound - free()[1])
  }

  /** What the token of models does with a transfer. */
  moveModel(from: Actor, to: Actor, model: bigint): void {
    this.world.send(ASSET_FACES.modelToken, 'models', 'transferModel', [model, from.address, to.address])
  }

  stake(who: Actor, role: number, amount: bigint): void {
    this.world.send(who.address, 'staking', 'stake', [role], { value: amount })
  }

  /** A model with one run over the Datanets, equally weighted. */
  openRun(datanets: bigint[], manifestRoot = word(3)): { model: bigint; run: bigint } {
    const { world, owner } = this
    const base = world.send(owner.address, 'models', 'registerBase', [word(1), 'retrieval', word(2), ''])
    const model = world.send(owner.address, 'models', 'createModel', [base, datanets, PRICE, PRICE, 'answers'])
    return { model, run: this.runOver(model, datanets, 0n, manifestRoot) }
  }

  /** A run of the owner's model over the Datanets, equally weighted. */
  runOver(model: bigint, datanets: bigint[], parent = 0n, manifestRoot = word(3)): bigint {
    const each = Math.floor(10_000 / datanets.length)
    const weights = datanets.map((_, i) => (i === 0 ? 10_000 - each * (datanets.length - 1) : each))
    const args = [model, manifestRoot, word(4), 5n, datanets, weights] as const
    const { address } = this.owner
    if (parent === 0n) return this.world.send(address, 'models', 'openRun', args)
    return this.world.send(address, 'models', 'openRunOn', [parent, ...args])
  }

  publish(run: bigint, rows = 1_000): bigint {
    const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
    const publication = { run, ...hashes, rows, dims: 32_768, medianScale: 100 }
    return this.world.send(this.owner.address, 'models', 'publishVersion', [publication], { value: VERSION_BOND })
  }

  /** A version that is live, over the Datanets. Stakes the prover and the validator. */
  liveVersion(datanets: bigint[]): bigint {
    const { world, prover, validator } = this
    this.stake(prover, STAKE_ROLE.prover, parseEther('1000'))
    this.stake(validator, STAKE_ROLE.validator, parseEther('100'))
    const version = this.publish(this.openRun(datanets).run)
    world.send(validator.address, 'models', 'attest', [version])
    world.pass(2n)
    return version
  }

  openChannel(deposit = parseEther('10')): Hex {
    return this.world.send(this.payer.address, 'channels', 'open', [this.prover.address], { value: deposit })
  }

  voucher(signer: Actor, channel: Hex, maxClaimableAmount: bigint): SignedVoucher {
    const digest = voucherDigest(Number(CHAIN_ID), { channel, maxClaimableAmount })
    const { signature, recid } = secp256k1.ecdsaSign(digest, signer.key)
    return { channel, maxClaimableAmount, signature: `${hexOf(signature)}${(27 + recid).toString(16)}` }
  }

  leaf(changes: Partial<Leaf> & Pick<Leaf, 'channel' | 'version'>): Leaf {
    const receipt = { n: 0n, fee: parseEther('0.1'), promptTokens: 10, outputTokens: 20, openable: true }
    const hashes = { promptHash: word(11), outputHash: word(12), queryHash: word(13) }
    return { ...receipt, ...hashes, asOf: this.world.number, entries: [], ...changes }
  }

  /** Settles one leaf with a voucher of the payer's that covers it. */
  settle(leaf: Leaf, ceiling = parseEther('10')): bigint {
    return this.world.send(this.prover.address, 'attribution', 'settle', [
      [leaf],
      [this.voucher(this.payer, leaf.channel, ceiling)],
    ])
  }
}
