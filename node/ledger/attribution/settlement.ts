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
 *          └─ treasury, with what rounding leaves ── up to subsidyBps of the fee to the run's Datanets
 *                                                    by run weight × governed weight
 */
import type { Hex } from 'viem'
import { CLAIM_STATUS, CREDIT_ROLE } from '../../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { Wei } from '../../../genesis/units.ts'
import { encodedLeafHash, encodeLeaf, type Leaf } from '../../../protocol/leaf.ts'
import { BPS, entryWeights, splitByWeights, splitFee } from '../../../protocol/shares.ts'
import type { CallContext } from '../calls/context.ts'
import { hexOf } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import { datanetLayout, datanetPlace } from '../datanets/datanet-records.ts'
import { lockCredit, writeClaim } from '../disputes/claims.ts'
import { governedWeight } from '../governance/weight-records.ts'
import { modelOwner } from '../models/model-records.ts'
import { splitLineage } from '../models/runs.ts'
import { type Due, dueNow, TARGET_KIND, type Target } from '../payouts/pending.ts'
import { face } from './attribution-face.ts'
import { counters, countersLayout, requestPlace, settlementLayout, settlementPlace } from './attribution-records.ts'
import type { CheckedLeaf, Rules } from './leaf-check.ts'

/** One part of a fee. `cluster` is the cluster of a contributor's part, the Datanet of a Datanet's, its subsidy's or its curators'; else 0. */
type Credit = { role: number; recipient: Address; cluster: bigint; target: Target; amount: bigint }

const TREASURY: Target = { kind: TARGET_KIND.treasury, id: 0n }

/** What a settlement divides, in wei, and the prover's stake that backs it: the leaf's fee, or what a batch's draws come to. */
export type Payment = { amount: bigint; lockedStake: bigint }

/** Takes wei out of what a channel has left. Who calls has checked that it is there. */
export function chargeChannel(context: CallContext, channel: Hex, amount: bigint): void {
  const place = channelPlace(context, channel)
  const { settled } = readRecord(context, place, channelLayout, ['settled'])
  writeRecord(context, place, channelLayout, { settled: settled + amount })
}

/** Batches settle numbers above all that were settled before. */
export function spendNumber(context: CallContext, channel: Hex, n: bigint): void {
  const place = channelPlace(context, channel)
  const { highest } = readRecord(context, place, channelLayout, ['highest'])
  if (n > highest) writeRecord(context, place, channelLayout, { highest: n })
}

/** Writes the settlement, and every credit that follows from it. Its wei are charged, and its stake is locked, already. */
export function paySettlement(
  context: CallContext,
  rules: Rules,
  request: Hex,
  leaf: Leaf,
  checked: CheckedLeaf,
  payment: Payment,
): void {
  const prover = context.call.caller
  const { amount: divided, lockedStake } = payment
  const due = dueNow(context, rules.window)
  record(context, request, leaf, due, payment)
  const paid = credits(context, rules, leaf, checked, divided).filter(({ amount }) => amount !== 0n)
  const { thresholdZ, maxEntries, maxScaleFactor } = rules
  const waiting = [lockCredit(prover, lockedStake), ...paid.map(({ target, amount }) => ({ ...target, amount }))]
  const claim = { ...due, thresholdZ, maxEntries, maxScaleFactor, credits: waiting }
  writeClaim(context, request, claim, CLAIM_STATUS.standing)
  for (const { recipient, role, cluster, amount } of paid)
    face.emit(context, 'Credited', { request, recipient, role, cluster, amount })
}

function record(context: CallContext, request: Hex, leaf: Leaf, due: Due, { amount, lockedStake }: Payment): void {
  const { version } = leaf
  const prover = context.call.caller
  const encoded = encodeLeaf(leaf)
  context.chargeWords(GAS.keccakWord, encoded.length)
  writeRecord(context, settlementPlace(context, request), settlementLayout, {
    prover,
    settledAt: context.now,
    leafHash: encodedLeafHash(encoded),
    fee: amount,
    lockedStake,
    version,
    maturesAt: due.maturesAt,
  })
  const { settlements } = readRecord(context, counters, countersLayout, ['settlements'])
  context.write(requestPlace(context, settlements), BigInt(request))
  writeRecord(context, counters, countersLayout, { settlements: settlements + 1n })
  face.emit(context, 'Settled', { request, version, prover, leaf: hexOf(encoded) })
}

/** Every part of the amount; they add up to it. Entries that nobody can check, because the request must not be opened, earn nothing. */
function credits(context: CallContext, rules: Rules, leaf: Leaf, checked: CheckedLeaf, amount: bigint): Credit[] {
  const parts = splitFee(Wei(amount), rules.split)
  const byEntries = leaf.entries.length === 0 || !leaf.openable ? 0n : (parts.contributors * checked.qualityBps) / BPS
  const revenue = revenueShares(checked, parts.modelOwner)
  const ownersPart = parts.modelOwner - revenue.reduce((total, share) => total + share, 0n)
  const curation = curatorCredits(context, checked, parts.curators)
  const curated = curation.reduce((total, { amount }) => total + amount, 0n)
  const subsidies = subsidyCredits(context, rules, checked, amount)
  const subsidized = subsidies.reduce((total, { amount }) => total + amount, 0n)
  return [
    ...entryCredits(leaf, checked, byEntries),
    ...datanetCredits(checked, parts.contributors - byEntries, revenue),
    ...ownerCredits(context, rules, checked, ownersPart),
    toAccount(CREDIT_ROLE.compute, context.call.caller, parts.compute),
    toNative(CREDIT_ROLE.stakers, NATIVE.staking, { kind: TARGET_KIND.stakers, id: 0n }, parts.stakers),
    ...curation,
    toNative(CREDIT_ROLE.curators, NATIVE.attribution, TREASURY, parts.curators - curated),
    ...subsidies,
    toNative(CREDIT_ROLE.treasury, NATIVE.attribution, TREASURY, parts.treasury - subsidized),
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

/**
 * What of the treasury's part of this very payment goes to the run's Datanets: subsidyBps of it by run weight × governed
 * weight, each rounded down. It is less than the treasury's part, because subsidyBps is below treasuryBps.
 */
function subsidyCredits(context: CallContext, rules: Rules, checked: CheckedLeaf, paid: bigint): Credit[] {
  const pool = (paid * rules.subsidyBps) / BPS
  if (pool === 0n) return []
  return checked.datanets.map(({ datanet, weightBps }) => {
    const target = { kind: TARGET_KIND.datanet, id: datanet }
    const amount = (pool * weightBps * governedWeight(context, datanet)) / (BPS * BPS)
    return { ...toNative(CREDIT_ROLE.subsidy, NATIVE.datanets, target, amount), cluster: datanet }
  })
}

function toAccount(role: number, recipient: Address, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target: { kind: TARGET_KIND.account, id: BigInt(recipient) }, amount }
}

function toNative(role: number, recipient: Address, target: Target, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target, amount }
}
