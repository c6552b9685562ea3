/** Models' face, and its records by id: each throws the error that names what is unknown. */
import { modelsAbi } from '../../../genesis/abi/models.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { type Handlers, nativeFace } from '../calls/face.ts'
import { type RecordOf, readRecord, readRecords, writeRecord } from '../calls/storage-layout.ts'
import {
  counters,
  countersLayout,
  modelDatanetLayout,
  modelLayout,
  modelPlace,
  modelTail,
  runLayout,
  runPlace,
  versionLayout,
  versionPlace,
} from './model-records.ts'

export const face = nativeFace(NATIVE.models, modelsAbi)
export type ModelHandlers = Handlers<typeof modelsAbi>

const MAX_DATANETS = 16

export function count(context: CallContext, name: 'bases' | 'models' | 'runs' | 'versions'): bigint {
  return readRecord(context, counters, countersLayout, [name])[name]
}

export function nextId(context: CallContext, name: 'bases' | 'models' | 'runs' | 'versions'): bigint {
  const id = count(context, name) + 1n
  writeRecord(context, counters, countersLayout, { [name]: id })
  return id
}

export function knownModel(context: CallContext, model: bigint): RecordOf<typeof modelLayout> {
  const record = readRecord(context, modelPlace(context, model), modelLayout)
  if (BigInt(record.owner) === 0n) throw face.error('UnknownModel', [model])
  return record
}

export function knownRun(context: CallContext, run: bigint): RecordOf<typeof runLayout> {
  const record = readRecord(context, runPlace(context, run), runLayout)
  if (record.model === 0n) throw face.error('UnknownRun', [run])
  return record
}

export function knownVersion(context: CallContext, version: bigint): RecordOf<typeof versionLayout> {
  const record = readRecord(context, versionPlace(context, version), versionLayout)
  if (record.model === 0n) throw face.error('UnknownVersion', [version])
  return record
}

/** The caller must own the model. */
export function ownModel(context: CallContext, model: bigint): void {
  const { owner } = knownModel(context, model)
  if (owner !== context.call.caller) throw face.error('NotModelOwner', [context.call.caller, owner])
}

export function datanetsOfModel(context: CallContext, model: bigint): bigint[] {
  const place = modelTail(modelPlace(context, model)).datanets
  return readRecords(context, place, modelDatanetLayout).map(({ datanet }) => datanet)
}

/** 1 to 16 different ones. */
export function checkDatanets(list: readonly bigint[]): void {
  if (list.length < 1 || list.length > MAX_DATANETS) {
    throw face.error('InvalidField', ['datanets', `must be 1 to ${MAX_DATANETS}, are ${list.length}`])
  }
  if (new Set(list).size !== list.length) throw face.error('InvalidField', ['datanets', 'must not repeat'])
}
