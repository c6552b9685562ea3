/**
 * A chain in memory for unit tests of the prover: contents, one version, channels, and a settle that keeps
 * the rules which the gateway depends on. It is not the ledger; the end-to-end tests run the real one.
 */
import { type Hash, type Hex, keccak256, numberToHex, stringToBytes } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { SettleOutcome, SettleVoucher } from '../../client/index.ts'
import { LEAF_SKIP_REASON } from '../../genesis/abi/attribution.ts'
import type { Address } from '../../genesis/addresses.ts'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type AnswerReceipt, receiptTypedData } from '../../protocol/receipt.ts'
import { requestId } from '../../protocol/request.ts'
import { artifactHash, encodeArtifact } from '../attribute/artifact.ts'
import type { CorpusContribution, CorpusReads, Withdrawn } from '../attribute/corpus.ts'
import {
  buildRetrievalVersion,
  RETRIEVAL_ADAPTER_HASH,
  RETRIEVAL_ARCHITECTURE,
  RETRIEVAL_CURVATURE_HASH,
  RETRIEVAL_HYPERPARAMETERS_HASH,
  RETRIEVAL_TOKENIZER_HASH,
  RETRIEVAL_WEIGHTS_HASH,
} from '../attribute/retrieval-run.ts'
import type { SettledLeaf } from '../audit/audit-reads.ts'
import type { Prices } from '../gateway/price.ts'
import type { ChannelState, ProverChain, ProverRules, VersionState } from '../gateway/prover-chain.ts'

const DATANET = 1n
const RULES: ProverRules = { thresholdZ: 5n, maxEntries: 32, maxScaleFactor: 4n, maxLeafAge: 3_600n }

/** Texts that share few words, so that a question has one right passage. */
export const TEST_TEXTS = [
  'An ERC-20 token keeps balances and allowances; transferFrom spends an allowance that the owner approved.',
  'A timelock controller delays operations so that users may leave before a governance proposal executes.',
  'Merkle proofs verify that a leaf belongs to a tree whose root is known, hashing siblings pairwise.',
  'Reentrancy guards set a status word at entry and refuse nested calls until the function has returned.',
  'Upgradeable proxies delegate every call to an implementation whose address lies in a fixed storage slot.',
  'A vesting wallet releases ether and tokens to its beneficiary linearly over a schedule.',
]

const lower = (address: string) => address.toLowerCase() as Address

export class InMemoryChain implements ProverChain, CorpusReads {
  readonly chainId = 901
  readonly prover: PrivateKeyAccount = privateKeyToAccount(generatePrivateKey())
  readonly payer: PrivateKeyAccount = privateKeyToAccount(generatePrivateKey())
  readonly channelId: Hex = keccak256(stringToBytes('the channel'))
  readonly channels = new Map<Hex, ChannelState>()
  readonly signers = new Map<Address, { cap: bigint; expiry: bigint }>()
  readonly settledLeaves: SettledLeaf[] = []
  readonly vouchers: SettleVoucher[] = []
  /** Reason by request id: such leaves are skipped. */
  readonly refusals = new Map<Hex, number>()
  readonly withdrawnContributions = new Set<bigint>()
  live = true
  block = 10n
  published: VersionState | undefined
  readonly #contents = new Map<Hex, Uint8Array>()
  readonly #contributions: CorpusContribution[] = []

