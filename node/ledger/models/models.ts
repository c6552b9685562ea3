import { DIMS } from '../../../protocol/row.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeContract } from '../calls/face.ts'
import { readRecord, readString, writeRecord, writeRecords, writeString } from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { datanetLayout, datanetPlace } from '../datanets/datanet-records.ts'
import { parameter } from '../governance/parameters.ts'
import { attestation, validatorStake } from './attestation.ts'
import {
  checkDatanets,
  count,
  datanetsOfModel,
  face,
  knownModel,
  knownRun,
  knownVersion,
  nextId,
  ownModel,
} from './model-face.ts'
import {
  baseLayout,
  basePlace,
  baseTexts,
  modelDatanetLayout,
  modelLayout,
  modelPlace,
  modelTail,
  runDatanets,
  stepCountPlace,
  stepLayout,
  stepPlace,
  stepsAtPublicationPlace,
  versionLayout,
  versionPlace,
} from './model-records.ts'
import { noteCreator, ownership } from './ownership.ts'
import { priceChanges } from './price-changes.ts'
import { pricesNow } from './prices.ts'
import { nameDraw, quality, qualityBpsOf } from './quality.ts'
import { checkLicensedRows, runs } from './runs.ts'
import { standings } from './version-standing.ts'

/** More rows than this do not fit the index arithmetic of one artifact. */
const MAX_ROWS = 1 << 24
/** Steps on record of one run: what a reader of the whole trail must be ready for. */
const MAX_STEPS = 65_536n
const ZERO_HASH = `0x${'0'.repeat(64)}`

/** The step on record as number `index` of the run. */
function knownStep(context: CallContext, run: bigint, index: bigint) {
  const record = readRecord(context, stepPlace(context, run, index), stepLayout)
  if (record.recordedAt === 0n) throw face.error('UnknownStep', [run, Number(index)])
  return { ...record, step: Number(record.step) }
}

