/**
 * What clients say of an agent: ERC-8004's Reputation Registry, function by function. It is an opinion, and moves no
 * wei. Reads walk over feedback that is there; their gas pays for every slot, so a list too long for its gas ends
 * without one.
 */
import { type Address, AGENT_REGISTRY } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import {
  appendRecord,
  readRecord,
  readRecords,
  readString,
  slotAfter,
  writeRecord,
  writeString,
} from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { type AgentHandlers, face, isAuthorized, knownOwner } from './agent-face.ts'
import {
  addressLayout,
  clientsPlace,
  feedbackLayout,
  feedbackPlace,
  lastIndexPlace,
  respondersPlace,
  responsesPlace,
} from './agent-records.ts'

/** Bytes. Tags are stored, URIs are only logged. */
const MAX_TAG = 64
const MAX_URI = 1_024
const MAX_DECIMALS = 18
/** ERC-8004's reference contract takes values to ±10³⁸, so that a sum of them at 18 decimals fits its 256 bits. */
const MAX_VALUE = 10n ** 38n
/** Clients or responders that a question may name. */
const MAX_NAMED = 256

type Reputation = Pick<
  AgentHandlers,
  | 'getIdentityRegistry'
  | 'giveFeedback'
  | 'revokeFeedback'
  | 'appendResponse'
  | 'getSummary'
  | 'readFeedback'
  | 'readAllFeedback'
  | 'getResponseCount'
  | 'getClients'
  | 'getLastIndex'
>

type Feedback = {
  client: Address
  index: bigint
  value: bigint
  valueDecimals: number
  isRevoked: boolean
  tag1: string
  tag2: string
}
type Wanted = { clients: readonly Address[]; tag1: string; tag2: string; includeRevoked: boolean }

const tag1Place = (place: Place): Place => slotAfter(place, BigInt(feedbackLayout.words))
const tag2Place = (place: Place): Place => slotAfter(place, BigInt(feedbackLayout.words) + 1n)

function lastIndex(context: CallContext, agent: bigint, client: Address): bigint {
  return context.read(lastIndexPlace(context, agent, client))
}

/** The place of a feedback that was given. */
function knownFeedback(context: CallContext, agent: bigint, client: Address, index: bigint): Place {
  if (index === 0n || index > lastIndex(context, agent, client))
    throw face.error('UnknownFeedback', [agent, client, index])
  return feedbackPlace(context, agent, client, index)
}

function readFeedback(context: CallContext, place: Place): Omit<Feedback, 'client' | 'index'> {
  const { value, valueDecimals, isRevoked } = readRecord(context, place, feedbackLayout)
  return {
    value: BigInt.asIntN(128, value),
    valueDecimals: Number(valueDecimals),
    isRevoked,
    tag1: readString(context, tag1Place(place)),
    tag2: readString(context, tag2Place(place)),
  }
}

/** All feedback of the clients, in their order, that has the tags that are asked for: an empty one asks for nothing. */
function feedbackOf(context: CallContext, agent: bigint, { clients, tag1, tag2, includeRevoked }: Wanted): Feedback[] {
  const found: Feedback[] = []
  for (const client of clients) {
    const last = lastIndex(context, agent, client)
    for (let index = 1n; index <= last; index++) {
      const feedback = readFeedback(context, feedbackPlace(context, agent, client, index))
      if (feedback.isRevoked && !includeRevoked) continue
      if ((tag1 !== '' && tag1 !== feedback.tag1) || (tag2 !== '' && tag2 !== feedback.tag2)) continue
      found.push({ client, index, ...feedback })
    }
  }
  return found
}

function isValue(value: bigint): boolean {
  return value <= MAX_VALUE && value >= -MAX_VALUE
}

function addressesAt(context: CallContext, place: Place): Address[] {
  return readRecords(context, place, addressLayout).map(({ account }) => account)
}

function named(field: string, accounts: readonly Address[]): Address[] {
  if (accounts.length > MAX_NAMED)
    throw face.error('InvalidField', [field, `must name at most ${MAX_NAMED}, names ${accounts.length}`])
  return accounts.map(plainAddress)
}

type FeedbackKey = { agent: bigint; client: Address; index: bigint }

function responsesTo(context: CallContext, key: FeedbackKey, responders: readonly Address[]): bigint {
  const asked = responders.length > 0 ? responders : addressesAt(context, respondersPlace(context, key))
  let count = 0n
  for (const responder of asked) count += context.read(responsesPlace(context, key, responder))
  return count
}

/**
 * The mean of values with decimals, at the number of decimals that most have (the fewest among equals), cut towards 0; at
 * fewer where it would be too great for a value of its own.
 */
export function summaryOf(values: readonly { value: bigint; valueDecimals: number }[]) {
  if (values.length === 0) return { value: 0n, decimals: 0 }
  const counts = Array.from({ length: MAX_DECIMALS + 1 }, () => 0)
  let sum = 0n
  for (const { value, valueDecimals } of values) {
    counts[valueDecimals]! += 1
    sum += value * 10n ** BigInt(MAX_DECIMALS - valueDecimals)
  }
  const mean = sum / BigInt(values.length)
  const meanAt = (decimals: number) => mean / 10n ** BigInt(MAX_DECIMALS - decimals)
  let decimals = counts.indexOf(Math.max(...counts))
  while (decimals > 0 && !isValue(meanAt(decimals))) decimals -= 1
  return { value: meanAt(decimals), decimals }
}

