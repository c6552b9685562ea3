/**
 * Paying a leaf that passed its checks (docs/protocol.md, "Attribution"): the fee is split, each part is
 * resolved to a recipient and an amount there and then, and waits in pending until it matures.
 *
 *     fee ─┬─ contributors ─┬─ quality      ── entries by (raw − theta)·scale ── the clusters' payees
 *          │                └─ 1 − quality  ── the run's Datanets by weight    ── their share holders
 *          ├─ model owner ─┬─ licences' revenue shares                          ── their share holders
 *          │               └─ the owner, and up the line of models it builds on
 *          ├─ compute        ├─ stakers, per unit of stake
 *          ├─ curators ─────── of curated Datanets by weight; the rest to the treasury
 *          └─ treasury, with what rounding leaves
 */
import type { Hex } from 'viem'
import { CLAIM_STATUS, CREDIT_ROLE } from '../../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { Wei } from '../../../genesis/units.ts'
import { encodeLeaf, type Leaf, leafHash } from '../../../protocol/leaf.ts'
import { BPS, entryWeights, splitByWeights, splitFee } from '../../../protocol/shares.ts'
import type { CallContext } from '../calls/context.ts'
import { hexOf } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import { datanetLayout, datanetPlace } from '../datanets/datanet-records.ts'
import { lockCredit, writeClaim } from '../disputes/claims.ts'
import { modelOwner } from '../models/model-records.ts'
import { splitLineage } from '../models/runs.ts'
import { type Due, dueNow, TARGET_KIND, type Target } from '../payouts/pending.ts'
import { face } from './attribution-face.ts'
import { counters, countersLayout, requestPlace, settlementLayout, settlementPlace } from './attribution-records.ts'
import type { CheckedLeaf, Rules } from './leaf-check.ts'

/** One part of a fee. `cluster` is the cluster of a contributor's part, the Datanet of a Datanet's or its curators'; else 0. */
type Credit = { role: number; recipient: Address; cluster: bigint; target: Target; amount: bigint }

const TREASURY: Target = { kind: TARGET_KIND.treasury, id: 0n }

/** Writes the settlement, and every credit that follows from it. The stake that backs it is locked already. */
export function paySettlement(
  context: CallContext,
  rules: Rules,
  request: Hex,
  leaf: Leaf,
  checked: CheckedLeaf,
  lockedStake: bigint,
): void {
  const prover = context.call.caller
  const due = dueNow(context, rules.window)
  const place = channelPlace(context, leaf.channel)
  const { settled } = readRecord(context, place, channelLayout, ['settled'])
  writeRecord(context, place, channelLayout, { settled: settled + leaf.fee })
  record(context, request, leaf, due, lockedStake)
  const paid = credits(context, rules, leaf, checked).filter(({ amount }) => amount !== 0n)
  const { thresholdZ, maxEntries, maxScaleFactor } = rules
  const waiting = [lockCredit(prover, lockedStake), ...paid.map(({ target, amount }) => ({ ...target, amount }))]
  const claim = { ...due, thresholdZ, maxEntries, maxScaleFactor, credits: waiting }
  writeClaim(context, request, claim, CLAIM_STATUS.standing)
  for (const { recipient, role, cluster, amount } of paid)
    face.emit(context, 'Credited', { request, recipient, role, cluster, amount })
}

function record(context: CallContext, request: Hex, leaf: Leaf, due: Due, lockedStake: bigint): void {
  const { version, fee } = leaf
  const prover = context.call.caller
  const encoded = encodeLeaf(leaf)
  context.chargeWords(GAS.keccakWord, encoded.length)
  writeRecord(context, settlementPlace(context, request), settlementLayout, {
    prover,
    settledAt: context.now,
    leafHash: leafHash(leaf),
    fee,
    lockedStake,
    version,
    maturesAt: due.maturesAt,
  })
  const { settlements } = readRecord(context, counters, countersLayout, ['settlements'])
  context.write(requestPlace(context, settlements), BigInt(request))
  writeRecord(context, counters, countersLayout, { settlements: settlements + 1n })
  face.emit(context, 'Settled', { request, version, prover, leaf: hexOf(encoded) })
}

