/** An audit's reads: the chain through viem and the SDK, openings over the gateway's HTTP. No key is needed. */
import { type Hex, hexToBytes } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'
import { z } from 'zod'
import { getModel, getStep, getVersion, type NativeClient, stepsAtPublication } from '../../client/index.ts'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { decodeLeaf } from '../../protocol/leaf.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { ChainCorpus, logPages } from '../attribute/chain-corpus.ts'
import { parameterAt } from '../attribute/chain-parameters.ts'
import type { CorpusContribution, Withdrawn } from '../attribute/corpus.ts'
import type { EntryRules } from '../attribute/settlement-leaf.ts'
import type { Prices } from '../gateway/price.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import { orUndefined, readVersion } from '../gateway/version-state.ts'
import type { SettledLeaf, StepOnRecord, VersionAuditReads } from './audit-reads.ts'
import type { Opening } from './leaf-audit.ts'
import { fetchAnsweringModel, gatewayFiles, type ProverFiles } from './prover-files.ts'

/** Blocks that may lie between an answer and the block of which it is attributed. */
const ANSWER_BLOCKS = 300n

const hex = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x([0-9a-f]{2})*$/.test(value),
  'must be bytes in hexadecimal',
)
const salt = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'must be 32 bytes in hexadecimal',
)

const openingSchema = z.object({
  prompt: z.string(),
  answer: z.string(),
  promptSalt: salt,
  outputSalt: salt,
  query: hex.optional(),
})
const refusalSchema = z.object({ error: z.object({ field: z.string(), reason: z.string() }) })

/** Steps asked for at once. */
const CONCURRENT_STEPS = 16

export class ViemAuditReads implements VersionAuditReads {
  readonly files: ProverFiles
  readonly #client: NativeClient
  readonly #corpus: ChainCorpus
  readonly #gatewayUrl: string

  constructor(modules: { client: NativeClient }, options: { gatewayUrl: string; signal?: AbortSignal }) {
    const { gatewayUrl: url, signal } = options
    this.#client = modules.client
    this.#corpus = new ChainCorpus(modules)
    this.#gatewayUrl = url
    this.files = gatewayFiles({ url, ...(signal && { signal }) })
  }

  contributions(datanets: readonly bigint[], block: bigint): Promise<CorpusContribution[]> {
    return this.#corpus.contributions(datanets, block)
  }

  withdrawn(block: bigint): Promise<Withdrawn> {
    return this.#corpus.withdrawn(block)
  }

  content(hash: Hex): Promise<Uint8Array | undefined> {
    return this.#corpus.content(hash)
  }

  async settledLeaves(): Promise<SettledLeaf[]> {
    const head = await getBlockNumber(this.#client, { cacheTime: 0 })
    const leaves: SettledLeaf[] = []
    for (const range of logPages(0n, head)) {
      const logs = await getContractEvents(this.#client, {
        address: NATIVE.attribution,
        abi: attributionAbi,
        eventName: 'Settled',
        strict: true,
        ...range,
      })
      for (const { args, blockNumber } of logs) {
        leaves.push({ request: args.request, leaf: decodeLeaf(hexToBytes(args.leaf)), block: blockNumber })
      }
    }
    return leaves
  }

  version(version: bigint): Promise<VersionState | undefined> {
    return readVersion(this.#client, version)
  }

  async recordedSteps(version: bigint): Promise<{ run: bigint; steps: StepOnRecord[] }> {
    const { run } = await getVersion(this.#client, { version })
    const count = await stepsAtPublication(this.#client, { version })
    const steps: StepOnRecord[] = []
    while (steps.length < count) {
      const indices = Array.from(
        { length: Math.min(CONCURRENT_STEPS, count - steps.length) },
        (_, i) => steps.length + i,
      )
      const found = await Promise.all(indices.map((index) => getStep(this.#client, { run, index })))
      steps.push(
        ...found.map(({ step, lossMicro, checkpointHash }) => ({ step, lossMicro: Number(lossMicro), checkpointHash })),
      )
    }
    return { run, steps }
  }

  async prices(model: bigint, asOf: bigint): Promise<Prices[]> {
    const before = asOf > ANSWER_BLOCKS ? asOf - ANSWER_BLOCKS : 1n
    const found = await Promise.all(
      [asOf, before].map((blockNumber) => orUndefined('UnknownModel', getModel(this.#client, { model, blockNumber }))),
    )
    return found.flatMap((prices) => prices ?? [])
  }

  async entryRules(block: bigint): Promise<EntryRules> {
    const [thresholdZ, maxEntries] = await Promise.all([
      parameterAt(this.#client, 'thresholdZ', block),
      parameterAt(this.#client, 'maxEntries', block),
    ])
    return { thresholdZ, maxEntries: Number(maxEntries) }
  }

  maxScaleFactor(block: bigint): Promise<bigint> {
    return parameterAt(this.#client, 'maxScaleFactor', block)
  }

  fetchArtifact(store: ArtifactStore, artifact: Hex): Promise<void> {
    return fetchAnsweringModel(this.files, store, artifact)
  }

  async opening(request: Hex): Promise<Opening | { refused: string }> {
    const response = await fetch(`${this.#gatewayUrl}/v1/openings/${request}`)
    const body: unknown = await response.json()
    if (!response.ok) {
      const refusal = refusalSchema.safeParse(body)
      return {
        refused: refusal.success ? `${response.status} ${refusal.data.error.reason}` : `status ${response.status}`,
      }
    }
    const parsed = openingSchema.safeParse(body)
    if (!parsed.success) return { refused: `the opening cannot be read: ${parsed.error.issues[0]!.message}` }
    const { query, ...texts } = parsed.data
    return { ...texts, query: query === undefined ? undefined : new Int8Array(hexToBytes(query)) }
  }
}
