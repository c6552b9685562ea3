import { readFile } from 'node:fs/promises'
import { keccak256, verifyTypedData } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { receiptTypedData, saltedHash } from '../../protocol/receipt.ts'
import { requestId } from '../../protocol/request.ts'
import { voucherTypedData } from '../../protocol/voucher.ts'
import { textTokenIds } from '../attribute/answer-query.ts'
import { InMemoryChain, TEST_TEXTS } from '../testing/in-memory-chain.ts'
import { get, paidQuestion, post, type RunningGateway, runningGateway } from '../testing/running-gateway.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { WorkerSupervisor } from '../work/supervisor.ts'
import { GatewayServer } from './gateway-server.ts'
import { journalRecordSchema } from './journal-record.ts'

type AnswerBody = {
  answer: string
  engine: string
  notice: string
  request: string
  sources: unknown[]
  receipt: unknown
}
const receiptOf = (body: unknown) => journalRecordSchema.options[0].shape.receipt.parse((body as AnswerBody).receipt)

let chain: InMemoryChain
let gateway: RunningGateway

beforeEach(() => {
  chain = new InMemoryChain()
})

async function start(): Promise<void> {
  gateway = await runningGateway(chain, await temporaryDirectory())
}

describe('a paid answer', () => {
  it('comes with its sources and a receipt that the receiver signed', async () => {
    await start()
    const { status, body } = await post(gateway.url, await paidQuestion(chain, 0n))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      answer: TEST_TEXTS[1],
      engine: 'retrieval-bm25',
      request: requestId(chain.channelId, 0n),
    })
    expect(body.sources).toContainEqual(expect.objectContaining({ row: 1, contribution: '2' }))
    const { signature, ...receipt } = receiptOf(body)
    const data = receiptTypedData(chain.chainId, receipt)
    expect(await verifyTypedData({ ...data, address: chain.prover.address, signature })).toBe(true)
  })

  it('costs its tokens at the model’s prices, and the receipt says so', async () => {
    await start()
    const { body } = await post(gateway.url, await paidQuestion(chain, 0n))
    const { fee, promptTokens, outputTokens } = receiptOf(body)
    expect(promptTokens).toBe(7)
    expect(outputTokens).toBe(textTokenIds(TEST_TEXTS[1]!).length)
    expect(fee).toBe(BigInt(promptTokens) * 1_000n + BigInt(outputTokens) * 2_000n)
  })

  it('is given again, with the same receipt, when the same request comes twice', async () => {
    await start()
    const question = await paidQuestion(chain, 3n)
    const [first, second] = await Promise.all([post(gateway.url, question), post(gateway.url, question)])
    expect(second).toEqual(first)
    expect(gateway.book.counts().answered).toBe(1)
  })

  it('may be paid by a key that the payer authorised, up to its cap', async () => {
    await start()
    const key = privateKeyToAccount(generatePrivateKey())
    chain.signers.set(key.address.toLowerCase() as Address, { cap: 500_000n, expiry: 1_800_000_000n })
    const signed = async (maxClaimableAmount: bigint) => {
      const data = voucherTypedData(chain.chainId, { channel: chain.channelId, maxClaimableAmount })
      const voucher = { maxClaimableAmount: maxClaimableAmount.toString(), signature: await key.signTypedData(data) }
      return { ...(await paidQuestion(chain, 0n)), voucher }
    }
    expect((await post(gateway.url, await signed(500_001n))).body).toMatchObject({
      error: { field: 'voucher.maxClaimableAmount' },
    })
    expect((await post(gateway.url, await signed(500_000n))).status).toBe(200)
  })

  it('is given by a worker process, and by the next one when that is killed in the middle', async () => {
    const workers = new WorkerSupervisor({ backOff: 1 })
    onTestFinished(() => workers.stop())
    await workers.start()
    gateway = await runningGateway(chain, await temporaryDirectory(), { workers })
    const answer = post(gateway.url, await paidQuestion(chain, 0n))
    process.kill(workers.pid!, 'SIGKILL')
    expect((await answer).body).toMatchObject({ answer: TEST_TEXTS[1] })
    await gateway.settler.settleAll()
    expect(chain.settledLeaves).toHaveLength(1)
  })

  it('may name a model, whose latest live version answers', async () => {
    await start()
    const { version: _, ...question } = await paidQuestion(chain, 0n)
    const { body } = await post(gateway.url, { ...question, model: '1' })
    expect(receiptOf(body).version).toBe(1n)
  })
})