/** Every part of the fee; they add up to it. Entries that nobody can check, because the request must not be opened, earn nothing. */
function credits(context: CallContext, rules: Rules, leaf: Leaf, checked: CheckedLeaf): Credit[] {
  const parts = splitFee(Wei(leaf.fee), rules.split)
  const byEntries = leaf.entries.length === 0 || !leaf.openable ? 0n : (parts.contributors * checked.qualityBps) / BPS
  const revenue = revenueShares(checked, parts.modelOwner)
  const ownersPart = parts.modelOwner - revenue.reduce((total, share) => total + share, 0n)
  const curation = curatorCredits(context, checked, parts.curators)
  const curated = curation.reduce((total, { amount }) => total + amount, 0n)
  return [
    ...entryCredits(leaf, checked, byEntries),
    ...datanetCredits(checked, parts.contributors - byEntries, revenue),
    ...ownerCredits(context, rules, checked, ownersPart),
    toAccount(CREDIT_ROLE.compute, context.call.caller, parts.compute),
    toNative(CREDIT_ROLE.stakers, NATIVE.staking, { kind: TARGET_KIND.stakers, id: 0n }, parts.stakers),
    ...curation,
    toNative(CREDIT_ROLE.curators, NATIVE.attribution, TREASURY, parts.curators - curated),
    toNative(CREDIT_ROLE.treasury, NATIVE.attribution, TREASURY, parts.treasury),
  ]
}

function entryCredits(leaf: Leaf, checked: CheckedLeaf, pool: bigint): Credit[] {
  const amounts = splitByWeights(pool, entryWeights(leaf.entries, checked.theta))
  return leaf.entries.map(({ cluster }, i) => {
    const payee = checked.payees[i]
    const amount = amounts[i]!
    if (payee) return { ...toAccount(CREDIT_ROLE.contributor, payee, amount), cluster }
    return { ...toNative(CREDIT_ROLE.treasury, NATIVE.attribution, TREASURY, amount), cluster }
  })
}

/** What goes to Datanets by weight, with the share of the owner's revenue that their licences ask for. */
function datanetCredits(checked: CheckedLeaf, pool: bigint, revenue: readonly bigint[]): Credit[] {
  const amounts = splitByWeights(
    pool,
    checked.datanets.map(({ weightBps }) => weightBps),
  )
  return checked.datanets.map(({ datanet }, i) => {
    const target = { kind: TARGET_KIND.datanet, id: datanet }
    const amount = amounts[i]! + revenue[i]!
    return { ...toNative(CREDIT_ROLE.datanet, NATIVE.datanets, target, amount), cluster: datanet }
  })
}

/** By Datanet: its licence's share of the owner's part, as far as its weight goes. */
function revenueShares(checked: CheckedLeaf, ownersPart: bigint): bigint[] {
  return checked.datanets.map(
    ({ weightBps, revenueShareBps }) => (ownersPart * weightBps * revenueShareBps) / (BPS * BPS),
  )
}

/** The owner, and the owners of the models that the version builds on. */
function ownerCredits(context: CallContext, rules: Rules, checked: CheckedLeaf, ownersPart: bigint): Credit[] {
  const line = [checked.model, ...checked.ancestors]
  return splitLineage(ownersPart, checked.ancestors, rules.lineageShareBps).map((amount, i) =>
    toAccount(CREDIT_ROLE.modelOwner, modelOwner(context, line[i]!), amount),
  )
}

/** The curators' part, by the weights of the run's Datanets; that of a Datanet which has none stays for the treasury. */
function curatorCredits(context: CallContext, checked: CheckedLeaf, pool: bigint): Credit[] {
  const amounts = splitByWeights(
    pool,
    checked.datanets.map(({ weightBps }) => weightBps),
  )
  return checked.datanets.flatMap(({ datanet }, i) => {
    const place = datanetPlace(context, datanet)
    const { quorum } = readRecord(context, place, datanetLayout, ['quorum'])
    if (quorum === 0n) return []
    const target = { kind: TARGET_KIND.curators, id: datanet }
    return [{ ...toNative(CREDIT_ROLE.curators, NATIVE.datanets, target, amounts[i]!), cluster: datanet }]
  })
}

function toAccount(role: number, recipient: Address, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target: { kind: TARGET_KIND.account, id: BigInt(recipient) }, amount }
}

function toNative(role: number, recipient: Address, target: Target, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target, amount }
}
