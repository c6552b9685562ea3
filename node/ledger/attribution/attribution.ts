/**
 * Attribution (native contract 04): settlements and what they pay (docs/protocol.md, "Attribution"). A
 * prover settles many requests in one call; a leaf or voucher that is not good is skipped with a log
 * and never reverts the others.
 */
import type { Hex } from 'viem'
import { CLAIM_STATUS, LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { MATURING_DEPOSITOR, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { wordHex } from '../../execution/bytes.ts'
import type { CallContext } from '../calls/context.ts'
import { type NativeContract, nativeContract, plainAddress } from '../calls/face.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { takeVoucher } from '../channels/voucher-check.ts'
import { curatorHolder, curatorPool, shareHolder, sharePool } from '../datanets/datanet-records.ts'
import { challengeBonds } from '../disputes/challenge-bond.ts'
import { challenges } from '../disputes/challenges.ts'
import { committee } from '../disputes/committee.ts'
import { featureChallenges } from '../disputes/feature-challenge.ts'
import { openings } from '../disputes/openings.ts'
import { rowDemands } from '../disputes/row-demands.ts'
import { treasuryGrants } from '../governance/treasury-grants.ts'
import { mature } from '../payouts/maturity.ts'
import { pendingOf, TARGET_KIND } from '../payouts/pending.ts'
import { incomeOf, takeIncome } from '../payouts/streaming-pool.ts'
import { activeStake, lockStake } from '../staking/staking-records.ts'
import { face } from './attribution-face.ts'
import {
  claimLayout,
  claimPlace,
  counters,
  countersLayout,
  requestPlace,
  settlementLayout,
  settlementPlace,
  targetLayout,
  targetPlace,
  treasury,
} from './attribution-records.ts'
import { batches } from './batches.ts'
import { checkLeaf, type LeafSkipReason, type Rules, readRules } from './leaf-check.ts'
import { chargeChannel, paySettlement, spendNumber } from './settlement.ts'

/** Settles one leaf. Returns why it was skipped, if it was. */
function settleLeaf(context: CallContext, rules: Rules, request: Hex, leaf: Leaf): LeafSkipReason | undefined {
  const checked = checkLeaf(context, rules, request, leaf)
  if (typeof checked === 'number') return checked
  const lockedStake = rules.lockMultiple * leaf.fee
  if (!lockStake(context, context.call.caller, lockedStake)) return LEAF_SKIP_REASON.stakeTooSmall
  chargeChannel(context, leaf.channel, leaf.fee)
  spendNumber(context, leaf.channel, leaf.n)
  paySettlement(context, rules, request, leaf, checked, { amount: leaf.fee, lockedStake })
  return undefined
}

const contract = nativeContract(face, {
  ...challengeBonds,
  ...challenges,
  ...openings,
  ...featureChallenges,
  ...committee,
  ...batches,
  ...rowDemands,
  ...treasuryGrants,

  settle(context, [leaves, vouchers]) {
    const { caller } = context.call
    context.refuseStatic('a settlement')
    if (activeStake(context, caller, STAKE_ROLE.prover) === 0n) throw face.error('NotProver', [caller])
    for (const voucher of vouchers) {
      const reason = takeVoucher(context, voucher)
      if (reason !== undefined) face.emit(context, 'VoucherSkipped', { channel: voucher.channel, reason })
    }
    const rules = readRules(context)
    let settled = 0n
    let fees = 0n
    for (const leaf of leaves) {
      context.charge(GAS.keccak + 2n * GAS.keccakWord)
      const request = requestId(leaf.channel, leaf.n)
      const reason = settleLeaf(context, rules, request, leaf)
      if (reason === undefined) {
        settled += 1n
        fees += leaf.fee
      } else {
        face.emit(context, 'LeafSkipped', { request, reason })
      }
    }
    if (fees > 0n) context.transfer(NATIVE.channels, NATIVE.attribution, fees)
    return settled
  },

  withdrawIncome(context, [datanet]) {
    const holder = context.call.caller
    const amount = takeIncome(context, sharePool(context, datanet), shareHolder(context, datanet, holder))
    if (amount === 0n) throw face.error('NothingToWithdraw', [datanet, holder])
    context.transfer(NATIVE.attribution, holder, amount)
    face.emit(context, 'IncomeWithdrawn', { datanet, holder, amount })
    return amount
  },

  withdrawCuratorIncome(context, [datanet]) {
    const curator = context.call.caller
    const amount = takeIncome(context, curatorPool(context, datanet), curatorHolder(context, datanet, curator))
    if (amount === 0n) throw face.error('NothingToWithdraw', [datanet, curator])
    context.transfer(NATIVE.attribution, curator, amount)
    face.emit(context, 'CuratorIncomeWithdrawn', { datanet, curator, amount })
    return amount
  },

  getSettlement(context, [request]) {
    const record = readRecord(context, settlementPlace(context, request), settlementLayout)
    const { status } = readRecord(context, claimPlace(context, request), claimLayout, ['status'])
    const stands = status === BigInt(CLAIM_STATUS.standing) || status === BigInt(CLAIM_STATUS.opened)
    return { ...record, matured: record.settledAt !== 0n && stands && context.now >= record.maturesAt }
  },

  claimOf(context, [request]) {
    const { claimHash, status } = readRecord(context, claimPlace(context, request), claimLayout)
    return [claimHash, Number(status)] as const
  },

  settlementCount: (context) => readRecord(context, counters, countersLayout, ['settlements']).settlements,

  requestAt(context, [index]) {
    return wordHex(context.read(requestPlace(context, index)))
  },

  pendingOf(context, [recipient]) {
    return pendingOf(context, { kind: TARGET_KIND.account, id: BigInt(recipient) })
  },

  earnedOf(context, [recipient]) {
    const place = targetPlace(context, TARGET_KIND.account, BigInt(recipient))
    return readRecord(context, place, targetLayout, ['paid']).paid
  },

  incomeOf(context, [datanet, holder]) {
    return incomeOf(context, sharePool(context, datanet), shareHolder(context, datanet, plainAddress(holder)))
  },

  curatorIncomeOf(context, [datanet, curator]) {
    const holder = curatorHolder(context, datanet, plainAddress(curator))
    return incomeOf(context, curatorPool(context, datanet), holder)
  },

  treasury: (context) => context.read(treasury),
})

/** As every native contract; and the reserved sender's empty calldata is the maturing deposit. */
export const attribution: NativeContract = {
  address: contract.address,
  answer(context) {
    const { caller, data } = context.call
    if (caller !== MATURING_DEPOSITOR || data.length > 0) return contract.answer(context)
    mature(context)
    return new Uint8Array(0)
  },
}
