/** For refusals.test.ts: wrong arguments of prices, quality, a version's standing, and demands of its rows. */
import { OPENING_BOND } from './dispute-stage.ts'
import { PRICE, word } from './ledger-stage.ts'
import { type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'
import type { RefusalStage } from './refusal-stage.ts'
import type { VersionsStanding, YoungVersions } from './version-stage.ts'

type Pick = (versions: VersionsStanding & YoungVersions) => bigint

/** The owner's call about a version. */
const of =
  (pick: Pick, error: string, rest: readonly unknown[] = []): Row =>
  (stage) => ({ args: [pick({ ...stage.versions, ...stage.youngVersions }), ...rest], error, from: stage.owner })

const recorded =
  (
    changes: (stage: RefusalStage) => { qualityBps?: number; recordHash?: string; runs?: bigint[] },
    error: string,
  ): Row =>
  (stage) => {
    const { drawn, retraining } = stage.versions
    const { qualityBps = 4_000, recordHash = word(1), runs = [retraining] } = changes(stage)
    return { args: [drawn, qualityBps, recordHash, runs], error, from: stage.owner }
  }

export const STANDINGS: Rows = {
  setPrices: [
    refuses([UNKNOWN, 1n, 1n], 'UnknownModel'),
    refuses([1n, 1n, 1n], 'NotModelOwner'),
    (stage) => ({ args: [stage.giftModel, 0n, PRICE], error: 'LicenceForbids', from: stage.owner }),
  ],
  pricesOf: [refuses([UNKNOWN], 'UnknownModel')],
  flagUnreplayable: [
    refuses([UNKNOWN], 'UnknownRun'),
    refuses([1n], 'NotModelOwner'),
    of(({ flaggedRun }) => flaggedRun, 'AlreadyFlagged'),
  ],
  isUnreplayable: [refuses([UNKNOWN], 'UnknownRun')],
  drawQuality: [
    refuses([UNKNOWN], 'UnknownVersion'),
    of(({ drawn }) => drawn, 'AlreadyDrawn'),
    of(({ undrawn }) => undrawn, 'DrawNotYet'),
  ],
  qualitySeed: [refuses([UNKNOWN], 'UnknownVersion')],
  recordQuality: [
    refuses([UNKNOWN, 1, word(1), []], 'UnknownVersion'),
    (stage) => ({ args: [stage.versions.drawn, 1, word(1), []], error: 'NotPublisher' }),
    of(({ failed }) => failed, 'VersionHasFailed', [1, word(1), []]),
    of(({ retired }) => retired, 'VersionHasRetired', [1, word(1), []]),
    of(({ undrawn }) => undrawn, 'NotDrawn', [1, word(1), []]),
    recorded(() => ({ qualityBps: 10_001 }), 'InvalidField qualityBps'),
    recorded(() => ({ recordHash: word(0) }), 'InvalidField recordHash'),
    recorded(() => ({ runs: [] }), 'InvalidField runs'),
    recorded(() => ({ runs: Array.from({ length: 65 }, (_, i) => BigInt(i + 1)) }), 'InvalidField runs'),
    recorded(({ versions }) => ({ runs: [versions.retraining, versions.retraining] }), 'InvalidField runs'),
    recorded(() => ({ runs: [UNKNOWN] }), 'UnknownRun'),
    recorded(({ run }) => ({ runs: [run] }), 'NotRetraining'),
    recorded(({ versions }) => ({ runs: [versions.idleRun] }), 'NotRetraining'),
    recorded(({ versions }) => ({ runs: [versions.strangeRun] }), 'NotRetraining'),
  ],
  attestQuality: [
    refuses([UNKNOWN, 1n], 'UnknownVersion'),
    of(({ failed }) => failed, 'VersionHasFailed', [1n]),
    of(({ retired }) => retired, 'VersionHasRetired', [1n]),
    of(({ undrawn }) => undrawn, 'UnknownQualityRecord', [0n]),
    of(({ drawn }) => drawn, 'UnknownQualityRecord', [2n]),
    of(({ drawn }) => drawn, 'NotValidator', [1n]),
    (stage) => ({ args: [stage.versions.drawn, 1n], error: 'AlreadyAttested', from: stage.validator }),
  ],
  qualityOf: [refuses([UNKNOWN], 'UnknownVersion')],
  attest: [
    (stage) => ({ args: [UNKNOWN], error: 'UnknownVersion', from: stage.validator }),
    (stage) => ({ args: [stage.version], error: 'NotValidator' }),
    (stage) => ({ args: [stage.version], error: 'AlreadyAttested', from: stage.validator }),
    (stage) => ({ args: [stage.versions.overdue], error: 'AttestationClosed', from: stage.validator }),
    (stage) => ({ args: [stage.versions.failed], error: 'VersionHasFailed', from: stage.validator }),
    (stage) => ({ args: [stage.youngVersions.retired], error: 'VersionHasRetired', from: stage.validator }),
  ],
  retireVersion: [
    refuses([UNKNOWN], 'UnknownVersion'),
    (stage) => ({ args: [stage.version], error: 'NotPublisher' }),
    of(({ failed }) => failed, 'VersionHasFailed'),
    of(({ retired }) => retired, 'VersionHasRetired'),
  ],
  reclaimVersionBond: [
    refuses([UNKNOWN], 'UnknownVersion'),
    of(({ drawn }) => drawn, 'NotRetired'),
    of(({ emptied }) => emptied, 'NothingToWithdraw'),
    of(({ retired }) => retired, 'TooEarly'),
    of(({ held }) => held, 'VersionHeld'),
  ],
  standingOf: [refuses([UNKNOWN], 'UnknownVersion')],
}

const shown = (stage: RefusalStage, row = 0) => [stage.evidence(row), ...stage.manifestProof(row)] as const

export const ROW_DEMANDS: Rows = {
  demandRow: [
    refuses([1n, 0], 'BondTooSmall', { value: OPENING_BOND - 1n }),
    refuses([UNKNOWN, 0], 'UnknownVersion', { value: OPENING_BOND }),
    (stage) => ({ args: [stage.version, stage.rows.length], error: 'InvalidField row', value: OPENING_BOND }),
    (stage) => ({ args: [stage.versions.failed, 1], error: 'VersionKeepsNoBond', value: OPENING_BOND }),
    (stage) => ({ args: [stage.versions.emptied, 1], error: 'VersionKeepsNoBond', value: OPENING_BOND }),
    (stage) => ({ args: [stage.youngVersions.demanded, 0], error: 'RowDemandedBefore', value: OPENING_BOND }),
  ],
  revealRow: [
    (stage) => ({ args: [UNKNOWN, ...shown(stage)], error: 'UnknownVersion' }),
    (stage) => {
      const [evidence, ...item] = shown(stage)
      return {
        args: [stage.youngVersions.demanded, { ...evidence, path: [] }, ...item],
        error: 'InvalidField evidence',
      }
    },
    (stage) => ({ args: [stage.youngVersions.demanded, ...shown(stage, 1)], error: 'RowNotDemanded' }),
    (stage) => ({ args: [stage.versions.held, ...shown(stage)], error: 'RowDeadlinePassed' }),
    ...(['0x00', 1, 'path'] as const).map(
      (wrong): Row =>
        (stage) => {
          const [evidence, item, path] = shown(stage)
          const other = stage.manifestProof(1)
          const shownItem = wrong === '0x00' ? [wrong, path] : wrong === 1 ? other : [item, other[1]]
          return { args: [stage.youngVersions.demanded, evidence, ...shownItem], error: 'InvalidField manifestItem' }
        },
    ),
  ],
  punishHiddenRow: [
    refuses([UNKNOWN, 0], 'RowNotDemanded'),
    (stage) => ({ args: [stage.versions.failed, 0], error: 'RowNotDemanded' }),
    (stage) => ({ args: [stage.youngVersions.demanded, 0], error: 'TooEarly' }),
  ],
  rowDemandOf: TOTAL,
}
