/**
 * A paid answer, from the voucher to the signed receipt (docs/protocol.md, "Channels"):
 *
 *     parse → channel and voucher against the chain → worker answers → fee under the ceiling → receipt signed →
 *     journal line on disk → answer and receipt out
 *
 * Whatever fails before the journal line leaves no trace and costs nothing. Requests of one channel run one
 * after another, so that two cannot spend the same ceiling.
 */
import { EventEmitter } from 'node:events'
import { bytesToHex, type Hex } from 'viem'
import { typedDataSigner } from '../../client/index.ts'
import { type AnswerReceipt, saltedHash } from '../../protocol/receipt.ts'
import { requestId } from '../../protocol/request.ts'
import { voucherTypedData } from '../../protocol/voucher.ts'
import { textTokenIds } from '../attribute/answer-query.ts'
import { type Generation, generationSeed, USUAL_WISHES } from '../serve/generation.ts'
import { type AnswerWorkers, JobInputError, WorkerBusyError } from '../work/supervisor.ts'
import type { AnswerBook } from './answer-book.ts'
import type { AnswerRequest } from './answer-request.ts'
import type { Answered } from './journal-record.ts'
import { answerFee } from './price.ts'
import type { ChannelState, ProverChain, VersionState } from './prover-chain.ts'
import { RequestError } from './request-error.ts'
import type { ServedVersions } from './served-versions.ts'

/** Seconds for which an authorised key must still be valid: time enough to settle. */
const KEY_MARGIN = 60n
/** Requests of one channel that may wait for each other. */
const MAX_WAITING = 16

type Modules = {
  chain: ProverChain
  book: AnswerBook
  versions: ServedVersions
  workers: AnswerWorkers
  /** 32 random bytes. */
  randomSalt?: () => Uint8Array
}

export type PaidAnswersOptions = {
  /** A channel's numbers must go up: batches settle them in order, and what comes below an earlier one is lost. */
  ascending?: boolean
}

const randomBytes32 = () => crypto.getRandomValues(new Uint8Array(32))

export class PaidAnswers {
  /** `answered`: the id of a request whose receipt has just been given. */
  readonly events = new EventEmitter<{ answered: [Hex] }>()
  readonly #modules: Modules
  readonly #ascending: boolean
  readonly #salt: () => Uint8Array
  readonly #turns = new Map<Hex, { last: Promise<unknown>; waiting: number }>()

  constructor(modules: Modules, { ascending = false }: PaidAnswersOptions = {}) {
    this.#modules = modules
    this.#ascending = ascending
    this.#salt = modules.randomSalt ?? randomBytes32
  }

  /** Answers, or returns what was answered before under this number. Throws {@link RequestError}. */
  async answer(request: AnswerRequest): Promise<Answered> {
    const channel = await this.#channel(request)
    await this.#checkVoucher(request, channel)
    return this.#inTurn(request.channel, () => this.#answerInTurn(request, channel))
  }

  async #answerInTurn(request: AnswerRequest, channel: ChannelState): Promise<Answered> {
    const known = this.#modules.book.get(requestId(request.channel, request.n))
    if (known) return this.#again(request, await this.#modules.book.answered(known))
    this.#checkNumber(request)
    const version = await this.#version(request)
    const prices = await this.#modules.versions.prices(version)
    const promptTokens = textTokenIds(request.prompt)
    this.#checkFunds(request, channel, answerFee({ prompt: promptTokens.length, output: 0 }, prices))
    const { generation, ...job } = this.#job(request, version)
    const { text, engine, notice, hits } = await this.#work(job, generation)
    const outputTokens = textTokenIds(text)
    const fee = answerFee({ prompt: promptTokens.length, output: outputTokens.length }, prices)
    if (fee === 0n)
      throw new RequestError(409, {
        field: 'version',
        value: version.version,
        reason: 'has no price: the chain settles no free answers',
      })
    this.#checkFunds(request, channel, fee)