describe('a refusal names field, value and reason, and nothing is written', () => {
  const wrong: [string, number, string, (question: Awaited<ReturnType<typeof paidQuestion>>) => unknown][] = [
    ['a body that is not JSON', 400, 'body', () => '{'],
    ['a prompt that is empty', 400, 'prompt', (question) => ({ ...question, prompt: '' })],
    ['a prompt that is too long', 400, 'prompt', (question) => ({ ...question, prompt: 'x'.repeat(16_385) })],
    ['a channel that is no hash', 400, 'channel', (question) => ({ ...question, channel: '0x12' })],
    [
      'a channel that is not on chain',
      400,
      'channel',
      (question) => ({ ...question, channel: `0x${'11'.repeat(32)}` }),
    ],
    ['a number that is too large', 400, 'n', (question) => ({ ...question, n: (1n << 64n).toString() })],
    [
      'a voucher without signature',
      400,
      'voucher.signature',
      (question) => ({ ...question, voucher: { maxClaimableAmount: '1' } }),
    ],
    ['a field that is unknown', 400, 'body', (question) => ({ ...question, temperature: 1 })],
    ['no word on openings', 400, 'openable', ({ openable: _, ...question }) => question],
    ['both version and model', 400, 'version', (question) => ({ ...question, model: '1' })],
    ['a version that is not served', 404, 'version', (question) => ({ ...question, version: '9' })],
    [
      'a signature by somebody else',
      400,
      'voucher.signature',
      (question) => ({ ...question, voucher: { ...question.voucher, maxClaimableAmount: '899999' } }),
    ],
  ]

  it.each(wrong)('%s', async (_, status, field, change) => {
    await start()
    const response = await post(gateway.url, change(await paidQuestion(chain, 0n)))
    expect(response).toMatchObject({ status, body: { error: { field, reason: expect.any(String) } } })
    expect(await readFile(gateway.journal, 'utf8')).toBe('')
  })

  it('a ceiling that is too low, with the ceiling that would do', async () => {
    await start()
    const first = await post(gateway.url, await paidQuestion(chain, 0n))
    const { fee } = receiptOf(first.body)
    const low = await post(gateway.url, await paidQuestion(chain, 1n, { ceiling: 2n * fee - 1n }))
    expect(low).toMatchObject({
      status: 402,
      body: { error: { field: 'voucher.maxClaimableAmount', required: (2n * fee).toString() } },
    })
    expect((await post(gateway.url, await paidQuestion(chain, 1n, { ceiling: 2n * fee }))).status).toBe(200)
  })

  it('a deposit that is used up', async () => {
    await start()
    chain.channels.get(chain.channelId)!.deposit = 10n
    expect(await post(gateway.url, await paidQuestion(chain, 0n))).toMatchObject({
      status: 402,
      body: { error: { field: 'channel' } },
    })
  })

  it('a channel that is closing, or another prover’s', async () => {
    await start()
    const channel = chain.channels.get(chain.channelId)!
    chain.channels.set(chain.channelId, { ...channel, closingAt: 1n })
    expect((await post(gateway.url, await paidQuestion(chain, 0n))).body).toMatchObject({ error: { field: 'channel' } })
    chain.channels.set(chain.channelId, { ...channel, receiver: `0x${'22'.repeat(20)}` })
    expect((await post(gateway.url, await paidQuestion(chain, 0n))).body).toMatchObject({ error: { field: 'channel' } })
  })

  it('a version that costs nothing, which the chain would not settle', async () => {
    await chain.publish()
    chain.published = { ...chain.published!, pricePer1kIn: 0n, pricePer1kOut: 0n }
    await start()
    expect((await post(gateway.url, await paidQuestion(chain, 0n))).body).toMatchObject({ error: { field: 'version' } })
  })

  it('a version that was live, and is not any more', async () => {
    await start()
    await post(gateway.url, await paidQuestion(chain, 0n))
    chain.live = false
    expect((await post(gateway.url, await paidQuestion(chain, 1n))).status).toBe(409)
  })

  it('a version that is not live yet', async () => {
    chain.live = false
    await start()
    expect((await post(gateway.url, await paidQuestion(chain, 0n))).status).toBe(409)
  })

  it('another prompt under a number that was answered', async () => {
    await start()
    await post(gateway.url, await paidQuestion(chain, 0n))
    const other = await post(gateway.url, await paidQuestion(chain, 0n, { prompt: 'something else' }))
    expect(other).toMatchObject({ status: 409, body: { error: { field: 'n' } } })
  })

  it('an unknown path, a method, a request that was never made', async () => {
    await start()
    expect((await get(gateway.url, '/v2')).status).toBe(404)
    expect((await fetch(`${gateway.url}/v1/models`, { method: 'POST' })).status).toBe(405)
    expect((await get(gateway.url, `/v1/openings/0x${'11'.repeat(32)}`)).status).toBe(404)
    expect((await get(gateway.url, '/v1/openings/0x11')).status).toBe(400)
  })
})

