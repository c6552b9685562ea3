/**
 * A model's prices (docs/protocol.md, "Models"): what stands now, what was announced, and what stood before. The model's
 * record holds what stood when the last change was announced; the change lies beside it and needs no call to take effect.
 *
 *     former ──formerUntil──> the record's ──from──> next
 */
import type { CallContext } from '../calls/context.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { modelLayout, modelPlace, pricesLayout, pricesPlace } from './model-records.ts'

/** Wei per 1,000 tokens of prompt and of answer. */
export type Prices = { pricePer1kIn: bigint; pricePer1kOut: bigint }

/** Seconds of the longest block time that the protocol allows. */
const LONGEST_BLOCK_TIME = 2n
const PER = 1_000n

type Change = RecordOf<typeof pricesLayout>

function recorded(context: CallContext, model: bigint): Prices {
  return readRecord(context, modelPlace(context, model), modelLayout, ['pricePer1kIn', 'pricePer1kOut'])
}

function changeOf(context: CallContext, model: bigint): Change {
  return readRecord(context, pricesPlace(context, model), pricesLayout)
}

const nextOf = ({ nextIn, nextOut }: Change): Prices => ({ pricePer1kIn: nextIn, pricePer1kOut: nextOut })
const formerOf = ({ formerIn, formerOut }: Change): Prices => ({ pricePer1kIn: formerIn, pricePer1kOut: formerOut })

/** Seconds before now for which prices that were replaced still count: the age that a leaf may have. */
function memory(context: CallContext): bigint {
  return LONGEST_BLOCK_TIME * parameter(context, 'maxLeafAge')
}

/** What an answer costs now, and from when on it will cost something else; `from` is 0 where nothing is announced. */
export function pricesNow(context: CallContext, model: bigint): { now: Prices; next: Prices; from: bigint } {
  const before = recorded(context, model)
  const change = changeOf(context, model)
  const next = nextOf(change)
  if (change.from === 0n) return { now: before, next: before, from: 0n }
  if (context.now >= change.from) return { now: next, next, from: 0n }
  return { now: before, next, from: change.from }
}

/** Whether the model asks a price, or has announced one. */
export function isPriced(context: CallContext, model: bigint): boolean {
  const { now, next } = pricesNow(context, model)
  return [now, next].some(({ pricePer1kIn, pricePer1kOut }) => pricePer1kIn > 0n || pricePer1kOut > 0n)
}

/** Announces what the prices will be. It replaces a change that has not taken effect. */
export function announcePrices(context: CallContext, model: bigint, next: Prices, from: bigint): void {
  const change = changeOf(context, model)
  const place = pricesPlace(context, model)
  const nexts = { nextIn: next.pricePer1kIn, nextOut: next.pricePer1kOut }
  if (change.from === 0n || context.now < change.from) {
    writeRecord(context, place, pricesLayout, { from, ...nexts })
    return
  }
  const ended = recorded(context, model)
  const older = change.formerUntil + memory(context) > context.now ? formerOf(change) : ended
  writeRecord(context, modelPlace(context, model), modelLayout, nextOf(change))
  writeRecord(context, place, pricesLayout, {
    from,
    ...nexts,
    // Where two changes lie within the memory, the dearer of what they ended counts until the later end.
    formerIn: greater(ended.pricePer1kIn, older.pricePer1kIn),
    formerOut: greater(ended.pricePer1kOut, older.pricePer1kOut),
    formerUntil: change.from,
  })
}

const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other)

/** The most that an answer may cost, in wei: by the dearest prices that stood within the last `blocks`. */
export function greatestFee(
  context: CallContext,
  model: bigint,
  tokens: { promptTokens: number; outputTokens: number },
  blocks: bigint,
): bigint {
  const since = context.now - LONGEST_BLOCK_TIME * blocks
  const place = pricesPlace(context, model)
  const { from, formerUntil } = readRecord(context, place, pricesLayout, ['from', 'formerUntil'])
  const standing: Prices[] = []
  if (from === 0n || from > since) standing.push(recorded(context, model))
  if (from !== 0n && context.now >= from) standing.push(nextOf(changeOf(context, model)))
  if (formerUntil !== 0n && formerUntil > since) standing.push(formerOf(changeOf(context, model)))
  return standing.map((prices) => feeBy(prices, tokens)).reduce(greater, 0n)
}

function feeBy(prices: Prices, tokens: { promptTokens: number; outputTokens: number }): bigint {
  const part = (count: number, price: bigint) => (BigInt(count) * price + PER - 1n) / PER
  return part(tokens.promptTokens, prices.pricePer1kIn) + part(tokens.outputTokens, prices.pricePer1kOut)
}