    const [promptSalt, outputSalt] = [bytesToHex(this.#salt()), bytesToHex(this.#salt())]
    const receipt: AnswerReceipt = {
      channel: request.channel,
      n: request.n,
      version: version.version,
      fee,
      promptTokens: promptTokens.length,
      outputTokens: outputTokens.length,
      promptHash: saltedHash(promptSalt, promptTokens),
      outputHash: saltedHash(outputSalt, outputTokens),
      openable: request.openable,
    }
    const record: Answered = {
      type: 'answered',
      request: requestId(request.channel, request.n),
      at: (await this.#modules.chain.head()).timestamp,
      artifact: version.artifactHash,
      prompt: request.prompt,
      answer: text,
      engine,
      notice,
      sources: hits,
      ...(generation && { generation }),
      promptSalt,
      outputSalt,
      receipt: { ...receipt, signature: await this.#modules.chain.signReceipt(receipt) },
      voucher: request.voucher,
    }
    await this.#modules.book.record(record)
    this.events.emit('answered', record.request)
    return record
  }

  /** What a batch may have passed by is never settled. In the channel's turn nothing is answered between this and the record. */
  #checkNumber({ channel, n }: AnswerRequest): void {
    const { book } = this.#modules
    const last = this.#ascending ? book.answeredTo(channel) : book.plannedTo(channel)
    if (last === undefined || n > last) return
    const reason = `must be above ${last}: the gateway settles this channel's requests in order`
    throw new RequestError(409, { field: 'n', value: n, reason, details: { required: last + 1n } })
  }

  async #channel({ channel: id }: AnswerRequest): Promise<ChannelState> {
    const refuse = (reason: string) => new RequestError(400, { field: 'channel', value: id, reason })
    const channel = await this.#modules.chain.channel(id)
    if (!channel) throw refuse('there is no such channel on chain')
    const { account } = this.#modules.chain
    if (channel.receiver !== account) throw refuse(`its receiver is ${channel.receiver}, this gateway is ${account}`)
    if (channel.closed || channel.closingAt !== 0n) throw refuse('it is closing or closed: open another')
    return channel
  }

  /** The voucher must be signed by the payer, or by a key of the payer's within its cap and time. */
  async #checkVoucher({ channel: id, voucher }: AnswerRequest, channel: ChannelState): Promise<void> {
    const { maxClaimableAmount, signature } = voucher
    const data = voucherTypedData(this.#modules.chain.chainId, { channel: id, maxClaimableAmount })
    const signer = await typedDataSigner(data, signature)
    if (signer === channel.payer) return
    const refuse = (field: string, value: unknown, reason: string) =>
      new RequestError(400, { field: `voucher.${field}`, value, reason })
    const { cap, expiry } = signer ? await this.#modules.chain.signer(id, signer) : { cap: 0n, expiry: 0n }
    if (cap === 0n)
      throw refuse(
        'signature',
        signature,
        `is not by the payer ${channel.payer} or a key of theirs, but by ${signer ?? 'nobody'}`,
      )
    if (cap < maxClaimableAmount)
      throw refuse('maxClaimableAmount', maxClaimableAmount, `is above the key's cap of ${cap} wei`)
    const { timestamp } = await this.#modules.chain.head()
    if (expiry < timestamp + KEY_MARGIN)
      throw refuse('signature', signature, `is by a key that expires at ${expiry}, too soon to settle`)
  }

  async #version({ version, model }: AnswerRequest): Promise<VersionState> {
    const { versions } = this.#modules
    if (version === undefined) {
      const latest = await versions.latestOf(model!)
      if (!latest)
        throw new RequestError(404, {
          field: 'model',
          value: model,
          reason: 'has no live version here; see /v1/models',
        })
      return latest
    }
    const state = versions.get(version)
    if (!state)
      throw new RequestError(404, { field: 'version', value: version, reason: 'is not served here; see /v1/models' })
    if (!(await versions.isLive(version))) {
      throw new RequestError(409, {
        field: 'version',
        value: version,
        reason: 'is not live: validators must attest it first, and its publisher stand by it',
      })
    }
    return state
  }

  /** What the channel has cost so far and `fee` more must stay within the ceiling and within the deposit. */
  #checkFunds({ channel: id, voucher }: AnswerRequest, channel: ChannelState, fee: bigint): void {
    let spent = this.#modules.book.feesOf(id)
    // What another life of this gateway settled may be missing from the book.
    if (spent < channel.settled) spent = channel.settled
    const required = spent + fee
    const details = { required, fee }
    if (voucher.maxClaimableAmount < required) {
      const { maxClaimableAmount: value } = voucher
      const reason = `must be at least ${required} wei: the channel's fees so far and this answer's`
      throw new RequestError(402, { field: 'voucher.maxClaimableAmount', value, reason, details })
    }
    if (channel.deposit < required) {
      const reason = `holds ${channel.deposit} wei, ${required} wei are needed: top it up`
      throw new RequestError(402, { field: 'channel', value: id, reason, details })
    }
  }

  /** What the worker is asked. A model that writes gets the request's own seed, so that anybody can have the answer written again. */
  #job({ prompt, channel, n, generation }: AnswerRequest, { version, artifactHash: artifact }: VersionState) {
    if (this.#modules.versions.kindOf(version) === 'retrieval') return { artifact, prompt }
    const seed = generationSeed(requestId(channel, n))
    return { artifact, prompt, generation: { ...USUAL_WISHES, ...generation, seed } }
  }

  async #work(job: { artifact: Hex; prompt: string }, generation: Generation | undefined) {
    try {
      return await this.#modules.workers.answer({ ...job, ...(generation && { generation }) })
    } catch (error) {
      if (error instanceof JobInputError)
        throw new RequestError(400, { field: error.field, value: '…', reason: error.message })
      if (!(error instanceof WorkerBusyError)) throw error
      throw new RequestError(503, { field: 'prompt', value: '…', reason: `the gateway is busy: ${error.message}` })
    }
  }

  #again(request: AnswerRequest, known: Answered): Answered {
    const same = known.prompt === request.prompt && (request.version ?? known.receipt.version) === known.receipt.version
    if (same) return known
    const reason = 'was answered already for another prompt or version: use the next number'
    throw new RequestError(409, { field: 'n', value: request.n, reason })
  }

  /** Runs one action of a channel after the one before it. */
  async #inTurn<T>(channel: Hex, action: () => Promise<T>): Promise<T> {
    const turn = this.#turns.get(channel) ?? { last: Promise.resolve(), waiting: 0 }
    if (turn.waiting >= MAX_WAITING) {
      throw new RequestError(429, { field: 'channel', value: channel, reason: `${turn.waiting} requests wait already` })
    }
    this.#turns.set(channel, turn)
    turn.waiting++
    const result = turn.last.then(action)
    turn.last = result.catch(() => undefined)
    try {
      return await result
    } finally {
      turn.waiting--
      if (turn.waiting === 0) this.#turns.delete(channel)
    }
  }
}
