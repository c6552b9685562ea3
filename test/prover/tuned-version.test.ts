/**
 * A tuned version on a real chain with the real ledger: published by a publisher who dies over every transaction, served by
 * a prover who was not there, answered, settled, audited.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, createWalletClient, custom, type Hex, http, parseEther, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { commitmentOf, createdDatanet, openedChannel, openledgerChain } from '../../client/index.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { ArtifactStore } from '../../prover/attribute/artifact-store.ts'
import { auditSettlements } from '../../prover/audit/auditor.ts'
import { ViemAuditReads } from '../../prover/audit/viem-audit-reads.ts'
import { ArtifactServer } from '../../prover/gateway/artifact-server.ts'
import { loadKernelFromFile } from '../../prover/kernel/f32-file.ts'
import { Prover } from '../../prover/prover.ts'
import { artifactDirectory } from '../../prover/publish-retrieval-version.ts'
import { type PublishedTunedVersion, publishTunedVersion } from '../../prover/publish-tuned-version.ts'
import { StepRecorder } from '../../prover/step-recorder.ts'
import { TINY_SETTINGS, TINY_TEXTS, writeTinyBase } from '../../prover/tune/testing/tiny-tuning.ts'
import type { RpcNode } from '../../rpc/testing/rpc-node.ts'
import { openledger } from '../fixtures/command-line.ts'
import { MiningNode } from '../fixtures/mining-node.ts'

const [owner, proverAccount, validator, application] = ACCOUNTS
/** Who contributes trains as well. */
const builder = owner
const PRICES = { pricePer1kIn: parseEther('0.01'), pricePer1kOut: parseEther('0.03') }

let network: MiningNode
let node: RpcNode
let directory: string
let baseDirectory: string

const walletOf = (account = owner!) => network.walletOf(account)

/** A wallet whose process dies as soon as a transaction has reached the node: nobody hears that it was taken. */
function dyingWallet() {
  const inner = http(node.url)({ retryCount: 0 })
  let dead = false
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (dead) throw new Error('dead')
    const result: unknown = await inner.request({ method, params } as Parameters<typeof inner.request>[0])
    if (method !== 'eth_sendRawTransaction') return result
    dead = true
    throw new Error('dead')
  }
  return createWalletClient({ ...network.clientOptions(builder!), transport: custom({ request }, { retryCount: 0 }) })
}

beforeAll(async () => {
  network = await MiningNode.start()
  node = network.node
  directory = await mkdtemp(join(tmpdir(), 'openledger-tuned-'))
  baseDirectory = join(directory, 'base')
  const kernel = await loadKernelFromFile()
  await writeTinyBase(kernel, baseDirectory)
  await kernel.close()
})

afterAll(async () => {
  await network.stop()
  await rm(directory, { recursive: true })
})

