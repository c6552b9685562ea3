/**
 * A model as a thing that is owned (docs/protocol.md, "Asset faces"): its token moves it to another owner, who receives
 * the owner's part of what is settled from then on; its creator chooses once, while owning it, what resales owe.
 */
import { type Address, ASSET_FACES } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { face, knownModel, type ModelHandlers } from './model-face.ts'
import { modelCountPlace, modelLayout, modelPlace, originLayout, originPlace } from './model-records.ts'

const ZERO_ADDRESS: Address = `0x${'0'.repeat(40)}`

/** Notes who created a model, and counts it as that account's. */
export function noteCreator(context: CallContext, model: bigint, creator: Address): void {
  writeRecord(context, originPlace(context, model), originLayout, { creator })
  changeCount(context, creator, 1n)
}

function changeCount(context: CallContext, owner: Address, change: bigint): void {
  const place = modelCountPlace(context, owner)
  context.write(place, context.read(place) + change)
}

type Ownership = Pick<ModelHandlers, 'transferModel' | 'setRoyalty' | 'modelCountOf' | 'royaltyOf'>

export const ownership: Ownership = {
  transferModel(context, [model, fromAddress, toAddress]) {
    const from = plainAddress(fromAddress)
    const to = plainAddress(toAddress)
    const { owner } = knownModel(context, model)
    const { caller } = context.call
    if (caller !== ASSET_FACES.modelToken) throw face.error('NotModelToken', [caller])
    if (from !== owner) throw face.error('NotModelOwner', [from, owner])
    if (to === ZERO_ADDRESS) throw face.error('InvalidField', ['to', 'must not be zero'])
    writeRecord(context, modelPlace(context, model), modelLayout, { owner: to })
    changeCount(context, from, -1n)
    changeCount(context, to, 1n)
    face.emit(context, 'ModelTransferred', { model, from, to })
  },

  setRoyalty(context, [model, royaltyBps]) {
    const { owner } = knownModel(context, model)
    const { caller } = context.call
    const place = originPlace(context, model)
    const { creator, royaltyBps: chosenBps, chosen } = readRecord(context, place, originLayout)
    if (caller !== creator) throw face.error('NotCreator', [caller, creator])
    if (caller !== owner) throw face.error('NotModelOwner', [caller, owner])
    if (chosen) throw face.error('RoyaltyAlreadySet', [model, Number(chosenBps)])
    const most = parameter(context, 'maxRoyaltyBps')
    if (BigInt(royaltyBps) > most)
      throw face.error('InvalidField', ['royaltyBps', `must be at most ${most}, got ${royaltyBps}`])
    writeRecord(context, place, originLayout, { royaltyBps: BigInt(royaltyBps), chosen: true })
    face.emit(context, 'RoyaltySet', { model, creator, royaltyBps })
  },

  modelCountOf: (context, [owner]) => context.read(modelCountPlace(context, plainAddress(owner))),

  royaltyOf(context, [model]) {
    knownModel(context, model)
    const { creator, royaltyBps, chosen } = readRecord(context, originPlace(context, model), originLayout)
    return [creator, Number(royaltyBps), chosen] as const
  },
}
