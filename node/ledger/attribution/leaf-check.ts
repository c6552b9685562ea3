/**
 * Whether a leaf may be settled (docs/protocol.md, "Attribution"). Checks write nothing, so a leaf that
 * fails one is skipped with its reason and leaves the rest of its batch as it was. What a leaf says of
 * rows and scores is not proved here: who audits it challenges it.
 */
import type { Hex } from 'viem'
import { LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { checkEntryOrder } from '../../../protocol/entries.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { threshold } from '../../../protocol/score.ts'
import type { FeeSplit } from '../../../protocol/shares.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import { canonicalCluster, clusterLayout, clusterPlace } from '../datanets/datanet-records.ts'
import { parameter } from '../governance/parameters.ts'
import { ancestorsOf, runDatanets, versionLayout, versionPlace } from '../models/model-records.ts'
import { greatestFee } from '../models/prices.ts'
import { qualityBpsOf } from '../models/quality.ts'
import { isLive } from '../models/version-standing.ts'
import { settlementLayout, settlementPlace } from './attribution-records.ts'

/** The parameters that a settlement freezes. */
export type Rules = {
  split: FeeSplit
  unmeasuredQualityBps: bigint
  thresholdZ: bigint
  maxEntries: number
  maxScaleFactor: bigint
  /** Seconds. */
  window: bigint
  lockMultiple: bigint
  /** Blocks. */
  maxLeafAge: bigint
  lineageShareBps: bigint
  subsidyBps: bigint
}

/** What the checks found, for the payment to follow. */
export type CheckedLeaf = {
  theta: bigint
  model: bigint
  qualityBps: bigint
  datanets: { datanet: bigint; weightBps: bigint; revenueShareBps: bigint }[]
  /** Models that the version builds on, the nearest first. */
  ancestors: bigint[]
  /** By entry: who is paid for it; undefined where the cluster was withdrawn after `asOf`, so the treasury is. */
  payees: (Address | undefined)[]
}

export type LeafSkipReason = (typeof LEAF_SKIP_REASON)[keyof typeof LEAF_SKIP_REASON]

export function readRules(context: CallContext): Rules {
  return {
    split: {
      contributors: parameter(context, 'contributorsBps'),
      modelOwner: parameter(context, 'modelOwnerBps'),
      compute: parameter(context, 'computeBps'),
      stakers: parameter(context, 'stakersBps'),
      curators: parameter(context, 'curatorsBps'),
      treasury: parameter(context, 'treasuryBps'),
    },
    unmeasuredQualityBps: parameter(context, 'unmeasuredQualityBps'),
    thresholdZ: parameter(context, 'thresholdZ'),
    maxEntries: Number(parameter(context, 'maxEntries')),
    maxScaleFactor: parameter(context, 'maxScaleFactor'),
    window: parameter(context, 'window'),
    lockMultiple: parameter(context, 'lockMultiple'),
    maxLeafAge: parameter(context, 'maxLeafAge'),
    lineageShareBps: parameter(context, 'lineageShareBps'),
    subsidyBps: parameter(context, 'subsidyBps'),
  }
}

/** The first reason against the leaf, or what it needs to be paid. `request` is its request id. */
export function checkLeaf(context: CallContext, rules: Rules, request: Hex, leaf: Leaf): LeafSkipReason | CheckedLeaf {
  return checkPayment(context, request, leaf) ?? checkAttribution(context, rules, leaf, context.call.block.number)
}

function checkPayment(context: CallContext, request: Hex, leaf: Leaf): LeafSkipReason | undefined {
  const fault = channelFault(context, leaf.channel, leaf.fee)
  if (fault !== undefined) return fault
  const { batchedTo } = readRecord(context, channelPlace(context, leaf.channel), channelLayout, ['batchedTo'])
  const { settledAt } = readRecord(context, settlementPlace(context, request), settlementLayout, ['settledAt'])
  if (settledAt !== 0n || (batchedTo !== 0n && leaf.n <= batchedTo)) return LEAF_SKIP_REASON.alreadySettled
  return undefined
}

/** Why the caller may not take the fee, in wei, out of the channel, or undefined. */
export function channelFault(context: CallContext, id: Hex, fee: bigint): LeafSkipReason | undefined {
  const channel = readRecord(context, channelPlace(context, id), channelLayout)
  if (BigInt(channel.payer) === 0n) return LEAF_SKIP_REASON.unknownChannel
  if (channel.receiver !== context.call.caller) return LEAF_SKIP_REASON.notReceiver
  if (channel.closed || (channel.closingAt !== 0n && context.now >= channel.closingAt))
    return LEAF_SKIP_REASON.channelClosed
  if (fee === 0n) return LEAF_SKIP_REASON.badFee
  if (channel.settled + fee > channel.ceiling) return LEAF_SKIP_REASON.overCeiling
  if (channel.settled + fee > channel.deposit) return LEAF_SKIP_REASON.overDeposit
  return undefined
}

/** What a leaf says of its answer, and what paying it needs. Its asOf must be recent at block `settledIn`. */
export function checkAttribution(
  context: CallContext,
  rules: Rules,
  leaf: Leaf,
  settledIn: bigint,
): LeafSkipReason | CheckedLeaf {
  const version = readRecord(context, versionPlace(context, leaf.version), versionLayout, [
    'model',
    'run',
    'rows',
    'dims',
    'medianScale',
    'measured',
    'qualityBps',
  ])
  if (version.model === 0n) return LEAF_SKIP_REASON.unknownVersion
  if (!isLive(context, leaf.version, leaf.asOf)) return LEAF_SKIP_REASON.versionNotLive
  const age = settledIn - leaf.asOf
  if (age < 0n || age > rules.maxLeafAge) return LEAF_SKIP_REASON.staleAsOf
  const remembered = context.call.block.number - settledIn + rules.maxLeafAge
  if (leaf.fee > greatestFee(context, version.model, leaf, remembered)) return LEAF_SKIP_REASON.overPrice

  if (leaf.entries.length > rules.maxEntries) return LEAF_SKIP_REASON.tooManyEntries
  context.charge(GAS.entry * BigInt(leaf.entries.length))
  const theta = threshold(rules.thresholdZ, Number(version.dims))
  if (leaf.entries.some(({ raw }) => BigInt(raw) <= theta)) return LEAF_SKIP_REASON.belowThreshold
  if (checkEntryOrder(leaf.entries, theta, rules.maxEntries)) return LEAF_SKIP_REASON.badEntryOrder
  if (leaf.entries.some(({ row }) => BigInt(row) >= version.rows)) return LEAF_SKIP_REASON.badEntryOrder
  const greatestScale = rules.maxScaleFactor * version.medianScale
  if (leaf.entries.some(({ scale }) => BigInt(scale) > greatestScale)) return LEAF_SKIP_REASON.badScale

  const datanets = runDatanets(context, version.run)
  const payees = resolvePayees(context, leaf, datanets)
  if (typeof payees === 'number') return payees
  const qualityBps = qualityBpsOf(context, version, rules.unmeasuredQualityBps)
  const ancestors = ancestorsOf(context, version.run)
  return { theta, model: version.model, qualityBps, datanets, ancestors, payees }
}

/**
 * An entry names its row's own cluster. The one that stood for it after block `asOf` must not be withdrawn by then, and is
 * listed by rows of one cluster only. What was withdrawn since keeps its weight, which goes to the treasury. So does that of
 * a cluster which was merged since into one that an earlier entry is paid for: a work is paid once.
 */
function resolvePayees(
  context: CallContext,
  leaf: Leaf,
  datanets: readonly { datanet: bigint }[],
): LeafSkipReason | (Address | undefined)[] {
  const payees = new Map<bigint, Address | undefined>()
  const listed = new Set<bigint>()
  const paid = new Set<bigint>()
  for (const { cluster: own } of leaf.entries) {
    if (payees.has(own)) continue
    const then = canonicalCluster(context, own, leaf.asOf)
    if (listed.has(then)) return LEAF_SKIP_REASON.badEntryCluster
    listed.add(then)
    const now = canonicalCluster(context, then)
    const cluster = readRecord(context, clusterPlace(context, now), clusterLayout, ['datanet', 'withdrawnAt', 'payee'])
    if (!datanets.some(({ datanet }) => datanet === cluster.datanet)) return LEAF_SKIP_REASON.badEntryCluster
    if (cluster.withdrawnAt !== 0n && cluster.withdrawnAt <= leaf.asOf) return LEAF_SKIP_REASON.withdrawnCluster
    payees.set(own, cluster.withdrawnAt === 0n && !paid.has(now) ? cluster.payee : undefined)
    paid.add(now)
  }
  return leaf.entries.map(({ cluster }) => payees.get(cluster))
}
