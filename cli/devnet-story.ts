/** What the story needs of rooms above devnet/: tuning and publishing a version, and the auditor as a process of its own. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWalletClient, http, parseEther } from 'viem'
import { z } from 'zod'
import type { Network } from '../devnet/network.ts'
import { type StoryContext, StoryError } from '../devnet/story/context.ts'
import type { AuditSummary } from '../devnet/story/report.ts'
import { modelsAbi } from '../genesis/abi/models.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { ArtifactStore } from '../prover/attribute/artifact-store.ts'
import { ArtifactServer } from '../prover/gateway/artifact-server.ts'
import { artifactDirectory } from '../prover/publish-retrieval-version.ts'
import { publishTunedVersion } from '../prover/publish-tuned-version.ts'
import { STORY_RECIPES } from '../prover/tune/recipe.ts'
import { trainingProgress } from './training-progress.ts'

const MODEL_NAME = 'Smart contract completion'
/** Wei of OPEN per 1,000 tokens of question and of answer. */
const PRICES = { pricePer1kIn: parseEther('0.1'), pricePer1kOut: parseEther('0.3') }
const POLLING_INTERVAL = 150

/** Threads of the training: more than this help a small model little. */
const MOST_THREADS = 4

const builderData = (dataDir: string) => join(dataDir, 'builder')

/** Gives what the builder has trained to whoever fetches it, as the prover does. */
export async function startBuilderArtifacts(dataDir: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = new ArtifactServer({ store: await ArtifactStore.open(artifactDirectory(builderData(dataDir))) })
  const { url } = await server.start()
  return { url, stop: () => server.stop() }
}

export type StoryVersionOptions = { dataDir: string; baseDirectory: string; scale: keyof typeof STORY_RECIPES }

/** The builder's version over the Datanet: tuned and published now, or found from an earlier start. */
export async function publishStoryVersion(
  context: StoryContext,
  datanet: bigint,
  { dataDir, baseDirectory, scale }: StoryVersionOptions,
): Promise<bigint> {
  const { builder } = context.cast
  const published = await publishedBy(context, builder.address)
  if (published !== undefined) return published
  const client = createWalletClient({
    account: builder,
    chain: context.l2Chain,
    transport: http(context.l2Url),
    pollingInterval: POLLING_INTERVAL,
  })
  mkdirSync(builderData(dataDir), { recursive: true })
  const { version, run, rows, steps } = await publishTunedVersion(client, builderData(dataDir), {
    datanets: [{ datanet, weightBps: 10_000 }],
    name: MODEL_NAME,
    ...PRICES,
    settings: STORY_RECIPES[scale],
    baseDirectory,
    worker: { threads: Math.min(availableParallelism(), MOST_THREADS) },
    progress: trainingProgress(context.progress),
    signal: context.signal,
  })
  context.progress(
    `version ${version} of a tuned model published: ${rows} rows, ${steps.length} checkpoints of run ${run} on record`,
  )
  return version
}

async function publishedBy(context: StoryContext, publisher: string): Promise<bigint | undefined> {
  const read = { address: NATIVE.models, abi: modelsAbi } as const
  const count = await context.l2.readContract({ ...read, functionName: 'versionCount' })
  for (let version = count; version > 0n; version--) {
    const found = await context.l2.readContract({ ...read, functionName: 'getVersion', args: [version] })
    if (found.publisher.toLowerCase() === publisher.toLowerCase()) return version
  }
  return undefined
}

const auditReport = z.object({
  audited: z.number(),
  equal: z.number(),
  differences: z.array(z.unknown()),
  versions: z.array(
    z.object({
      version: z.string(),
      equal: z.boolean(),
      intervals: z.array(z.object({ from: z.number(), to: z.number() })),
      rows: z.array(z.object({ index: z.number() })),
    }),
  ),
})

/** What is made again of each tuned version, besides its plan, artifact and adapter: enough to be seen, quick enough for a story. */
const VERSION_CHECKS = ['--interval', '1', '--rows', '2']

/** Runs `openledger audit --json` and reads its last line. */
export async function runAuditor(network: Network, baseDirectory: string): Promise<AuditSummary> {
  const program = fileURLToPath(new URL('./openledger.mjs', import.meta.url))
  const urls = ['--l2-rpc', network.verifierUrl, '--gateway', network.gatewayUrl]
  const args = ['audit', ...urls, '--base', baseDirectory, ...VERSION_CHECKS, '--json']
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const last = output.trim().split('\n').at(-1)
  if (!last) throw new StoryError(`the auditor printed no report: ${errors.trim()}`)
  const { audited, equal, differences, versions } = auditReport.parse(JSON.parse(last))
  return {
    audited,
    equal,
    differences: differences.map((difference) => JSON.stringify(difference)),
    versions: versions.map(({ intervals, rows, ...version }) => ({
      ...version,
      steps: intervals.reduce((total, { from, to }) => total + to - from, 0),
      rows: rows.length,
    })),
  }
}