  constructor(texts: readonly string[] = TEST_TEXTS) {
    texts.forEach((text, index) => {
      const content = stringToBytes(text)
      const id = BigInt(index + 1)
      const contentHash = keccak256(content)
      this.#contents.set(contentHash, content)
      this.#contributions.push({
        id: ContributionId(id),
        datanet: DatanetId(DATANET),
        cluster: ClusterId(id),
        contentHash,
      })
    })
    this.channels.set(this.channelId, {
      payer: lower(this.payer.address),
      receiver: this.account,
      deposit: 1_000_000n,
      settled: 0n,
      closingAt: 0n,
      closed: false,
    })
  }

  /** Publishes version 1 over everything there is, at 1,000 wei a token of prompt and 2,000 of answer. */
  async publish(): Promise<VersionState> {
    const { maxScaleFactor } = RULES
    const { artifact } = await buildRetrievalVersion(this, { datanets: [DATANET], block: this.block, maxScaleFactor })
    this.published = {
      version: 1n,
      model: 1n,
      publisher: this.account,
      datanets: [DATANET],
      seed: this.block,
      manifestRoot: artifact.manifestRoot,
      hyperparametersHash: RETRIEVAL_HYPERPARAMETERS_HASH,
      adapterHash: RETRIEVAL_ADAPTER_HASH,
      curvatureHash: RETRIEVAL_CURVATURE_HASH,
      featureRoot: artifact.featureRoot,
      artifactHash: artifactHash(encodeArtifact(artifact)),
      rows: artifact.rows.length,
      medianScale: artifact.medianScale,
      pricePer1kIn: 1_000_000n,
      pricePer1kOut: 2_000_000n,
      name: 'test',
      base: {
        id: 1n,
        weightsHash: RETRIEVAL_WEIGHTS_HASH,
        tokenizerHash: RETRIEVAL_TOKENIZER_HASH,
        architecture: RETRIEVAL_ARCHITECTURE,
      },
    }
    return this.published
  }

  get account(): Address {
    return lower(this.prover.address)
  }

  async contributions(datanets: readonly bigint[]): Promise<CorpusContribution[]> {
    return this.#contributions.filter(({ datanet }) => datanets.includes(datanet))
  }

  async withdrawn(): Promise<Withdrawn> {
    const contributions = new Set(this.withdrawnContributions)
    return { contributions, clusters: new Set(contributions) }
  }

  async content(hash: Hex): Promise<Uint8Array | undefined> {
    return this.#contents.get(hash)
  }

  async head(): Promise<{ number: bigint; timestamp: bigint }> {
    return { number: this.block, timestamp: 1_700_000_000n + this.block }
  }

  async channel(channel: Hex): Promise<ChannelState | undefined> {
    return this.channels.get(channel)
  }

  async signer(_channel: Hex, key: Address): Promise<{ cap: bigint; expiry: bigint }> {
    return this.signers.get(key) ?? { cap: 0n, expiry: 0n }
  }

  async version(version: bigint): Promise<VersionState | undefined> {
    return version === 1n ? this.published : undefined
  }

  async isLive(): Promise<boolean> {
    return this.live
  }

  async prices(): Promise<Prices> {
    return this.published!
  }

  async publishedVersions(): Promise<bigint[]> {
    return this.published ? [1n] : []
  }

  async rules(): Promise<ProverRules> {
    return RULES
  }

  async signReceipt(receipt: AnswerReceipt): Promise<Hex> {
    return this.prover.signTypedData(receiptTypedData(this.chainId, receipt))
  }

  async settle(
    leaves: readonly Leaf[],
    vouchers: readonly SettleVoucher[],
  ): Promise<SettleOutcome & { transaction: Hash }> {
    const outcome: SettleOutcome = { settled: [], skipped: [], vouchersSkipped: [] }
    this.block += 1n
    this.vouchers.push(...vouchers)
    for (const leaf of leaves) {
      const request = requestId(leaf.channel, leaf.n)
      const reason = this.#reasonAgainst(request, leaf, vouchers)
      if (reason !== undefined) {
        outcome.skipped.push({ request, reason })
        continue
      }
      this.channels.get(leaf.channel)!.settled += leaf.fee
      this.settledLeaves.push({ request, leaf, block: this.block })
      outcome.settled.push(request)
    }
    return { ...outcome, transaction: numberToHex(this.block, { size: 32 }) }
  }

  #reasonAgainst(request: Hex, leaf: Leaf, vouchers: readonly SettleVoucher[]): number | undefined {
    const channel = this.channels.get(leaf.channel)
    if (!channel) return LEAF_SKIP_REASON.unknownChannel
    if (this.settledLeaves.some((settled) => settled.request === request)) return LEAF_SKIP_REASON.alreadySettled
    const ceiling = vouchers.find((voucher) => voucher.channel === leaf.channel)?.maxClaimableAmount ?? 0n
    if (channel.settled + leaf.fee > ceiling) return LEAF_SKIP_REASON.overCeiling
    return this.refusals.get(request)
  }
}
