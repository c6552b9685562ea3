/** For refusals.test.ts: wrong arguments of challenges and openings. */
import type { Leaf } from '../../../protocol/leaf.ts'
import { hexOf } from '../calls/face.ts'
import { CHALLENGE_BOND, OPENING_BOND } from './dispute-stage.ts'
import { word } from './ledger-stage.ts'
import { type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'
import type { RefusalStage } from './refusal-stage.ts'

const SALT = word(99)
type Claimed = readonly [claim: string, leaf: Leaf]

/** What is wrong with a claim and its leaf, whatever is asked of them. */
export const claims = (rest: (stage: RefusalStage, claim: Claimed) => readonly unknown[], value = 0n): Row[] =>
  (
    [
      [(stage) => [stage.fresh[0], { ...stage.fresh[1], n: 999n }], 'UnknownClaim'],
      [(stage) => [stage.fresh[0], { ...stage.fresh[1], fee: 1n }], 'InvalidField leaf'],
      [(stage) => [stage.demanded[0], stage.fresh[1]], 'InvalidField claim'],
      [(stage) => stage.matured, 'ClaimMatured'],
      [(stage) => stage.undone, 'ClaimUndoneBefore'],
    ] as [(stage: RefusalStage) => Claimed, string][]
  ).map(([claimed, error]) => (stage) => {
    const claim = claimed(stage)
    return { args: [...claim, ...rest(stage, claim)], error, from: stage.challenger, value }
  })

/** Rows of the committed challenge against the fresh claim. */
const against =
  (args: (stage: RefusalStage) => readonly unknown[], error: string): Row =>
  (stage) => ({ args: [...stage.fresh, ...args(stage)], error, from: stage.challenger })

const first = (stage: RefusalStage) => stage.evidence(stage.fresh[1].entries[0]!.row)
const same =
  (args: (stage: RefusalStage) => readonly unknown[], error: string): Row =>
  (stage) => ({ args: args(stage), error, from: stage.challenger })

export const DISPUTES: Rows = {
  commitChallenge: [
    refuses([word(1)], 'BondTooSmall', { value: CHALLENGE_BOND - 1n }),
    (stage) => ({ args: [stage.young], error: 'ChallengeTaken', from: stage.challenger, value: CHALLENGE_BOND }),
  ],
  reclaimChallengeBond: [
    (stage) => ({ args: [stage.committed], error: 'UnknownChallenge' }),
    (stage) => ({ args: [stage.young], error: 'ChallengeTooYoung', from: stage.challenger }),
  ],
  challengeScore: [
    ...claims((stage) => [0, stage.queryHex, first(stage), SALT]),
    against((stage) => [0, stage.queryHex, first(stage), word(1)], 'UnknownChallenge'),
    against((stage) => [9, stage.queryHex, first(stage), SALT], 'InvalidField entry'),
    against((stage) => [0, '0x00', first(stage), SALT], 'InvalidField query'),
    against((stage) => [1, stage.queryHex, first(stage), SALT], 'InvalidField evidence'),
    against((stage) => [0, stage.queryHex, { ...first(stage), path: [] }, SALT], 'InvalidField evidence'),
    against((stage) => [0, stage.queryHex, { ...first(stage), row: '0x00' }, SALT], 'InvalidField evidence'),
  ],
  challengeOmission: [
    ...claims((stage) => [stage.queryHex, first(stage), SALT]),
    against((stage) => [stage.queryHex, first(stage), word(1)], 'UnknownChallenge'),
    against((stage) => [hexOf(new Uint8Array(32_768)), first(stage), SALT], 'InvalidField query'),
    against((stage) => [stage.queryHex, { ...first(stage), path: [] }, SALT], 'InvalidField evidence'),
  ],
  challengeReceipt: [
    ...claims((stage, [, leaf]) => [leaf, stage.signReceipt(leaf), SALT]),
    against((stage) => [stage.fresh[1], stage.signReceipt(stage.fresh[1]), word(1)], 'UnknownChallenge'),
    against((stage) => [{ ...stage.fresh[1], n: 9n }, '0x', SALT], 'InvalidField receipt'),
    against((stage) => [stage.fresh[1], stage.signReceipt(stage.fresh[1], stage.bob), SALT], 'InvalidField signature'),
  ],
  challengeSame: [
    same((stage) => [UNKNOWN, stage.evidence(0), stage.evidence(2), SALT], 'UnknownVersion'),
    same((stage) => [stage.unattested, stage.evidence(0), stage.evidence(2), SALT], 'VersionNotLive'),
    same((stage) => [stage.version, { ...stage.evidence(0), path: [] }, stage.evidence(2), SALT], 'InvalidField one'),
    same(
      (stage) => [stage.version, stage.evidence(0), { ...stage.evidence(2), row: '0x' }, SALT],
      'InvalidField other',
    ),
    same((stage) => [stage.version, stage.evidence(0), stage.evidence(3), SALT], 'UnknownChallenge'),
  ],
  demandOpening: [
    (stage) => ({ args: stage.fresh, error: 'BondTooSmall', value: OPENING_BOND - 1n }),
    ...claims(() => [], OPENING_BOND),
    (stage) => ({ args: stage.private, error: 'InvalidField leaf', value: OPENING_BOND }),
    (stage) => ({ args: stage.demanded, error: 'AlreadyDemanded', value: OPENING_BOND }),
  ],
  reveal: [
    ...claims((stage) => [stage.opening()]),
    (stage) => ({ args: [...stage.fresh, stage.opening()], error: 'NotDemanded' }),
    (stage) => ({ args: [...stage.late, stage.opening()], error: 'DeadlinePassed' }),
    (stage) => ({
      args: [...stage.demanded, { ...stage.opening(), promptIds: '0x00' }],
      error: 'InvalidField promptIds',
    }),
    (stage) => ({
      args: [...stage.demanded, { ...stage.opening(), outputSalt: word(1) }],
      error: 'InvalidField outputIds',
    }),
    (stage) => ({ args: [...stage.demanded, { ...stage.opening(), query: '0x' }], error: 'InvalidField query' }),
  ],
  punishHidden: [
    ...claims(() => []),
    (stage) => ({ args: stage.fresh, error: 'NotDemanded' }),
    (stage) => ({ args: stage.demanded, error: 'TooEarly' }),
  ],
  claimOf: TOTAL,
  demandOf: TOTAL,
  challengeOf: TOTAL,
}