export const reputation: Reputation = {
  getIdentityRegistry: () => AGENT_REGISTRY,

  giveFeedback(context, [agentId, value, valueDecimals, tag1, tag2, endpoint, feedbackURI, feedbackHash]) {
    const { caller } = context.call
    if (isAuthorized(context, agentId, knownOwner(context, agentId), caller))
      throw face.error('SelfFeedback', [caller, agentId])
    if (valueDecimals > MAX_DECIMALS)
      throw face.error('InvalidField', ['valueDecimals', `must be 0 to ${MAX_DECIMALS}, got ${valueDecimals}`])
    if (!isValue(value)) throw face.error('InvalidField', ['value', 'must be -10^38 to 10^38'])
    checkText('tag1', tag1, 0, MAX_TAG)
    checkText('tag2', tag2, 0, MAX_TAG)
    checkText('endpoint', endpoint, 0, MAX_URI)
    checkText('feedbackURI', feedbackURI, 0, MAX_URI)
    const feedbackIndex = lastIndex(context, agentId, caller) + 1n
    if (feedbackIndex === 1n) appendRecord(context, clientsPlace(context, agentId), addressLayout, { account: caller })
    context.write(lastIndexPlace(context, agentId, caller), feedbackIndex)
    const place = feedbackPlace(context, agentId, caller, feedbackIndex)
    const record = { value: BigInt.asUintN(128, value), valueDecimals: BigInt(valueDecimals) }
    writeRecord(context, place, feedbackLayout, record)
    if (tag1 !== '') writeString(context, tag1Place(place), tag1)
    if (tag2 !== '') writeString(context, tag2Place(place), tag2)
    const said = { value, valueDecimals, indexedTag1: tag1, tag1, tag2, endpoint, feedbackURI, feedbackHash }
    face.emit(context, 'NewFeedback', { agentId, clientAddress: caller, feedbackIndex, ...said })
  },

  revokeFeedback(context, [agentId, feedbackIndex]) {
    const { caller } = context.call
    const place = knownFeedback(context, agentId, caller, feedbackIndex)
    if (readRecord(context, place, feedbackLayout, ['isRevoked']).isRevoked)
      throw face.error('AlreadyRevoked', [agentId, feedbackIndex])
    writeRecord(context, place, feedbackLayout, { isRevoked: true })
    face.emit(context, 'FeedbackRevoked', { agentId, clientAddress: caller, feedbackIndex })
  },

  appendResponse(context, [agentId, clientAddress, feedbackIndex, responseURI, responseHash]) {
    const { caller: responder } = context.call
    const client = plainAddress(clientAddress)
    knownFeedback(context, agentId, client, feedbackIndex)
    checkText('responseURI', responseURI, 1, MAX_URI)
    const key = { agent: agentId, client, index: feedbackIndex }
    const place = responsesPlace(context, key, responder)
    const count = context.read(place)
    if (count === 0n) appendRecord(context, respondersPlace(context, key), addressLayout, { account: responder })
    context.write(place, count + 1n)
    const said = { feedbackIndex, responder, responseURI, responseHash }
    face.emit(context, 'ResponseAppended', { agentId, clientAddress: client, ...said })
  },

  getSummary(context, [agentId, clientAddresses, tag1, tag2]) {
    knownOwner(context, agentId)
    if (clientAddresses.length === 0)
      throw face.error('InvalidField', ['clientAddresses', 'must name whose feedback counts: anybody can give some'])
    const clients = named('clientAddresses', clientAddresses)
    const found = feedbackOf(context, agentId, { clients, tag1, tag2, includeRevoked: false })
    const { value, decimals } = summaryOf(found)
    return [BigInt(found.length), value, decimals] as const
  },

  readFeedback(context, [agentId, clientAddress, feedbackIndex]) {
    const place = knownFeedback(context, agentId, plainAddress(clientAddress), feedbackIndex)
    const { value, valueDecimals, tag1, tag2, isRevoked } = readFeedback(context, place)
    return [value, valueDecimals, tag1, tag2, isRevoked] as const
  },

  readAllFeedback(context, [agentId, clientAddresses, tag1, tag2, includeRevoked]) {
    knownOwner(context, agentId)
    const asked = named('clientAddresses', clientAddresses)
    const clients = asked.length > 0 ? asked : addressesAt(context, clientsPlace(context, agentId))
    const found = feedbackOf(context, agentId, { clients, tag1, tag2, includeRevoked })
    return [
      found.map(({ client }) => client),
      found.map(({ index }) => index),
      found.map(({ value }) => value),
      found.map(({ valueDecimals }) => valueDecimals),
      found.map((each) => each.tag1),
      found.map((each) => each.tag2),
      found.map(({ isRevoked }) => isRevoked),
    ] as const
  },

  getResponseCount(context, [agentId, clientAddress, feedbackIndex, responderAddresses]) {
    const responders = named('responders', responderAddresses)
    const everybody = BigInt(clientAddress) === 0n
    const clients = everybody ? addressesAt(context, clientsPlace(context, agentId)) : [plainAddress(clientAddress)]
    let count = 0n
    for (const client of clients) {
      const one = !everybody && feedbackIndex !== 0n
      const last = one ? feedbackIndex : lastIndex(context, agentId, client)
      for (let index = one ? feedbackIndex : 1n; index <= last; index++)
        count += responsesTo(context, { agent: agentId, client, index }, responders)
    }
    return count
  },

  getClients(context, [agentId]) {
    knownOwner(context, agentId)
    return addressesAt(context, clientsPlace(context, agentId))
  },

  getLastIndex: (context, [agentId, client]) => lastIndex(context, agentId, plainAddress(client)),
}