describe('what a gateway shows', () => {
  it('its versions with their prices, and an artifact by its hash', async () => {
    await start()
    const { artifactHash } = chain.published!
    expect((await get(gateway.url, '/v1/models')).body).toMatchObject({
      data: [{ version: '1', live: true, pricePer1kIn: '1000000' }],
    })
    const response = await fetch(`${gateway.url}/v1/artifacts/${artifactHash}`)
    expect(keccak256(new Uint8Array(await response.arrayBuffer()))).toBe(artifactHash)
  })

  it('what its models ask now, and takes as much', async () => {
    await start()
    const { body: before } = await post(gateway.url, await paidQuestion(chain, 0n))
    const { pricePer1kIn, pricePer1kOut } = chain.published!
    chain.published = { ...chain.published!, pricePer1kIn: 3n * pricePer1kIn, pricePer1kOut: 3n * pricePer1kOut }
    expect((await get(gateway.url, '/v1/models')).body).toMatchObject({ data: [{ pricePer1kIn: '3000000' }] })
    const { body: after } = await post(gateway.url, await paidQuestion(chain, 1n))
    expect(receiptOf(after).fee).toBe(3n * receiptOf(before).fee)
  })

  it('an opening whose salted hashes are those of the receipt, once it is attributed', async () => {
    await start()
    const answer = await post(gateway.url, await paidQuestion(chain, 0n))
    const path = `/v1/openings/${requestId(chain.channelId, 0n)}`
    expect((await get(gateway.url, path)).status).toBe(409)
    await gateway.settler.settleAll()
    const {
      prompt,
      answer: text,
      promptSalt,
      outputSalt,
      query,
    } = (await get(gateway.url, path)).body as Record<string, `0x${string}`>
    const receipt = receiptOf(answer.body)
    expect(saltedHash(promptSalt!, textTokenIds(prompt!))).toBe(receipt.promptHash)
    expect(saltedHash(outputSalt!, textTokenIds(text!))).toBe(receipt.outputHash)
    expect(keccak256(query!)).toBe(chain.settledLeaves[0]!.leaf.queryHash)
  })

  it('no opening that the payer did not allow', async () => {
    await start()
    await post(gateway.url, await paidQuestion(chain, 0n, { openable: false }))
    await gateway.settler.settleAll()
    expect((await get(gateway.url, `/v1/openings/${requestId(chain.channelId, 0n)}`)).status).toBe(403)
  })

  it('what became of a request, without its texts', async () => {
    await start()
    await post(gateway.url, await paidQuestion(chain, 0n))
    const path = `/v1/answers/${requestId(chain.channelId, 0n)}`
    expect((await get(gateway.url, path)).body).toMatchObject({ status: 'answered' })
    await gateway.settler.settleAll()
    const { body } = await get(gateway.url, path)
    expect(body).toMatchObject({ status: 'settled', transaction: expect.any(String), entries: expect.any(Array) })
    expect(JSON.stringify(body)).not.toContain('timelock')
  })

  it('that it is well, and how much it has done', async () => {
    await start()
    await post(gateway.url, await paidQuestion(chain, 0n))
    expect((await get(gateway.url, '/health')).body).toMatchObject({ ok: true, answered: 1, settled: 0 })
  })
})

it('a taken port is one clear line', async () => {
  await start()
  const port = Number(new URL(gateway.url).port)
  const { answers, book, versions, store } = gateway
  const second = new GatewayServer({ answers, book, versions, store }, { port })
  await expect(second.start()).rejects.toThrow(`the gateway cannot listen on 127.0.0.1:${port}`)
})
