/**
 * A gateway over the in-memory chain with real files and real HTTP, for tests. The worker's jobs run in this
 * process unless a test asks for the process that they run in elsewhere.
 */
import { join } from 'node:path'
import type { Hex } from 'viem'
import { onTestFinished } from 'vitest'
import { voucherTypedData } from '../../protocol/voucher.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { kernelScores } from '../attribute/scores.ts'
import { AnswerBook } from '../gateway/answer-book.ts'
import type { BatchChain } from '../gateway/batch-chain.ts'
import { BatchSettler, type BatchSettlerOptions } from '../gateway/batch-settler.ts'
import { DrawSettler } from '../gateway/draw-settler.ts'
import { GatewayServer } from '../gateway/gateway-server.ts'
import { PaidAnswers } from '../gateway/paid-answers.ts'
import { ServedVersions } from '../gateway/served-versions.ts'
import { Settler, type SettlerOptions } from '../gateway/settler.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { GenerationWishes } from '../serve/generation.ts'
import type { AnswerWorkers } from '../work/supervisor.ts'
import { WorkerJobs } from '../work/worker-jobs.ts'
import { InMemoryBatches } from './in-memory-batches.ts'
import type { InMemoryChain } from './in-memory-chain.ts'

export type RunningGateway = Awaited<ReturnType<typeof runningGateway>>

export async function runningGateway(
  chain: InMemoryChain,
  directory: string,
  options: {
    settler?: SettlerOptions
    workers?: AnswerWorkers
    baseDirectory?: string
    /** Settles by batches on this chain. */
    batches?: BatchChain
    batchSettler?: BatchSettlerOptions
  } = {},
) {
  if (!chain.published) await chain.publish()
  const workers =
    options.workers ?? new WorkerJobs({ scores: await kernelScores(), kernel: await loadKernelFromFile() })
  const store = await ArtifactStore.open(directory)
  const journal = join(directory, 'journal.jsonl')
  const book = await AnswerBook.open(journal)
  const { baseDirectory } = options
  const versions = new ServedVersions(
    { chain, corpus: chain, store, workers },
    { directory, ...(baseDirectory && { baseDirectory }) },
  )
  await versions.add(1n)
  const gather = options.batches !== undefined
  const answers = new PaidAnswers({ chain, book, versions, workers }, { ascending: gather })
  const modules = { chain, corpus: chain, book, workers, batches: options.batches ?? new InMemoryBatches(chain) }
  const batchSettler = new BatchSettler(modules, { gather, ...options.batchSettler })
  const drawSettler = new DrawSettler(modules, { interval: 0 })
  const choose = () => batchSettler.choice.singles()
  const settler = new Settler(modules, { ...(gather && { choose }), ...options.settler })
  const server = new GatewayServer({ answers, book, versions, store })
  const { url } = await server.start()
  const stop = async () => {
    await server.stop()
    for (const each of [settler, batchSettler, drawSettler]) await each.stop()
    await book.close()
  }
  onTestFinished(stop)
  return { url, chain, answers, book, versions, store, settler, batchSettler, drawSettler, workers, journal, stop }
}

/** A well-formed body for POST /v1/answers; what is given takes the place of its fields. */
export async function paidQuestion(
  chain: InMemoryChain,
  n: bigint,
  given: {
    prompt?: string
    ceiling?: bigint
    openable?: boolean
    generation?: Partial<GenerationWishes>
    channel?: Hex
  } = {},
) {
  const maxClaimableAmount = given.ceiling ?? 900_000n
  const { channel = chain.channelId } = given
  const signature: Hex = await chain.payer.signTypedData(
    voucherTypedData(chain.chainId, { channel, maxClaimableAmount }),
  )
  return {
    version: '1',
    prompt: given.prompt ?? 'Why does a timelock delay operations?',
    channel,
    n: n.toString(),
    voucher: { maxClaimableAmount: maxClaimableAmount.toString(), signature },
    openable: given.openable ?? true,
    ...(given.generation && { generation: given.generation }),
  }
}

export type GatewayResponse = { status: number; body: Record<string, unknown> }

export async function post(url: string, body: unknown): Promise<GatewayResponse> {
  const response = await fetch(`${url}/v1/answers`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

export async function get(url: string, path: string): Promise<GatewayResponse> {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
