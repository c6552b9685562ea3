import { once } from 'node:events'
import { createServer, get as httpGet, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Hex, hexToBytes, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { requestId } from '../../protocol/request.ts'
import { ArtifactError, isTuned } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { kernelScores } from '../attribute/scores.ts'
import type { AuditReads } from '../audit/audit-reads.ts'
import { auditSettlements } from '../audit/auditor.ts'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { generationSeed } from '../serve/generation.ts'
import { get, paidQuestion, post, runningGateway } from '../testing/running-gateway.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { type PublishedTuning, tunedVersion } from '../testing/tuned-version.ts'
import { WorkerJobs } from '../work/worker-jobs.ts'
import { ArtifactServer } from './artifact-server.ts'
import { fetchArtifact } from './artifact-source.ts'
import { ArtifactStreams } from './artifact-stream.ts'
import type { VersionState } from './prover-chain.ts'
import { ServedVersions } from './served-versions.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})
afterAll(() => kernel.close())

const PROMPT = 'contract Vault {\n    function getVault('

async function served() {
  const version = await tunedVersion(kernel, await temporaryDirectory())
  const { storeDirectory, baseDirectory } = version.options
  return { ...version, gateway: await runningGateway(version.chain, storeDirectory, { baseDirectory }) }
}

type AnswerBody = { answer: string; engine: string; generation: { seed: string }; receipt: { outputTokens: number } }

describe('an answer of a tuned version', () => {
  it('is written by its model, with a seed that follows from the request', async () => {
    const { chain, gateway, state } = await served()
    const question = await paidQuestion(chain, 4n, { prompt: PROMPT, generation: { maxTokens: 20, temperature: 1 } })
    const { status, body } = await post(gateway.url, question)
    const { answer, engine, generation, receipt } = body as AnswerBody
    expect({ status, engine }).toEqual({ status: 200, engine: 'lora' })
    const seed = generationSeed(requestId(chain.channelId, 4n))
    expect(generation).toEqual({ maxTokens: 20, temperature: 1, topP: 0.95, stop: [], seed: seed.toString() })
    expect(receipt.outputTokens).toBeGreaterThan(0)
    const again = await gateway.workers.answer({
      artifact: state.artifactHash,
      prompt: PROMPT,
      generation: { maxTokens: 20, temperature: 1, topP: 0.95, stop: [], seed },
    })
    expect(again.text).toBe(answer)
    expect((await post(gateway.url, question)).body).toEqual(body)
  })

  it('is settled, opened with how it was written, and found right by an auditor who has the base', async () => {
    const { chain, gateway, options, result } = await served()
    await post(gateway.url, await paidQuestion(chain, 0n, { prompt: PROMPT }))
    await gateway.settler.settleAll()
    const [{ leaf, request }] = chain.settledLeaves as [(typeof chain.settledLeaves)[number]]
    expect((await get(gateway.url, `/v1/openings/${request}`)).body).toMatchObject({
      prompt: PROMPT,
      generation: { maxTokens: 128 },
    })
    const reads = auditReads(chain, gateway.url)
    const { baseDirectory } = options
    const store = await ArtifactStore.open(await temporaryDirectory())
    const mark = kernel.arena.mark()
    onTestFinished(() => kernel.arena.release(mark))
    const models = { kernel, store, baseDirectory }
    expect(await auditSettlements(reads, models)).toEqual({ audited: 1, equal: 1, closed: 0, differences: [] })
    const lie = { ...leaf, queryHash: keccak256('0x12') }
    const lying = { ...reads, settledLeaves: async () => [{ request, leaf: lie, block: chain.block }] }
    expect(await auditSettlements(lying, models)).toMatchObject({
      equal: 0,
      differences: [{ what: 'queryHash', settled: lie.queryHash, recomputed: leaf.queryHash }],
    })
    expect((await auditSettlements(reads)).differences).toContainEqual({
      ...{ subject: 'version 1', what: 'artifact', settled: result.artifactHash },
      recomputed: 'not computed: no base model was given',
    })
  })

  it('is refused where the model cannot go on from the prompt, naming the prompt; nothing is written', async () => {
    const { chain, gateway } = await served()
    const { status, body } = await post(gateway.url, await paidQuestion(chain, 0n, { prompt: 'uint256 '.repeat(300) }))
    expect(status).toBe(400)
    expect(body).toMatchObject({
      error: { field: 'prompt', reason: expect.stringMatching(/^has \d+ tokens, this model takes/) },
    })
    expect(gateway.book.counts().answered).toBe(0)
  })

  it('is refused with settings beyond their bounds, each named', async () => {
    const { chain, gateway } = await served()
    const wrong: [string, unknown][] = [
      ['maxTokens', 0],
      ['maxTokens', 1_025],
      ['temperature', -1],
      ['temperature', 2.5],
      ['topP', 0],
      ['stop', Array.from({ length: 17 }, () => 'x')],
    ]
    for (const [field, value] of wrong) {
      const question = { ...(await paidQuestion(chain, 0n)), generation: { [field]: value } }
      const { status, body } = await post(gateway.url, question)
      expect({ status, body }).toMatchObject({ status: 400, body: { error: { field: `generation.${field}` } } })
    }
    // The seed is nobody's choice.
    const seeded = { ...(await paidQuestion(chain, 0n)), generation: { seed: 1 } }
    expect((await post(gateway.url, seeded)).body).toMatchObject({ error: { field: 'generation' } })
  })

  it('is of a version that says of itself what it is', async () => {
    const { gateway, state } = await served()
    expect((await get(gateway.url, '/v1/models')).body).toMatchObject({
      data: [{ version: '1', kind: 'lora', adapterHash: state.adapterHash, base: { ...state.base, id: '1' } }],
    })
  })
})

function auditReads(chain: PublishedTuning['chain'], url: string): AuditReads {
  return {
    contributions: (datanets) => chain.contributions(datanets),
    withdrawn: () => chain.withdrawn(),
    content: (hash) => chain.content(hash),
    settledLeaves: async () => chain.settledLeaves,
    version: (version) => chain.version(version),
    prices: async () => [await chain.prices()],
    entryRules: () => chain.rules(),
    maxScaleFactor: async () => (await chain.rules()).maxScaleFactor,
    fetchArtifact: (store, artifact) => fetchArtifact(store, artifact, { url }),
    opening: async (request) => {
      const { query, ...texts } = (await get(url, `/v1/openings/${request}`)).body as {
        prompt: string
        answer: string
        promptSalt: Hex
        outputSalt: Hex
        query: Hex
      }
      return { ...texts, query: new Int8Array(hexToBytes(query)) }
    },
  }
}

describe('the files of a tuned version', () => {
  it('are all given by hash, and make a whole version elsewhere', async () => {
    const { gateway, result } = await served()
    const artifact = await gateway.store.artifact(result.artifactHash)
    if (!isTuned(artifact)) throw new Error('not tuned')
    for (const { hash, size } of artifact.tuned.files) {
      const bytes = new Uint8Array(await (await fetch(`${gateway.url}/v1/artifacts/${hash}`)).arrayBuffer())
      expect([keccak256(bytes), bytes.length]).toEqual([hash, size])
    }
    const store = await ArtifactStore.open(await temporaryDirectory())
    await fetchArtifact(store, result.artifactHash, { url: gateway.url })
    expect(await store.artifact(result.artifactHash)).toEqual(artifact)
    for (const { name } of artifact.tuned.files) expect(await store.file(artifact, name)).toBeDefined()
  })

  it('are not all given at once: beyond a number a client is told to come again', async () => {
    const store = await ArtifactStore.open(await temporaryDirectory())
    // More than sockets hold, so that a download waits for its client.
    const { hash, size } = await store.putFile([new Uint8Array(32 * 1024 * 1024)])
    const streams = new ArtifactStreams({ store }, { most: 1 })
    const ended = Promise.withResolvers<void>()
    const server = createServer((_, response) => {
      streams.serve(hash, response).then(ended.resolve, (error: Error) => response.writeHead(503).end(error.message))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const [slow] = (await once(httpGet(url), 'response')) as [IncomingMessage]
    slow.pause()
    expect((await fetch(url)).status).toBe(503)
    let received = 0
    for await (const chunk of slow) received += (chunk as Uint8Array).length
    expect(received).toBe(size)
    await ended.promise
    expect((await fetch(url)).status).toBe(200)
  })

  it.each<[string, RegExp, (hash: Hex, listed: Hex) => Uint8Array | number | undefined]>([
    ['has not got it', /does not give 0x[0-9a-f]{64}: status 404/, () => 404],
    ['gives something else', /gives 0x[0-9a-f]{64} for 0x/, () => new Uint8Array(10)],
    [
      'gives a file that is longer than the artifact says',
      /gives more than \d+ bytes/,
      (hash, listed) => (hash === listed ? new Uint8Array(1 << 20) : undefined),
    ],
  ])('are not taken from a source that %s', async (_, reason, change) => {
    const { gateway, result } = await served()
    const server = createServer(async (request, response) => {
      const hash = request.url!.split('/').at(-1) as Hex
      const changed = change(hash, result.adapterHash)
      if (typeof changed === 'number') response.writeHead(changed).end()
      else response.end(changed ?? (await gateway.store.bytes(hash)) ?? (await gateway.store.fileBytes(hash)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.close()
    })
    const store = await ArtifactStore.open(await temporaryDirectory())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const fetched = fetchArtifact(store, result.artifactHash, { url })
    await expect(fetched).rejects.toThrow(ArtifactError)
    await expect(fetched).rejects.toThrow(reason)
    expect(await store.bytes(result.artifactHash)).toBeUndefined()
  })
})

describe('a tuned version that another has trained', () => {
  async function elsewhere(version: PublishedTuning, sources: readonly string[], change?: Partial<VersionState>) {
    const { chain, options, state } = version
    chain.published = { ...state, ...change }
    const directory = await temporaryDirectory()
    const store = await ArtifactStore.open(directory)
    const workers = new WorkerJobs({ scores: await kernelScores(), kernel })
    const { baseDirectory } = options
    return new ServedVersions({ chain, corpus: chain, store, workers }, { directory, baseDirectory, sources })
  }

  async function trained() {
    const version = await tunedVersion(kernel, await temporaryDirectory())
    const server = new ArtifactServer({ store: await ArtifactStore.open(version.options.storeDirectory) })
    const { url } = await server.start()
    onTestFinished(() => server.stop())
    return { version, url }
  }

  it('is fetched by hash from a source, and served', async () => {
    const { version, url } = await trained()
    const versions = await elsewhere(version, ['http://127.0.0.1:1', url])
    expect(await versions.refresh()).toMatchObject({ added: [{ version: 1n }], failed: [] })
    expect(versions.kindOf(1n)).toBe('lora')
  })

  it('is not served where nobody gives its artifact, and said why; nothing else is kept from being served', async () => {
    const { version } = await trained()
    const versions = await elsewhere(version, ['http://127.0.0.1:1'])
    const { added, failed } = await versions.refresh()
    expect(added).toEqual([])
    expect(failed[0]!.message).toMatch(
      /^version 1 is tuned: its artifact 0x\w+ is not on disk, and whoever trained it must give it \(http:\/\/127\.0\.0\.1:1: fetch failed\)$/,
    )
    await expect((await elsewhere(version, [])).add(1n)).rejects.toThrow(/no source to fetch it from is named/)
  })

  it('is tried again, less and less often, and served once its artifact is there', async () => {
    const { version, url } = await trained()
    const sources = ['http://127.0.0.1:1']
    const versions = await elsewhere(version, sources)
    const tries: number[] = []
    for (let look = 0; look < 16; look++) if ((await versions.refresh()).failed.length > 0) tries.push(look)
    expect(tries).toEqual([0, 2, 5, 10])
    sources.push(url)
    for (let look = 16; versions.get(1n) === undefined; look++) {
      expect(look).toBeLessThan(25)
      await versions.refresh()
    }
  })

  it.each(['adapterHash', 'curvatureHash', 'featureRoot', 'manifestRoot', 'hyperparametersHash'] as const)(
    'is not served where the chain has another %s than the artifact',
    async (field) => {
      const { version, url } = await trained()
      const other = keccak256('0x34')
      const versions = await elsewhere(version, [url], { [field]: other })
      await expect(versions.add(1n)).rejects.toThrow(
        `version 1: ${field} is ${other} on chain, its artifact says ${version.state[field]}`,
      )
    },
  )
})
