/** For refusals.test.ts: wrong arguments of curation, chunks, appeals and licences, and of runs under them. */
import { hexOf } from '../calls/face.ts'
import { essay, minhashArgument, utf8, word } from './ledger-stage.ts'
import { type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'

const minhash = minhashArgument(Array.from({ length: 32 }, () => 1))

/** Arguments of showChunk, as they are right but for the changes. */
const shows =
  (
    changes: Partial<{ id: bigint; index: number; chunk: string; values: number[]; proof: string[] }>,
    error: string,
  ): Row =>
  (stage) => {
    const { chunks } = stage.chunkedContent
    const part = chunks[changes.index ?? 1] ?? chunks[1]!
    return {
      args: [
        changes.id ?? stage.chunked,
        changes.index ?? 1,
        changes.chunk ?? hexOf(part.bytes),
        changes.values ?? [...part.minhash],
        changes.proof ?? part.proof,
      ],
      error,
    }
  }

export const CURATED: Rows = {
  setCurators: [
    refuses([UNKNOWN, [], 0], 'UnknownDatanet'),
    (stage) => ({ args: [stage.curated, [], 0], error: 'NotDatanetOwner' }),
    (stage) => ({ args: [stage.datanet, [], 0], error: 'InvalidField datanet', from: stage.owner }),
    (stage) => ({ args: [stage.curated, [], 0], error: 'InvalidField curators', from: stage.owner }),
    (stage) => ({ args: [stage.curated, [stage.bob.address], 0], error: 'InvalidField quorum', from: stage.owner }),
  ],
  admitContributor: [
    (stage) => ({ args: [UNKNOWN, stage.bob.address, true], error: 'UnknownDatanet' }),
    (stage) => ({ args: [stage.permissioned, stage.bob.address, true], error: 'NotDatanetOwner' }),
    (stage) => ({ args: [stage.datanet, stage.bob.address, true], error: 'InvalidField datanet', from: stage.owner }),
  ],
  review: [
    refuses([UNKNOWN, true], 'UnknownContribution'),
    (stage) => ({ args: [stage.contribution, true], error: 'NotProposed', from: stage.carol }),
    (stage) => ({ args: [stage.voted, true], error: 'NotCurator' }),
    (stage) => ({ args: [stage.curatorsOwn, true], error: 'InvalidField contribution', from: stage.carol }),
    (stage) => ({ args: [stage.voted, true], error: 'CuratorNotStaked', from: stage.bob }),
    (stage) => ({ args: [stage.voted, false], error: 'AlreadyReviewed', from: stage.carol }),
  ],
  newVersion: [
    refuses([UNKNOWN, '0x01', '', word(7)], 'UnknownContribution'),
    (stage) => ({ args: [stage.contribution, '0x01', '', word(7)], error: 'NotContributor', from: stage.bob }),
    (stage) => ({ args: [stage.withdrawn, '0x01', '', word(7)], error: 'NotAccepted', from: stage.bob }),
    (stage) => ({ args: [stage.superseded, '0x01', '', word(7)], error: 'AlreadySuperseded' }),
    (stage) => ({ args: [stage.contribution, '0x', '', word(7)], error: 'InvalidField content' }),
    (stage) => ({ args: [stage.contribution, `0x${'01'.repeat(57_345)}`, '', word(7)], error: 'ContentTooLarge' }),
    (stage) => ({ args: [stage.contribution, '0x01', '', word(7)], error: 'UnknownCommitment' }),
  ],
  contributeChunked: [
    refuses([1n, word(1), '', 57_344, minhash, word(7)], 'InvalidField size'),
    refuses([1n, word(1), '', 4_294_967_295, minhash, word(7)], 'InvalidField size'),
    refuses([UNKNOWN, word(1), '', 60_000, minhash, word(7)], 'UnknownDatanet'),
    refuses([1n, word(1), '', 60_000, minhash, word(7)], 'UnknownCommitment'),
  ],
  showChunk: [
    shows({ id: UNKNOWN }, 'UnknownContribution'),
    (stage) => ({ args: [stage.withdrawn, 0, '0x', minhash, []], error: 'NotAccepted' }),
    (stage) => ({ args: [stage.contribution, 0, '0x', minhash, []], error: 'NotChunked' }),
    shows({ index: 2 }, 'InvalidField index'),
    shows({ chunk: `0x${'01'.repeat(57_345)}` }, 'ContentTooLarge'),
    shows({ chunk: '0x01' }, 'InvalidField proof'),
    shows({ values: [...minhash] }, 'InvalidField proof'),
    shows({ proof: [] }, 'InvalidField proof'),
    shows({ index: 0 }, 'ChunkAlreadyShown'),
  ],
  appealCluster: [
    refuses([UNKNOWN, '0x', '0x'], 'UnknownContribution'),
    (stage) => ({ args: [stage.member, '0x', '0x'], error: 'NotContributor' }),
    (stage) => ({ args: [stage.withdrawn, '0x', '0x'], error: 'NotAccepted', from: stage.bob }),
    (stage) => ({ args: [stage.contribution, '0x', '0x'], error: 'FoundsItsCluster' }),
    (stage) => ({ args: [stage.member, '0x', '0x'], error: 'InvalidField content', from: stage.bob }),
    (stage) => ({
      args: [stage.member, hexOf(utf8(stage.membersText)), '0x'],
      error: 'InvalidField founderContent',
      from: stage.bob,
    }),
    (stage) => ({
      args: [stage.member, hexOf(utf8(stage.membersText)), hexOf(utf8(essay(0)))],
      error: 'AppealFails',
      from: stage.bob,
    }),
  ],
  buyLicence: [
    refuses([UNKNOWN, 1n, 1n], 'UnknownDatanet'),
    refuses([1n, UNKNOWN, 1n], 'UnknownModel'),
    refuses([1n, 1n, 0n], 'InvalidField rows'),
    (stage) => ({ args: [stage.gift, 1n, 1n], error: 'LicenceForbids' }),
    (stage) => ({ args: [stage.unlicensed, 1n, 2n], error: 'WrongPayment', value: 9n }),
  ],
  curatorsOf: [refuses([UNKNOWN], 'UnknownDatanet')],
  isAdmitted: TOTAL,
  reviewOf: [refuses([UNKNOWN], 'UnknownContribution')],
  versionsOf: TOTAL,
  chunksOf: [refuses([UNKNOWN], 'UnknownContribution')],
  licenceOf: TOTAL,
  canonicalCluster: [refuses([0n], 'UnknownCluster'), refuses([UNKNOWN], 'UnknownCluster')],
}

export const LICENSED: Rows = {
  openRunOn: [
    refuses([UNKNOWN, 1n, word(3), word(4), 5n, [1n], [10_000]], 'UnknownVersion'),
    (stage) => ({
      args: [stage.unattested, 1n, word(3), word(4), 5n, [1n], [10_000]],
      error: 'VersionNotLive',
      from: stage.owner,
    }),
    (stage) => ({ args: [stage.version, 1n, word(3), word(4), 5n, [1n], [10_000]], error: 'NotModelOwner' }),
  ],
  lineageOf: [refuses([UNKNOWN], 'UnknownRun')],
}
