/** For refusals.test.ts: wrong arguments of share units and of models as things that are owned. */
import { ASSET_FACES } from '../../../genesis/addresses.ts'
import { shareTokenOf } from '../../../protocol/share-token.ts'
import { type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'

const NOBODY = `0x${'0'.repeat(40)}` as const
const modelToken = { address: ASSET_FACES.modelToken }

export const SHARES: Rows = {
  releaseShares: [
    refuses([UNKNOWN], 'UnknownCluster'),
    (stage) => ({ args: [stage.soldCluster], error: 'NotPayee', from: stage.bob }),
    (stage) => ({ args: [stage.clusters[1]], error: 'InvalidField cluster', from: stage.bob }),
    (stage) => ({ args: [stage.soldCluster], error: 'AlreadyReleased' }),
    (stage) => ({ args: [stage.youngCluster], error: 'ReleaseTooEarly' }),
  ],
  transferShares: [
    (stage) => ({ args: [UNKNOWN, stage.alice.address, stage.bob.address, 1n], error: 'UnknownDatanet' }),
    (stage) => ({ args: [stage.datanet, stage.alice.address, stage.bob.address, 1n], error: 'NotShareToken' }),
    (stage) => ({
      args: [stage.datanet, stage.alice.address, NOBODY, 0n],
      error: 'InvalidField to',
      from: { address: shareTokenOf(stage.datanet) },
    }),
    (stage) => ({
      args: [stage.datanet, stage.alice.address, stage.bob.address, 1n],
      error: 'SharesBound',
      from: { address: shareTokenOf(stage.datanet) },
    }),
  ],
  shareAccountOf: TOTAL,
  releaseOf: [refuses([0n], 'UnknownCluster'), refuses([UNKNOWN], 'UnknownCluster')],
  shareTokenOf: TOTAL,
}

export const OWNERSHIP: Rows = {
  transferModel: [
    (stage) => ({ args: [UNKNOWN, stage.owner.address, stage.bob.address], error: 'UnknownModel', from: modelToken }),
    (stage) => ({ args: [1n, stage.owner.address, stage.bob.address], error: 'NotModelToken', from: stage.owner }),
    (stage) => ({ args: [1n, stage.alice.address, stage.bob.address], error: 'NotModelOwner', from: modelToken }),
    (stage) => ({ args: [1n, stage.owner.address, NOBODY], error: 'InvalidField to', from: modelToken }),
  ],
  setRoyalty: [
    refuses([UNKNOWN, 1], 'UnknownModel'),
    refuses([1n, 1], 'NotCreator'),
    (stage) => ({ args: [stage.movedModel, 1], error: 'NotModelOwner', from: stage.owner }),
    (stage) => ({ args: [stage.royalModel, 1], error: 'RoyaltyAlreadySet', from: stage.owner }),
    (stage) => ({ args: [1n, 1_001], error: 'InvalidField royaltyBps', from: stage.owner }),
  ],
  modelCountOf: TOTAL,
  royaltyOf: [refuses([UNKNOWN], 'UnknownModel')],
}
