/**
 * Who an agent is (docs/protocol.md, "Agents"; ERC-8004, "Identity Registry"): owner, URI, metadata, wallet. What
 * changes these comes through the Agent Registry, the ERC-721 face at a fixed address, which says for whom it calls,
 * logs the standards' events and has checked the new wallet's signature. Everything is kept and authorized here.
 */
import { type Address, AGENT_REGISTRY } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf, plainAddress } from '../calls/face.ts'
import { readBytes, readRecord, readString, replaceBytes, writeRecord, writeString } from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { type AgentHandlers, face, isAuthorized, knownAgent, knownOwner, ZERO_ADDRESS } from './agent-face.ts'
import {
  agentLayout,
  agentPlace,
  approvedPlace,
  counters,
  countersLayout,
  heldPlace,
  metadataPlace,
  operatorPlace,
  uriPlace,
} from './agent-records.ts'

/** Bytes: an URI may be a data URI with the whole registration file. */
const MAX_URI = 8_192
const MAX_KEY = 64
const MAX_VALUE = 4_096
/** Entries of metadata that a registration may bring. */
const MAX_ENTRIES = 16
/** The key under which ERC-8004 keeps the wallet; it is not written as metadata. */
const WALLET_KEY = 'agentWallet'

const utf8 = new TextEncoder()

type Registering = Pick<
  AgentHandlers,
  | 'register'
  | 'setAgentURI'
  | 'setMetadata'
  | 'setAgentWallet'
  | 'transferFrom'
  | 'approve'
  | 'setApprovalForAll'
  | 'agentCount'
  | 'getAgent'
  | 'ownerOf'
  | 'balanceOf'
  | 'tokenURI'
  | 'getApproved'
  | 'isApprovedForAll'
  | 'isAuthorizedOrOwner'
  | 'getAgentWallet'
  | 'getMetadata'
>

function byRegistry(context: CallContext): void {
  if (context.call.caller !== AGENT_REGISTRY) throw face.error('NotRegistry', [context.call.caller])
}

/** The owner of an agent that the account may manage. */
function managedAgent(context: CallContext, agent: bigint, account: Address): Address {
  const owner = knownOwner(context, agent)
  if (!isAuthorized(context, agent, owner, account)) throw face.error('NotAuthorized', [account, agent])
  return owner
}

function metadataAt(context: CallContext, agent: bigint, key: string) {
  return metadataPlace(context, agent, hexOf(context.keccak(utf8.encode(key))))
}

function writeMetadata(context: CallContext, agent: bigint, key: string, value: `0x${string}`): void {
  checkText('metadataKey', key, 1, MAX_KEY)
  if (key === WALLET_KEY) throw face.error('InvalidField', ['metadataKey', `${WALLET_KEY} is set by setAgentWallet`])
  const bytes = bytesOf(value)
  if (bytes.length > MAX_VALUE)
    throw face.error('InvalidField', ['metadataValue', `must have at most ${MAX_VALUE} bytes, has ${bytes.length}`])
  replaceBytes(context, metadataAt(context, agent, key), bytes)
}

function changeHeld(context: CallContext, owner: Address, change: bigint): void {
  const place = heldPlace(context, owner)
  context.write(place, context.read(place) + change)
}