describe('a tuned version', () => {
  let datanet: bigint
  let published: PublishedTunedVersion

  const publish = (client: Parameters<typeof publishTunedVersion>[0], signal?: AbortSignal) =>
    publishTunedVersion(client, join(directory, 'builder'), {
      datanets: [{ datanet, weightBps: 10_000 }],
      name: 'completion',
      ...PRICES,
      settings: TINY_SETTINGS,
      baseDirectory,
      ...(signal && { signal }),
    })

  const counted = (functionName: 'baseCount' | 'modelCount' | 'runCount' | 'versionCount') =>
    node.client.readContract({ address: NATIVE.models, abi: modelsAbi, functionName })

  beforeAll(async () => {
    const client = walletOf()
    const hash = await client.createDatanet({ name: 'Solidity', domain: 'smart contracts' })
    datanet = createdDatanet(await client.confirmTransaction({ hash }))
    const bond = await client.getParameter({ name: 'commitBond' })
    for (const text of TINY_TEXTS) {
      const content = stringToBytes(text)
      const salt: Hex = toHex(content.slice(-32), { size: 32 })
      const commitment = commitmentOf({ owner: owner!.address, datanet, content, salt })
      await client.confirmTransaction({ hash: await client.commitContribution({ commitment, bond }) })
      await client.confirmTransaction({ hash: await client.contribute({ datanet, content, salt }) })
    }
    for (const [account, role] of [
      [proverAccount, STAKE_ROLE.prover],
      [validator, STAKE_ROLE.validator],
    ] as const) {
      const staker = walletOf(account)
      await staker.confirmTransaction({ hash: await staker.stake({ role, amount: parseEther('100') }) })
    }
  })

  it('is published once, however often its publisher dies: one run, each step once, the first block’s contents', async () => {
    let deaths = 0
    for (;;) {
      const outcome = await publish(dyingWallet()).catch((error: Error) => error.message)
      if (typeof outcome !== 'string') {
        published = outcome
        break
      }
      expect(outcome).toContain('dead')
      expect(++deaths).toBeLessThan(10)
    }
    // Base, model, run, three checkpoints, version.
    expect(deaths).toBe(7)
    expect(await Promise.all((['baseCount', 'modelCount', 'runCount', 'versionCount'] as const).map(counted))).toEqual([
      1n,
      1n,
      1n,
      1n,
    ])
    const client = walletOf()
    const { run, version, steps } = published
    expect(await client.getStepCount({ run })).toBe(steps.length)
    for (const [index, { step, lossMicro, checkpointHash }] of steps.entries())
      expect(await client.getStep({ run, index })).toMatchObject({ step, lossMicro: BigInt(lossMicro), checkpointHash })
    expect(await client.getVersion({ version })).toMatchObject({ rows: 7, featureRoot: published.featureRoot })
    expect(await client.getRun({ run })).toMatchObject({ manifestRoot: published.manifestRoot })
  }, 120_000)

  it('is not recorded against what is on record: another training of the same run is refused', async () => {
    const { run, steps } = published
    const refused = Promise.withResolvers<Error>()
    const recorder = await StepRecorder.open(walletOf(builder), run, { onFailure: refused.resolve })
    for (const step of steps) recorder.record(step)
    await recorder.recorded()
    recorder.record({ ...steps[0]!, checkpointHash: toHex(1, { size: 32 }) })
    expect(await refused.promise).toMatchObject({
      name: 'PublicationError',
      message: expect.stringMatching(/not the same training/),
    })
    await expect(recorder.recorded()).rejects.toThrow(`run ${run}: on record is step 2 with loss`)
    expect(await walletOf().getStepCount({ run })).toBe(steps.length)
  })

  it('has another beside it where it is published again, which ends when it is told to and goes on later', async () => {
    const end = new AbortController()
    const reason = new Error('not today')
    const client = walletOf(builder)
    const ending = publishTunedVersion(client, join(directory, 'builder'), {
      datanets: [{ datanet, weightBps: 10_000 }],
      name: 'completion',
      ...PRICES,
      settings: TINY_SETTINGS,
      baseDirectory,
      signal: end.signal,
      progress: (event) => event.type === 'step' && event.step === 3 && end.abort(reason),
    })
    await expect(ending).rejects.toBe(reason)
    const second = await publish(client)
    expect(second).toMatchObject({ model: published.model, run: 2n, version: 2n })
    expect(await counted('runCount')).toBe(2n)
    expect(second.artifactHash).not.toBe(published.artifactHash)
  }, 120_000)

  it('is fetched by a prover, answers, is settled, and comes out right in an audit', async () => {
    const source = new ArtifactServer({
      store: await ArtifactStore.open(artifactDirectory(join(directory, 'builder'))),
    })
    const { url: sourceUrl } = await source.start()
    onTestFinished(() => source.stop())
    const prover = new Prover({
      ...{ l2Rpc: node.url, chain: openledgerChain(node.config), account: proverAccount! },
      ...{ dataDir: join(directory, 'prover'), publishers: [builder!.address] },
      ...{ baseDirectory, artifactSources: [sourceUrl], worker: { device: 'cpu' as const } },
      ...{ settler: { interval: 50 }, versionInterval: 50 },
    })
    const { url: gatewayUrl } = await prover.start()
    onTestFinished(() => prover.stop())
    const { version } = published
    const attester = walletOf(validator)
    await attester.confirmTransaction({ hash: await attester.attestVersion({ version }) })
    while (!(await attester.isVersionLive({ version }))) await new Promise((resolve) => setTimeout(resolve, 20))

    const client = walletOf(application)
    const opened = await client.openChannel({ receiver: proverAccount!.address, deposit: parseEther('1') })
    const channel = openedChannel(await client.confirmTransaction({ hash: opened }))
    const signed = await client.signVoucher({ channel, maxClaimableAmount: parseEther('0.5') })
    const voucher = { maxClaimableAmount: signed.maxClaimableAmount.toString(), signature: signed.signature }
    const settled = once(prover.events, 'settled')
    const response = await fetch(`${gatewayUrl}/v1/answers`, {
      method: 'POST',
      body: JSON.stringify({
        ...{ version: version.toString(), prompt: 'contract Token {\n', channel, n: '0', voucher, openable: true },
      }),
    })
    expect(await response.json()).toMatchObject({ engine: 'lora', receipt: { version: version.toString() } })
    await settled

    const kernel = await loadKernelFromFile()
    onTestFinished(() => kernel.close())
    const reads = new ViemAuditReads(
      { client: createPublicClient({ transport: http(node.url), cacheTime: 0 }) },
      { gatewayUrl },
    )
    const store = await ArtifactStore.open(join(directory, 'auditor'))
    expect(await auditSettlements(reads, { kernel, store, baseDirectory })).toEqual({
      ...{ audited: 1, equal: 1, closed: 0, differences: [] },
    })

    const urls = ['--l2-rpc', node.url, '--gateway', gatewayUrl, '--base', baseDirectory]
    const drawing = ['--seed', '11', '--interval', 'all', '--rows', '3', '--curvature', '--json']
    const whole = await openledger('audit', ...urls, ...drawing)
    expect(whole.stderr).toMatch(/^version 1: taking steps 1 to 2 of 5 again$/m)
    expect({ ...whole, stderr: '', stdout: JSON.parse(whole.stdout) }).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: {
        ...{ audited: 1, equal: 1, closed: 0, differences: [], seed: '11' },
        versions: [
          {
            ...{ version: '1', run: '1', equal: true, plan: 'equal', artifact: 'equal', adapter: 'equal' },
            intervals: [
              { number: 1, from: 0, to: 2, outcome: 'equal' },
              { number: 2, from: 2, to: 4, outcome: 'equal' },
              { number: 3, from: 4, to: 5, outcome: 'equal' },
            ],
            rows: Array.from({ length: 3 }, () => ({ index: expect.any(Number), outcome: 'equal' })),
            curvature: 'equal',
          },
        ],
      },
    })

    const quick = await openledger('audit', ...urls, '--version', '1', '--interval', '1', '--rows', '1')
    expect(quick.code).toBe(0)
    expect(quick.stdout).toMatch(/^version 1: training from step 0 to 2: equal$/m)
    expect(quick.stdout).toMatch(/^drawn by --seed \d+$/m)

    await prover.stop()
    const unserved = await openledger('audit', ...urls.with(3, sourceUrl), '--version', '2', '--rows', '1')
    expect(unserved).toMatchObject({ code: 0, stdout: expect.stringMatching(/^version 2: plan of run 2: equal$/m) })
    const foreign = join(directory, 'foreign')
    const kernelOfBase = await loadKernelFromFile()
    await writeTinyBase(kernelOfBase, foreign, 2n)
    await kernelOfBase.close()
    expect(await openledger('audit', ...urls.with(5, foreign))).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(/^openledger: base folder .* is another base model than version 1 was made of/),
    })
  }, 120_000)

  it('is published by a prover while it answers, which then serves it', async () => {
    const prover = new Prover({
      ...{ l2Rpc: node.url, chain: openledgerChain(node.config), account: builder! },
      ...{ dataDir: join(directory, 'builder'), baseDirectory, worker: { device: 'cpu' as const } },
    })
    await prover.start()
    onTestFinished(() => prover.stop())
    expect(prover.status().versions).toEqual([1n, 2n])
    const { version } = await prover.publishTunedVersion({
      datanets: [{ datanet, weightBps: 10_000 }],
      name: 'another',
      ...PRICES,
      settings: { ...TINY_SETTINGS, checkpointEvery: 5 },
    })
    expect(prover.status().versions).toEqual([1n, 2n, version])
  }, 120_000)
})
