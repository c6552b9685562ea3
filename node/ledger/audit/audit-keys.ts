/**
 * Whose records an audit must read. Storage lies under hashes, so it does not say what is in it; the logs
 * do: every record that can hold wei has been named in a log of the call that made it.
 */
import { type Abi, decodeEventLog, type Hex } from 'viem'
import { attributionAbi } from '../../../genesis/abi/attribution.ts'
import { channelsAbi } from '../../../genesis/abi/channels.ts'
import { datanetsAbi } from '../../../genesis/abi/datanets.ts'
import { stakingAbi } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { Log } from '../../execution/block.ts'
import { hexOf, plainAddress } from '../calls/face.ts'
import { type StakeRole, stakeRole } from '../staking/staking-records.ts'

export type AuditKeys = {
  channels: Set<Hex>
  /** Owner and commitment. */
  commitments: Map<string, { owner: Address; commitment: Hex }>
  /** Accounts that were ever credited. */
  recipients: Set<Address>
  /** Requests whose opening was ever demanded. */
  demands: Set<Hex>
  /** Rows of versions that were ever demanded. */
  rowDemands: Map<string, { version: bigint; row: number }>
  /** Challenger and commitment. */
  challenges: Map<string, { challenger: Address; commitment: Hex }>
  stakers: Map<StakeRole, Set<Address>>
  /** Holders of share units by Datanet, and who has ever been its curator. */
  holders: Map<bigint, Set<Address>>
  curators: Map<bigint, Set<Address>>
  /** Contributions that may keep a bond. */
  bonded: Set<bigint>
}

export function noAuditKeys(): AuditKeys {
  return {
    channels: new Set(),
    commitments: new Map(),
    recipients: new Set(),
    demands: new Set(),
    rowDemands: new Map(),
    challenges: new Map(),
    stakers: new Map(),
    holders: new Map(),
    curators: new Map(),
    bonded: new Set(),
  }
}

const ABIS: ReadonlyMap<Address, Abi> = new Map<Address, Abi>([
  [NATIVE.attribution, attributionAbi],
  [NATIVE.channels, channelsAbi],
  [NATIVE.datanets, datanetsAbi],
  [NATIVE.staking, stakingAbi],
])
const NATIVES: ReadonlySet<string> = new Set(Object.values(NATIVE))

type Args = Record<string, unknown>

/** What each event names. Events that make no record which can hold wei stand in no line. */
const NAMED: Readonly<Record<string, (keys: AuditKeys, args: Args) => void>> = {
  Opened: (keys, { channel }) => keys.channels.add(channel as Hex),
  Committed: (keys, args) => {
    const owner = plainAddress(args.owner as Address)
    const commitment = args.commitment as Hex
    keys.commitments.set(owner + commitment, { owner, commitment })
  },
  SharesTransferred: (keys, { datanet, to }) => addTo(keys.holders, datanet as bigint, to as Address),
  CuratorsSet: (keys, { datanet, curators }) => {
    for (const curator of curators as Address[]) addTo(keys.curators, datanet as bigint, curator)
  },
  Proposed: (keys, { contribution }) => keys.bonded.add(contribution as bigint),
  BondKept: (keys, { contribution }) => keys.bonded.add(contribution as bigint),
  RowDemanded: (keys, args) => {
    const demanded = { version: args.version as bigint, row: args.row as number }
    keys.rowDemands.set(`${demanded.version} ${demanded.row}`, demanded)
  },
  OpeningDemanded: (keys, { request }) => keys.demands.add(request as Hex),
  ChallengeCommitted: (keys, args) => {
    const challenger = plainAddress(args.challenger as Address)
    const commitment = args.commitment as Hex
    keys.challenges.set(challenger + commitment, { challenger, commitment })
  },
  Credited: (keys, { recipient }) => {
    const account = plainAddress(recipient as Address)
    if (!NATIVES.has(account)) keys.recipients.add(account)
  },
  Staked: (keys, { role, account }) => {
    const known = stakeRole(Number(role))
    if (known !== undefined) addTo(keys.stakers, known, account as Address)
  },
}

function addTo<key>(map: Map<key, Set<Address>>, key: key, account: Address): void {
  const set = map.get(key) ?? new Set()
  set.add(plainAddress(account))
  map.set(key, set)
}

/** Adds what the logs name. */
export function followLogs(keys: AuditKeys, logs: readonly Log[]): void {
  for (const log of logs) {
    const abi = ABIS.get(log.address)
    if (!abi) continue
    const topics = log.topics as [Hex, ...Hex[]]
    const { eventName, args } = decodeEventLog({ abi, topics, data: hexOf(log.data), strict: true })
    NAMED[eventName!]?.(keys, Object.fromEntries(Object.entries(args ?? {})))
  }
}
