import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { DIMS } from '../../../protocol/row.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeContract, plainAddress } from '../calls/face.ts'
import { readRecord, readString, writeRecord, writeRecords, writeString } from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { datanetLayout, datanetPlace } from '../datanets/datanet-records.ts'
import { parameter } from '../governance/parameters.ts'
import { activeStake, totalPlace } from '../staking/staking-records.ts'
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
  attestationPlace,
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
import { checkLicensedRows, runs } from './runs.ts'

const BPS = 10_000n
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
      stakeAtPublication: context.read(totalPlace(context, STAKE_ROLE.validator)),
      bond,
    })
    const steps = context.read(stepCountPlace(context, run))
    if (steps > 0n) context.write(stepsAtPublicationPlace(context, version), steps)
    face.emit(context, 'VersionPublished', { version, model, run, featureRoot, artifactHash, rows, dims })
    return version
  },

  attest(context, [version]) {
    const validator = context.call.caller
    const record = knownVersion(context, version)
    const stake = activeStake(context, validator, STAKE_ROLE.validator)
    if (stake === 0n) throw face.error('NotValidator', [validator])
    const mark = attestationPlace(context, version, validator)
    if (context.read(mark) !== 0n) throw face.error('AlreadyAttested', [version, validator])
    context.write(mark, 1n)
    const attestedStake = record.attestedStake + stake
    let totalStake = context.read(totalPlace(context, STAKE_ROLE.validator))
    if (totalStake < record.stakeAtPublication) totalStake = record.stakeAtPublication
    const place = versionPlace(context, version)
    writeRecord(context, place, versionLayout, { attestedStake })
    face.emit(context, 'Attested', { version, validator, stake, attestedStake, totalStake })
    if (record.liveAt !== 0n || attestedStake * BPS < totalStake * parameter(context, 'attestationQuorumBps')) return
    let liveAt = record.publishedAt + parameter(context, 'attestationWindow')
    if (liveAt < context.now) liveAt = context.now
    writeRecord(context, place, versionLayout, { liveAt })
    face.emit(context, 'VersionLive', { version, liveAt })
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
    return { ...record, name, datanets: datanetsOfModel(context, model) }
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
    const qualityBps = record.measured ? record.qualityBps : parameter(context, 'unmeasuredQualityBps')
    return {
      ...record,
      rows: Number(record.rows),
      dims: Number(record.dims),
      medianScale: Number(record.medianScale),
      qualityBps: Number(qualityBps),
    }
  },

  isLive(context, [version]) {
    const { liveAt } = knownVersion(context, version)
    return liveAt !== 0n && context.now >= liveAt
  },

  stepsAtPublication(context, [version]) {
    knownVersion(context, version)
    return Number(context.read(stepsAtPublicationPlace(context, version)))
  },

  hasAttested(context, [version, validator]) {
    return context.read(attestationPlace(context, version, plainAddress(validator))) !== 0n
  },

  baseCount: (context) => count(context, 'bases'),
  modelCount: (context) => count(context, 'models'),
  runCount: (context) => count(context, 'runs'),
  versionCount: (context) => count(context, 'versions'),
})
