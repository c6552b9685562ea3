/**
 * Client and prover against a real chain with the real ledger, over real HTTP: from a Datanet to an audited
 * settlement, every step by the SDK.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, type Hex, http, parseEther, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitmentOf, contributed, createdDatanet, openedChannel, openledgerChain } from '../../client/index.ts'
import { DATANET_POLICY } from '../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { leafHash } from '../../protocol/leaf.ts'
import { requestId } from '../../protocol/request.ts'
import { auditSettlements } from '../../prover/audit/auditor.ts'
import { ViemAuditReads } from '../../prover/audit/viem-audit-reads.ts'
import { Prover } from '../../prover/prover.ts'
import { TEST_TEXTS } from '../../prover/testing/in-memory-chain.ts'
import type { RpcNode } from '../../rpc/testing/rpc-node.ts'
import { openledger } from '../fixtures/command-line.ts'
import { MiningNode } from '../fixtures/mining-node.ts'

const [owner, proverAccount, validator, application] = ACCOUNTS

let network: MiningNode
let node: RpcNode
let prover: Prover
let gatewayUrl: string
let dataDir: string

const walletOf = (account = owner!) => network.walletOf(account)

const saltOf = (text: string): Hex => toHex(stringToBytes(text.slice(0, 32)), { size: 32 })

beforeAll(async () => {
  network = await MiningNode.start()
  node = network.node
  dataDir = await mkdtemp(join(tmpdir(), 'openledger-prover-'))
  prover = new Prover({
    l2Rpc: node.url,
    chain: openledgerChain(node.config),
    account: proverAccount!,
    dataDir,
    settler: { interval: 50 },
    versionInterval: 50,
  })
  gatewayUrl = (await prover.start()).url
})

afterAll(async () => {
  await prover.stop()
  await network.stop()
  await rm(dataDir, { recursive: true })
})

describe('the walk of a paid answer', () => {
  let datanet: bigint
  let version: bigint
  let channel: Hex

  it('a refused transaction says which custom error, with named arguments', async () => {
    const refused = walletOf().createDatanet({ name: 'x', domain: 'y', policy: DATANET_POLICY.curated })
    await expect(refused).rejects.toMatchObject({
      name: 'NativeContractError',
      contract: 'datanets',
      functionName: 'create',
      errorName: 'InvalidField',
      args: { field: expect.any(String), reason: expect.any(String) },
    })
    await expect(walletOf().getDatanet({ datanet: 99n })).rejects.toMatchObject({
      errorName: 'UnknownDatanet',
      args: { datanet: 99n },
    })
  })

  it('texts are committed to and contributed', async () => {
    const client = walletOf()
    const hash = await client.createDatanet({ name: 'Solidity', domain: 'smart contracts' })
    datanet = createdDatanet(await client.confirmTransaction({ hash }))
    const bond = await client.getParameter({ name: 'commitBond' })
    for (const text of TEST_TEXTS) {
      const content = stringToBytes(text)
      const salt = saltOf(text)
      const commitment = commitmentOf({ owner: owner!.address, datanet, content, salt })
      await client.confirmTransaction({ hash: await client.commitContribution({ commitment, bond }) })
      const receipt = await client.confirmTransaction({ hash: await client.contribute({ datanet, content, salt }) })
      expect(contributed(receipt).founder).toBe(true)
    }
    expect(await client.getDatanet({ datanet })).toMatchObject({ contributions: 6n, clusters: 6n })
  })

  it('a prover and a validator stake', async () => {
    for (const [account, role] of [
      [proverAccount, STAKE_ROLE.prover],
      [validator, STAKE_ROLE.validator],
    ] as const) {
      const client = walletOf(account)
      await client.confirmTransaction({ hash: await client.stake({ role, amount: parseEther('100') }) })
      expect(await client.getStake({ account: account!.address, role })).toMatchObject({ amount: parseEther('100') })
    }
  })

  it('a retrieval version is published, attested, and live', async () => {
    const prices = { pricePer1kIn: parseEther('0.01'), pricePer1kOut: parseEther('0.03') }
    const published = await prover.publishRetrievalVersion({
      datanets: [{ datanet, weightBps: 10_000 }],
      name: 'passages',
      ...prices,
    })
    version = published.version
    const client = walletOf(validator)
    expect(await client.getVersion({ version })).toMatchObject({ rows: 6, featureRoot: published.featureRoot })
    await client.confirmTransaction({ hash: await client.attestVersion({ version }) })
    while (!(await client.isVersionLive({ version }))) await new Promise((resolve) => setTimeout(resolve, 20))
  })

  it('a question is answered for a voucher, and settled', async () => {
    const client = walletOf(application)
    const hash = await client.openChannel({ receiver: proverAccount!.address, deposit: parseEther('1') })
    channel = openedChannel(await client.confirmTransaction({ hash }))
    const { maxClaimableAmount, signature } = await client.signVoucher({
      channel,
      maxClaimableAmount: parseEther('0.5'),
    })
    const voucher = { maxClaimableAmount: maxClaimableAmount.toString(), signature }
    const settled = once(prover.events, 'settled')
    const response = await fetch(`${gatewayUrl}/v1/answers`, {
      method: 'POST',
      body: JSON.stringify({
        version: version.toString(),
        prompt: 'Why does a timelock delay operations?',
        channel,
        n: '0',
        voucher,
        openable: true,
      }),
    })
    const body = (await response.json()) as { answer: string; receipt: Record<string, string> & { openable: boolean } }
    expect(body).toMatchObject({ answer: TEST_TEXTS[1] })
    await settled
    const { leafHash: hashOnChain, fee } = await client.getSettlement({ request: requestId(channel, 0n) })
    expect(fee.toString()).toBe(body.receipt.fee)
    const reads = auditReads()
    expect(leafHash((await reads.settledLeaves())[0]!.leaf)).toBe(hashOnChain)
    expect(await client.pendingOf({ recipient: owner!.address })).toBeGreaterThan(0n)
    expect(await client.getChannel({ channel })).toMatchObject({ settled: fee })
  })

  it('an auditor that knows two URLs recomputes the same integers', async () => {
    expect(await auditSettlements(auditReads())).toEqual({ audited: 1, equal: 1, closed: 0, differences: [] })
  })

  it('the audit command says so with exit code 0, and 1 where an opening is not what was settled', async () => {
    const honest = await openledger('audit', '--l2-rpc', node.url, '--gateway', gatewayUrl, '--json')
    expect({ ...honest, stdout: JSON.parse(honest.stdout) }).toEqual({
      code: 0,
      stderr: '',
      stdout: { audited: 1, equal: 1, closed: 0, differences: [], seed: expect.stringMatching(/^\d+$/), versions: [] },
    })
    const lying = await lyingGateway()
    const { code, stdout } = await openledger('audit', '--l2-rpc', node.url, '--gateway', lying.url)
    await lying.stop()
    expect(code).toBe(1)
    expect(stdout).toMatch(/prompt/)
    expect(stdout).toMatch(/\n1 settled leaves recomputed, 0 with the same integers; 0 closed by their payers\n$/)
  })

  it('a withdrawn contribution is no source of later answers', async () => {
    const contributor = walletOf()
    await contributor.confirmTransaction({ hash: await contributor.withdrawContribution({ contribution: 2n }) })
    const client = walletOf(application)
    const { maxClaimableAmount, signature } = await client.signVoucher({
      channel,
      maxClaimableAmount: parseEther('0.9'),
    })
    const voucher = { maxClaimableAmount: maxClaimableAmount.toString(), signature }
    const settled = once(prover.events, 'settled')
    await fetch(`${gatewayUrl}/v1/answers`, {
      method: 'POST',
      body: JSON.stringify({
        version: version.toString(),
        prompt: 'Why does a timelock delay operations?',
        channel,
        n: '1',
        voucher,
        openable: true,
      }),
    })
    await settled
    const { leaf } = (await auditReads().settledLeaves()).find((found) => found.leaf.n === 1n)!
    expect(leaf.entries.map(({ cluster }) => cluster)).not.toContain(2n)
    expect(await auditSettlements(auditReads())).toMatchObject({ audited: 2, equal: 2, differences: [] })
  })

  it('a channel that its payer closes is refunded after the delay', async () => {
    const client = walletOf(application)
    await expect(client.refundChannel({ channel })).rejects.toMatchObject({
      errorName: 'NotClosing',
      args: { channel },
    })
    await client.confirmTransaction({ hash: await client.closeChannel({ channel }) })
    const { closingAt } = await client.getChannel({ channel })
    while ((await node.client.getBlock()).timestamp < closingAt) await new Promise((resolve) => setTimeout(resolve, 20))
    await client.confirmTransaction({ hash: await client.refundChannel({ channel }) })
    expect(await client.getChannel({ channel })).toMatchObject({ closed: true })
  })
})

function auditReads(): ViemAuditReads {
  const client = createPublicClient({ transport: http(node.url), cacheTime: 0 })
  return new ViemAuditReads({ client }, { gatewayUrl })
}

/** The gateway, but for the prompts that it opens. */
async function lyingGateway(): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const server = createServer(async (request, response) => {
    const opening = (await (await fetch(gatewayUrl + request.url)).json()) as { prompt: string }
    response.end(JSON.stringify({ ...opening, prompt: `${opening.prompt} And why?` }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => new Promise((resolve) => server.close(resolve)) }
}
