/**
 * Paying a leaf that passed its checks (docs/protocol.md, "Attribution"): the fee is split, each part is
 * resolved to a recipient and an amount there and then, and waits in pending until it matures.
 *
 *     fee ─┬─ contributors ─┬─ quality      ── entries by (raw − theta)·scale ── the clusters' payees
 *          │                └─ 1 − quality  ── the run's Datanets by weight    ── their share holders
 *          ├─ model owner    ├─ stakers, per unit of stake
 *          ├─ compute        ├─ curators: to the treasury while Datanets have none
 *          └─ treasury, with what rounding leaves
 */
import type { Hex } from 'viem'
import { attributionAbi, CREDIT_ROLE } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { GAS } from '../../genesis/gas.ts'
import { Wei } from '../../genesis/units.ts'
import { encodeLeaf, type Leaf, leafHash } from '../../protocol/leaf.ts'
import { BPS, entryWeights, splitByWeights, splitFee } from '../../protocol/shares.ts'
import { counters, countersLayout, requestPlace, settlementLayout, settlementPlace } from './attribution-records.ts'
import { channelLayout, channelPlace } from './channel-records.ts'
import type { CallContext } from './context.ts'
import { hexOf, nativeFace } from './face.ts'
import type { CheckedLeaf, Rules } from './leaf-check.ts'
import { modelOwner } from './model-records.ts'
import { addPending, type Due, dueNow, TARGET_KIND, type Target } from './pending.ts'
import { readRecord, writeRecord } from './storage-layout.ts'

const face = nativeFace(NATIVE.attribution, attributionAbi)

/** One part of a fee. `cluster` is the cluster of a contributor's part and the Datanet of a Datanet's; else 0. */
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
  addPending(context, { kind: TARGET_KIND.lock, id: BigInt(prover) }, lockedStake, due)
  for (const credit of credits(context, rules, leaf, checked)) {
    if (credit.amount === 0n) continue
    addPending(context, credit.target, credit.amount, due)
    const { recipient, role, cluster, amount } = credit
    face.emit(context, 'Credited', { request, recipient, role, cluster, amount })
  }
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

/** Every part of the fee; they add up to it. */
function credits(context: CallContext, rules: Rules, leaf: Leaf, checked: CheckedLeaf): Credit[] {
  const parts = splitFee(Wei(leaf.fee), rules.split)
  const byEntries = leaf.entries.length === 0 ? 0n : (parts.contributors * checked.qualityBps) / BPS
  return [
    ...entryCredits(leaf, checked, byEntries),
    ...datanetCredits(checked, parts.contributors - byEntries),
    toAccount(CREDIT_ROLE.modelOwner, modelOwner(context, checked.model), parts.modelOwner),
    toAccount(CREDIT_ROLE.compute, context.call.caller, parts.compute),
    toNative(CREDIT_ROLE.stakers, NATIVE.staking, { kind: TARGET_KIND.stakers, id: 0n }, parts.stakers),
    toNative(CREDIT_ROLE.curators, NATIVE.attribution, TREASURY, parts.curators),
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

function datanetCredits(checked: CheckedLeaf, pool: bigint): Credit[] {
  const amounts = splitByWeights(
    pool,
    checked.datanets.map(({ weightBps }) => weightBps),
  )
  return checked.datanets.map(({ datanet }, i) => {
    const target = { kind: TARGET_KIND.datanet, id: datanet }
    return { ...toNative(CREDIT_ROLE.datanet, NATIVE.datanets, target, amounts[i]!), cluster: datanet }
  })
}

function toAccount(role: number, recipient: Address, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target: { kind: TARGET_KIND.account, id: BigInt(recipient) }, amount }
}

function toNative(role: number, recipient: Address, target: Target, amount: bigint): Credit {
  return { role, recipient, cluster: 0n, target, amount }
}
