/** For tests: a live version over real rows, a query that finds them, and what a challenger does. */

import secp256k1 from 'secp256k1'
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { ClusterId, ContributionId } from '../../../genesis/units.ts'
import { challengeCommitment } from '../../../protocol/challenge.ts'
import { precedes } from '../../../protocol/entries.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { encodeManifestItem, type ManifestItem, manifestLeaf, manifestRoot } from '../../../protocol/manifest.ts'
import { merkleProof, merkleRoot } from '../../../protocol/merkle.ts'
import { queryHash } from '../../../protocol/query.ts'
import { receiptDigest, saltedHash } from '../../../protocol/receipt.ts'
import { requestId } from '../../../protocol/request.ts'
import { DIMS, encodeRow, type Row, rowLeaf, SIGN_BYTES } from '../../../protocol/row.ts'
import { rawScore } from '../../../protocol/score.ts'
import { hexOf } from '../calls/face.ts'
import { CHAIN_ID, type World } from './ledger-harness.ts'
import { type Actor, actor, essay, OPEN_DATANET, Stage, VERSION_BOND, word } from './ledger-stage.ts'

export const CHALLENGE_BOND = parseEther('0.1')
export const OPENING_BOND = parseEther('0.01')
const SALT = word(99)
/** Wei that a contribution of this Datanet keeps with the contract. */
export const KEPT_BOND = 10n ** 12n

/** Signs that are their own for each seed. */
export function randomSigns(seed: number): Uint8Array {
  const signs = new Uint8Array(SIGN_BYTES)
  for (let at = 0; at < SIGN_BYTES; at += 32) signs.set(keccak256(Uint8Array.of(seed, at >> 8, at & 255)), at)
  return signs
}

/** A query of 32s with the majority's signs: each of an odd number of rows has a high score under it. */
export function majorityQuery(rows: readonly Uint8Array[]): Int8Array {
  return Int8Array.from({ length: DIMS }, (_, k) => {
    const plus = rows.filter((signs) => ((signs[k >> 3]! >> (k & 7)) & 1) === 1).length
    return 2 * plus > rows.length ? 32 : -32
  })
}

/** Four contributions with a row each and a second row of alice's; all five pass theta under the query. */
export class DisputeStage extends Stage {
  readonly datanet: bigint
  readonly challenger = actor(60)
  readonly contributors: Actor[]
  readonly clusters: bigint[]
  readonly rows: Row[]
  readonly manifest: ManifestItem[]
  readonly run: bigint
  readonly version: bigint
  readonly channel: Hex
  readonly query: Int8Array
  readonly promptIds = Uint32Array.of(1, 2, 3)
  readonly outputIds = Uint32Array.of(4, 5)

