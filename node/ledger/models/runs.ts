/**
 * Training runs (docs/protocol.md, "Models"): a run fixes its Datanets with their weights and the terms of their
 * licences, and may build on a live version: then a share of the owner's income flows up the line, at most four models.
 */
import { BPS } from '../../../protocol/shares.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord, writeRecord, writeRecords } from '../calls/storage-layout.ts'
import { datanetLayout, datanetPlace } from '../datanets/datanet-records.ts'
import { type LicenceFault, type RunTerms, runTerms } from '../datanets/licences.ts'
import {
  checkDatanets,
  datanetsOfModel,
  face,
  knownRun,
  knownVersion,
  type ModelHandlers,
  nextId,
  ownModel,
} from './model-face.ts'
import {
  ancestorsOf,
  lineageLayout,
  lineagePlace,
  runDatanetLayout,
  runDatanets,
  runDatanetsPlace,
  runLayout,
  runPlace,
} from './model-records.ts'
import { isLive } from './version-standing.ts'

type Opening = Parameters<ModelHandlers['openRun']>[1]

function checkWeights(weights: readonly number[], datanets: number): void {
  if (weights.length !== datanets)
    throw face.error('InvalidField', ['weightsBps', `must be ${datanets}, one for each Datanet, are ${weights.length}`])
  if (weights.includes(0)) throw face.error('InvalidField', ['weightsBps', 'must each be above 0'])
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (BigInt(sum) !== BPS) throw face.error('InvalidField', ['weightsBps', `must add up to 10000, add up to ${sum}`])
}

function licenceError(datanet: bigint, model: bigint, fault: LicenceFault) {
  if (fault.fault === 'missing') return face.error('LicenceMissing', [datanet, model])
  if (fault.fault === 'expired') return face.error('LicenceExpired', [datanet, model, fault.expiresAt])
  return face.error('LicenceForbids', [datanet, fault.term])
}

/** The terms on which the model may train on the Datanet. Throws where it may not. */
function checkedTerms(context: CallContext, datanet: bigint, model: bigint): RunTerms {
  const terms = runTerms(context, datanet, readRecord(context, datanetPlace(context, datanet), datanetLayout), model)
  if ('fault' in terms) throw licenceError(datanet, model, terms)
  return terms
}

function open(context: CallContext, [model, manifestRoot, hyperparametersHash, seed, datanets, weightsBps]: Opening) {
  ownModel(context, model)
  checkDatanets(datanets)
  checkWeights(weightsBps, datanets.length)
  const allowed = datanetsOfModel(context, model)
  const stranger = datanets.find((datanet) => !allowed.includes(datanet))
  if (stranger !== undefined) throw face.error('DatanetNotOfModel', [stranger, model])
  const parts = datanets.map((datanet, i) => ({
    datanet,
    weightBps: BigInt(weightsBps[i]!),
    ...checkedTerms(context, datanet, model),
  }))
  const run = nextId(context, 'runs')
  const place = runPlace(context, run)
  writeRecord(context, place, runLayout, { model, seed, openedAt: context.now, manifestRoot, hyperparametersHash })
  writeRecords(context, runDatanetsPlace(place), runDatanetLayout, parts)
  face.emit(context, 'RunOpened', { run, model, manifestRoot, hyperparametersHash, seed })
  return run
}

/** Throws where more rows are published than the licences of a run cover; one without a limit covers any number. */
export function checkLicensedRows(context: CallContext, run: bigint, rows: number): void {
  const parts = runDatanets(context, run)
  if (parts.some(({ licensedRows }) => licensedRows === 0n)) return
  const licensed = parts.reduce((total, { licensedRows }) => total + licensedRows, 0n)
  if (BigInt(rows) > licensed) throw face.error('RowsNotLicensed', [rows, licensed])
}

/** Wei of what a model's owner receives, by the models of its line: the owner's own first. */
export function splitLineage(amount: bigint, ancestors: readonly bigint[], shareBps: bigint): bigint[] {
  let left = amount
  const parts: bigint[] = []
  for (let level = 0; level < ancestors.length; level++) {
    const up = (left * shareBps) / BPS
    parts.push(left - up)
    left = up
  }
  return [...parts, left]
}

type Runs = Pick<ModelHandlers, 'openRun' | 'openRunOn' | 'getRun' | 'lineageOf'>

export const runs: Runs = {
  openRun: open,

  openRunOn(context, [parent, ...opening]) {
    const version = knownVersion(context, parent)
    if (!isLive(context, parent)) throw face.error('VersionNotLive', [parent])
    const run = open(context, opening)
    const [first = 0n, second = 0n, third = 0n, fourth = 0n] = [version.model, ...ancestorsOf(context, version.run)]
    writeRecord(context, lineagePlace(context, run), lineageLayout, { parent, first, second, third, fourth })
    face.emit(context, 'RunDescends', { run, parent })
    return run
  },

  getRun(context, [run]) {
    const record = knownRun(context, run)
    const parts = runDatanets(context, run)
    const datanets = parts.map(({ datanet }) => datanet)
    return { ...record, datanets, weightsBps: parts.map(({ weightBps }) => Number(weightBps)) }
  },

  lineageOf(context, [run]) {
    knownRun(context, run)
    const { parent } = readRecord(context, lineagePlace(context, run), lineageLayout, ['parent'])
    return [parent, ancestorsOf(context, run)] as const
  },
}
