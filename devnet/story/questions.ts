/** The application: opens a channel to the prover and asks, a voucher with each question, a signed receipt with each answer. */
import { type Hex, parseEther, parseEventLogs, verifyTypedData } from 'viem'
import { z } from 'zod'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { receiptTypedData } from '../../protocol/receipt.ts'
import { requestId } from '../../protocol/request.ts'
import { voucherTypedData } from '../../protocol/voucher.ts'
import { l2Wallet, mined, type StoryContext, StoryError } from './context.ts'

/** What the channel holds, and what one question may cost at most: the ceiling rises by this with each voucher. */
const DEPOSIT = parseEther('20')
const CEILING_STEP = parseEther('1')

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value))
const integer = z.union([z.string().regex(/^\d+$/), z.number().int()]).transform(BigInt)

/** The gateway's answer, as far as the story reads it. */
const answerSchema = z.object({
  answer: z.string(),
  engine: z.string(),
  receipt: z.object({
    channel: hex,
    n: integer,
    version: integer,
    fee: integer,
    promptTokens: z.number().int(),
    outputTokens: z.number().int(),
    promptHash: hex,
    outputHash: hex,
    openable: z.boolean(),
    signature: hex,
  }),
})

export type Answer = { n: bigint; request: Hex; question: string; text: string; engine: string; fee: bigint }

/** What the gateway calls a model that writes. */
export const WRITING_ENGINE = 'lora'

/** One member of a contract: what comes after the function that the question begins is not asked for. */
const GENERATION = {
  maxTokens: 112,
  temperature: 0.4,
  topP: 0.9,
  stop: ['\n\n    /**', '\n\n    function', '\n\n    modifier', '\n\n    //', '\n}'],
}

export async function ensureChannel(context: StoryContext): Promise<Hex> {
  const { application, prover } = context.cast
  const opened = await context.l2.getContractEvents({
    address: NATIVE.channels,
    abi: channelsAbi,
    eventName: 'Opened',
    args: { payer: application.address, receiver: prover.address },
    fromBlock: 0n,
    strict: true,
  })
  if (opened[0]) return opened[0].args.channel
  const hash = await l2Wallet(context, application).writeContract({
    address: NATIVE.channels,
    abi: channelsAbi,
    functionName: 'open',
    args: [prover.address],
    value: DEPOSIT,
  })
  const [log] = parseEventLogs({ abi: channelsAbi, eventName: 'Opened', logs: (await mined(context, hash)).logs })
  if (!log) throw new StoryError(`transaction ${hash} opened no channel`)
  return log.args.channel
}

/** Asks the questions in order, request n of the channel each. Asking again returns the same answer and costs nothing. */
export async function askAll(
  context: StoryContext,
  channel: Hex,
  version: bigint,
  questions: readonly string[],
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const [index, question] of questions.entries())
    answers.push(await ask(context, channel, version, BigInt(index), question))
  return answers
}

async function ask(context: StoryContext, channel: Hex, version: bigint, n: bigint, question: string): Promise<Answer> {
  const { application, prover } = context.cast
  const maxClaimableAmount = CEILING_STEP * (n + 1n)
  const signature = await application.signTypedData(
    voucherTypedData(context.config.l2ChainId, { channel, maxClaimableAmount }),
  )
  const response = await fetch(`${context.gatewayUrl}/v1/answers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: version.toString(),
      prompt: question,
      channel,
      n: n.toString(),
      voucher: { maxClaimableAmount: maxClaimableAmount.toString(), signature },
      openable: true,
      generation: GENERATION,
    }),
    signal: context.signal,
  })
  const body: unknown = await response.json()
  if (!response.ok) throw new StoryError(`the gateway refused question ${n}: ${JSON.stringify(body)}`)
  const { answer, engine, receipt } = answerSchema.parse(body)
  const { signature: receiptSignature, ...unsigned } = receipt
  const genuine = await verifyTypedData({
    ...receiptTypedData(context.config.l2ChainId, unsigned),
    address: prover.address,
    signature: receiptSignature,
  })
  if (!genuine) throw new StoryError(`the receipt of question ${n} is not signed by the prover ${prover.address}`)
  if (receipt.fee > CEILING_STEP)
    throw new StoryError(`question ${n} costs ${receipt.fee} wei, more than the ${CEILING_STEP} wei agreed`)
  return { n, request: requestId(channel, n), question, text: answer, engine, fee: receipt.fee }
}