export const identity: Registering = {
  register(context, [ownerAddress, agentURI, metadata]) {
    byRegistry(context)
    const owner = plainAddress(ownerAddress)
    if (BigInt(owner) === 0n) throw face.error('InvalidField', ['owner', 'must not be zero'])
    checkText('agentURI', agentURI, 0, MAX_URI)
    if (metadata.length > MAX_ENTRIES)
      throw face.error('InvalidField', ['metadata', `must have at most ${MAX_ENTRIES} entries, has ${metadata.length}`])
    const agent = readRecord(context, counters, countersLayout, ['agents']).agents + 1n
    writeRecord(context, counters, countersLayout, { agents: agent })
    const record = { owner, registeredAt: context.now, wallet: owner }
    writeRecord(context, agentPlace(context, agent), agentLayout, record)
    changeHeld(context, owner, 1n)
    if (agentURI !== '') writeString(context, uriPlace(context, agent), agentURI)
    for (const { metadataKey, metadataValue } of metadata) writeMetadata(context, agent, metadataKey, metadataValue)
    return agent
  },

  setAgentURI(context, [account, agent, newURI]) {
    byRegistry(context)
    managedAgent(context, agent, plainAddress(account))
    checkText('newURI', newURI, 0, MAX_URI)
    replaceBytes(context, uriPlace(context, agent), utf8.encode(newURI))
  },

  setMetadata(context, [account, agent, metadataKey, metadataValue]) {
    byRegistry(context)
    managedAgent(context, agent, plainAddress(account))
    writeMetadata(context, agent, metadataKey, metadataValue)
  },

  setAgentWallet(context, [account, agent, newWallet]) {
    byRegistry(context)
    managedAgent(context, agent, plainAddress(account))
    writeRecord(context, agentPlace(context, agent), agentLayout, { wallet: plainAddress(newWallet) })
  },

  transferFrom(context, [account, fromAddress, toAddress, agent]) {
    byRegistry(context)
    const owner = managedAgent(context, agent, plainAddress(account))
    const from = plainAddress(fromAddress)
    const to = plainAddress(toAddress)
    if (from !== owner) throw face.error('NotOwner', [from, owner])
    if (BigInt(to) === 0n) throw face.error('InvalidField', ['to', 'must not be zero'])
    changeHeld(context, from, -1n)
    changeHeld(context, to, 1n)
    // The new owner's agent spends by a key of the new owner's, or by none.
    writeRecord(context, agentPlace(context, agent), agentLayout, { owner: to, wallet: ZERO_ADDRESS })
    context.write(approvedPlace(context, agent), 0n)
  },

  approve(context, [accountAddress, approved, agent]) {
    byRegistry(context)
    const account = plainAddress(accountAddress)
    const owner = knownOwner(context, agent)
    if (account !== owner && context.read(operatorPlace(context, owner, account)) === 0n)
      throw face.error('NotAuthorized', [account, agent])
    context.write(approvedPlace(context, agent), BigInt(approved))
    return owner
  },

  setApprovalForAll(context, [account, operator, approved]) {
    byRegistry(context)
    if (BigInt(operator) === 0n) throw face.error('InvalidField', ['operator', 'must not be zero'])
    const place = operatorPlace(context, plainAddress(account), plainAddress(operator))
    context.write(place, approved ? 1n : 0n)
  },

  agentCount: (context) => readRecord(context, counters, countersLayout, ['agents']).agents,
  getAgent: (context, [agent]) => knownAgent(context, agent),
  ownerOf: (context, [agent]) => knownOwner(context, agent),

  balanceOf(context, [owner]) {
    if (BigInt(owner) === 0n) throw face.error('InvalidField', ['owner', 'must not be zero'])
    return context.read(heldPlace(context, plainAddress(owner)))
  },

  tokenURI(context, [agent]) {
    knownOwner(context, agent)
    return readString(context, uriPlace(context, agent))
  },

  getApproved(context, [agent]) {
    knownOwner(context, agent)
    return addressOf(context.read(approvedPlace(context, agent)))
  },

  isApprovedForAll: (context, [owner, operator]) =>
    context.read(operatorPlace(context, plainAddress(owner), plainAddress(operator))) !== 0n,

  isAuthorizedOrOwner: (context, [spender, agent]) =>
    isAuthorized(context, agent, knownOwner(context, agent), plainAddress(spender)),

  getAgentWallet: (context, [agent]) => knownAgent(context, agent).wallet,

  getMetadata(context, [agent, key]) {
    const { wallet } = knownAgent(context, agent)
    if (key === WALLET_KEY) return wallet === ZERO_ADDRESS ? '0x' : wallet
    return hexOf(readBytes(context, metadataAt(context, agent, key)))
  },
}

function addressOf(value: bigint): Address {
  return `0x${value.toString(16).padStart(40, '0')}`
}