  /** `scales`: by row; 100 and more where absent. */
  constructor(
    signs: readonly Uint8Array[] = [0, 1, 2, 3, 4].map(randomSigns),
    scales: readonly number[] = [],
    within?: World,
  ) {
    super(within)
    const { world, alice, bob, carol, payer, owner } = this
    world.fund(this.challenger.address, parseEther('100'))
    this.datanet = world.send(owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, bond: KEPT_BOND }])
    this.contributors = [alice, bob, carol, payer, alice]
    const made = this.contributors.slice(0, 4).map((who, i) => this.contribute(who, this.datanet, essay(i)))
    made.push(made[0]!)
    this.clusters = made.map(({ cluster }) => cluster)
    this.rows = signs.map((each, index) => ({
      index,
      contribution: ContributionId(made[index % made.length]!.contribution),
      cluster: ClusterId(made[index % made.length]!.cluster),
      scale: scales[index] ?? 100 + index,
      signs: each,
    }))
    this.query = majorityQuery(this.rows.slice(0, 5).map((row) => row.signs))
    this.stake(this.prover, STAKE_ROLE.prover, parseEther('1000'))
    this.stake(this.validator, STAKE_ROLE.validator, parseEther('100'))
    this.manifest = this.rows.map(({ index, contribution }) => {
      const { contentHash } = world.send(owner.address, 'datanets', 'getContribution', [contribution])
      return { index, contribution, contentHash, start: 0, end: 60 }
    })
    this.run = this.openRun([this.datanet], manifestRoot(this.manifest)).run
    this.version = this.publishLive(this.rows)
    this.channel = this.openChannel()
  }

  /** Publishes the rows, once more. */
  publishRows(rows: readonly Row[] = this.rows): bigint {
    const hashes = { adapterHash: word(0), curvatureHash: word(0), artifactHash: word(9) }
    const featureRoot = merkleRoot(rows.map(rowLeaf))
    const publication = { run: this.run, ...hashes, featureRoot, rows: rows.length, dims: DIMS, medianScale: 100 }
    return this.world.send(this.owner.address, 'models', 'publishVersion', [publication], { value: VERSION_BOND })
  }

  /** Publishes rows, and lets the version become live. */
  publishLive(rows: readonly Row[]): bigint {
    const version = this.publishRows(rows)
    this.world.send(this.validator.address, 'models', 'attest', [version])
    this.world.pass(2n)
    return version
  }

  /** What row `index` speaks of, and its path. */
  manifestProof(index: number): [manifestItem: Hex, manifestPath: Hex[]] {
    const item = hexOf(encodeManifestItem(this.manifest[index]!))
    return [item, merkleProof(this.manifest.map(manifestLeaf), index)]
  }

  evidence(index: number, rows: readonly Row[] = this.rows): { row: Hex; path: Hex[] } {
    return { row: hexOf(encodeRow(rows[index]!)), path: merkleProof(rows.map(rowLeaf), index) }
  }

  get queryHex(): Hex {
    return hexOf(new Uint8Array(this.query.buffer))
  }

  entryOf(index: number): Leaf['entries'][number] {
    const { cluster, scale, signs } = this.rows[index]!
    return { row: index, cluster, raw: rawScore(signs, this.query), scale }
  }

  /** The leaf as it should be while no cluster is merged, listing every row, but for the changes. */
  honestLeaf(changes: Partial<Leaf> = {}): Leaf {
    const entries = this.rows.map((_, index) => this.entryOf(index)).sort((a, b) => (precedes(a, b) ? -1 : 1))
    const { promptIds, outputIds } = this
    return this.leaf({
      channel: this.channel,
      version: this.version,
      fee: parseEther('1'),
      promptTokens: promptIds.length,
      outputTokens: outputIds.length,
      promptHash: saltedHash(word(21), promptIds),
      outputHash: saltedHash(word(22), outputIds),
      queryHash: queryHash(this.query),
      entries,
      ...changes,
    })
  }

  /** Settles a leaf; returns the claim that its log shows. */
  claim(leaf: Leaf): Hex {
    const mark = this.world.logs.length
    if (this.settle(leaf) !== 1n) throw new Error('the leaf was not settled')
    return this.claimIn(mark)
  }

  /** The last claim logged since `mark`. */
  claimIn(mark: number): Hex {
    return this.world.events(mark).findLast(({ name }) => name === 'Claimed')!.args.claim as Hex
  }

  /** Commits to a challenge, and lets a block pass. */
  commitChallenge(subject: Hex, who = this.challenger): Hex {
    const commitment = challengeCommitment({ challenger: who.address, subject, salt: SALT })
    this.world.send(who.address, 'attribution', 'commitChallenge', [commitment], { value: CHALLENGE_BOND })
    this.world.pass(1n)
    return SALT
  }

  challengeScore(claim: Hex, leaf: Leaf, entry: number, row: number, who = this.challenger): boolean {
    const salt = this.commitChallenge(requestId(leaf.channel, leaf.n), who)
    const args = [claim, leaf, entry, this.queryHex, this.evidence(row), salt] as const
    return this.world.send(who.address, 'attribution', 'challengeScore', args)
  }

  challengeOmission(claim: Hex, leaf: Leaf, row: number): boolean {
    const salt = this.commitChallenge(requestId(leaf.channel, leaf.n))
    const args = [claim, leaf, this.queryHex, this.evidence(row), salt] as const
    return this.world.send(this.challenger.address, 'attribution', 'challengeOmission', args)
  }

  signReceipt(receipt: Leaf, signer = this.prover): Hex {
    const digest = receiptDigest(Number(CHAIN_ID), receipt)
    const { signature, recid } = secp256k1.ecdsaSign(digest, signer.key)
    return `${hexOf(signature)}${(27 + recid).toString(16)}`
  }

  opening() {
    const ids = (values: Uint32Array): Hex =>
      hexOf(Uint8Array.from([...values].flatMap((id) => [id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255])))
    const { promptIds, outputIds, queryHex: query } = this
    return { query, promptIds: ids(promptIds), outputIds: ids(outputIds), promptSalt: word(21), outputSalt: word(22) }
  }

  pendingOf(account: Address): bigint {
    return this.world.send(account, 'attribution', 'pendingOf', [account])
  }
}