export const models = nativeContract(face, {
  ...runs,
  ...attestation,
  ...quality,
  ...priceChanges,
  ...standings,
  ...ownership,

  registerBase(context, [weightsHash, architecture, tokenizerHash, uri]) {
    checkText('architecture', architecture, 1, 64)
    checkText('uri', uri, 0, 256)
    const registrant = context.call.caller
    const base = nextId(context, 'bases')
    const place = basePlace(context, base)
    writeRecord(context, place, baseLayout, { registrant, weightsHash, tokenizerHash })
    const texts = baseTexts(place)
    writeString(context, texts.architecture, architecture)
    writeString(context, texts.uri, uri)
    face.emit(context, 'BaseRegistered', { base, registrant, weightsHash, architecture })
    return base
  },

  createModel(context, [base, datanets, pricePer1kIn, pricePer1kOut, name]) {
    checkText('name', name, 1, 64)
    checkDatanets(datanets)
    const { registrant } = readRecord(context, basePlace(context, base), baseLayout, ['registrant'])
    if (BigInt(registrant) === 0n) throw face.error('UnknownBase', [base])
    for (const datanet of datanets) {
      const { owner } = readRecord(context, datanetPlace(context, datanet), datanetLayout, ['owner'])
      if (BigInt(owner) === 0n) throw face.error('UnknownDatanet', [datanet])
    }
    const owner = context.call.caller
    const model = nextId(context, 'models')
    const place = modelPlace(context, model)
    writeRecord(context, place, modelLayout, { owner, base, pricePer1kIn, pricePer1kOut })
    const tail = modelTail(place)
    writeString(context, tail.name, name)
    writeRecords(
      context,
      tail.datanets,
      modelDatanetLayout,
      datanets.map((datanet) => ({ datanet })),
    )
    noteCreator(context, model, owner)
    face.emit(context, 'ModelCreated', { model, owner, base, name })
    return model
  },

  recordStep(context, [run, step, lossMicro, checkpointHash]) {
    ownModel(context, knownRun(context, run).model)
    if (checkpointHash === ZERO_HASH) throw face.error('InvalidField', ['checkpointHash', 'must not be zero'])
    const countPlace = stepCountPlace(context, run)
    const recorded = context.read(countPlace)
    if (recorded >= MAX_STEPS)
      throw face.error('InvalidField', ['run', `has ${MAX_STEPS} recorded steps and takes no more`])
    if (recorded > 0n) {
      const last = knownStep(context, run, recorded - 1n).step
      if (step <= last) throw face.error('StepNotLater', [run, step, last])
    }
    const record = { step: BigInt(step), lossMicro, recordedAt: context.now, checkpointHash }
    writeRecord(context, stepPlace(context, run, recorded), stepLayout, record)
    context.write(countPlace, recorded + 1n)
    face.emit(context, 'StepRecorded', { run, step, lossMicro, checkpointHash })
  },

  publishVersion(context, [publication]) {
    const { run, rows, dims, medianScale, featureRoot, artifactHash } = publication
    const { model } = knownRun(context, run)
    ownModel(context, model)
    const bond = context.call.value
    const required = parameter(context, 'versionBond')
    if (bond < required) throw face.error('BondTooSmall', [required, bond])
    if (rows < 1 || rows > MAX_ROWS) throw face.error('InvalidField', ['rows', `must be 1 to ${MAX_ROWS}, got ${rows}`])
    if (dims !== DIMS) throw face.error('InvalidField', ['dims', `must be ${DIMS}, got ${dims}`])
    if (medianScale < 1) throw face.error('InvalidField', ['medianScale', 'must be above 0'])
    if (featureRoot === ZERO_HASH) throw face.error('InvalidField', ['featureRoot', 'must not be zero'])
    checkLicensedRows(context, run, rows)
    if (artifactHash === ZERO_HASH && runDatanets(context, run).some(({ attributionDuty }) => attributionDuty))
      throw face.error('InvalidField', [
        'artifactHash',
        'must not be zero: a Datanet of the run has the duty to attribute',
      ])
    const version = nextId(context, 'versions')
    writeRecord(context, versionPlace(context, version), versionLayout, {
      model,
      run,
      publishedAt: context.now,
      publisher: context.call.caller,
      rows: BigInt(rows),
      dims: BigInt(dims),
      medianScale: BigInt(medianScale),
      adapterHash: publication.adapterHash,
      curvatureHash: publication.curvatureHash,
      featureRoot,
      artifactHash,
      stakeAtPublication: validatorStake(context),
      bond,
    })
    const steps = context.read(stepCountPlace(context, run))
    if (steps > 0n) context.write(stepsAtPublicationPlace(context, version), steps)
    face.emit(context, 'VersionPublished', { version, model, run, featureRoot, artifactHash, rows, dims })
    nameDraw(context, version)
    return version
  },

  getBase(context, [base]) {
    const place = basePlace(context, base)
    const record = readRecord(context, place, baseLayout)
    if (BigInt(record.registrant) === 0n) throw face.error('UnknownBase', [base])
    const texts = baseTexts(place)
    return { ...record, architecture: readString(context, texts.architecture), uri: readString(context, texts.uri) }
  },

  getModel(context, [model]) {
    const record = knownModel(context, model)
    const name = readString(context, modelTail(modelPlace(context, model)).name)
    return { ...record, ...pricesNow(context, model).now, name, datanets: datanetsOfModel(context, model) }
  },

  stepCount(context, [run]) {
    knownRun(context, run)
    return Number(context.read(stepCountPlace(context, run)))
  },

  stepAt(context, [run, index]) {
    knownRun(context, run)
    return knownStep(context, run, BigInt(index))
  },

  lastStep(context, [run]) {
    knownRun(context, run)
    const recorded = context.read(stepCountPlace(context, run))
    return knownStep(context, run, recorded === 0n ? 0n : recorded - 1n)
  },

  getVersion(context, [version]) {
    const record = knownVersion(context, version)
    const qualityBps = qualityBpsOf(context, record, parameter(context, 'unmeasuredQualityBps'))
    return {
      ...record,
      rows: Number(record.rows),
      dims: Number(record.dims),
      medianScale: Number(record.medianScale),
      qualityBps: Number(qualityBps),
    }
  },

  stepsAtPublication(context, [version]) {
    knownVersion(context, version)
    return Number(context.read(stepsAtPublicationPlace(context, version)))
  },

  baseCount: (context) => count(context, 'bases'),
  modelCount: (context) => count(context, 'models'),
  runCount: (context) => count(context, 'runs'),
  versionCount: (context) => count(context, 'versions'),
})
