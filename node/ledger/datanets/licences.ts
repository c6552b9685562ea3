/**
 * Licences to a Datanet (docs/protocol.md, "Datanets"): what a model pays to train on it, and on which terms. A
 * purchase keeps the terms of its moment; a run may be opened while it is valid, and takes them along.
 */
import { NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { modelLayout, modelPlace } from '../models/model-records.ts'
import { isPriced } from '../models/prices.ts'
import { addPending, dueNow, TARGET_KIND } from '../payouts/pending.ts'
import { type DatanetHandlers, face, knownDatanet } from './datanet-face.ts'
import { datanetLayout, datanetPlace, licenceLayout, licencePlace } from './datanet-records.ts'

type Datanet = RecordOf<typeof datanetLayout>

/** What a run takes along of the terms on which it may use a Datanet. */
export type RunTerms = {
  revenueShareBps: bigint
  /** Rows that the licence covers; 0 where their number is free. */
  licensedRows: bigint
  attributionDuty: boolean
}

/** Why a model may not train on a Datanet now. */
export type LicenceFault =
  | { fault: 'missing' }
  | { fault: 'expired'; expiresAt: bigint }
  | { fault: 'forbids'; term: string }

/** Whether a Datanet's terms ask for a purchase. */
function asksLicence(datanet: Datanet): boolean {
  return datanet.feePerRow > 0n || datanet.revenueShareBps > 0n
}

/** Whether a model that asks a price may use the Datanet: by what was bought for it, else by the Datanet's terms. */
export function allowsCommercialUse(context: CallContext, datanet: bigint, model: bigint): boolean {
  const licence = readRecord(context, licencePlace(context, datanet, model), licenceLayout)
  if (licence.bought) return licence.commercialUse
  return readRecord(context, datanetPlace(context, datanet), datanetLayout, ['commercialUse']).commercialUse
}

/** The terms on which the model may open a run over the Datanet now, or why it may not. */
export function runTerms(context: CallContext, id: bigint, datanet: Datanet, model: bigint): RunTerms | LicenceFault {
  const licence = readRecord(context, licencePlace(context, id, model), licenceLayout)
  const { attributionDuty } = datanet
  const free = !asksLicence(datanet)
  const commercialUse = licence.bought ? licence.commercialUse : datanet.commercialUse
  if (!free && !licence.bought) return { fault: 'missing' }
  if (!commercialUse && isPriced(context, model)) return { fault: 'forbids', term: 'commercialUse' }
  if (!licence.bought) return { revenueShareBps: 0n, licensedRows: 0n, attributionDuty }
  const { expiresAt, revenueShareBps, rows } = licence
  if (expiresAt !== 0n && context.now > expiresAt) return { fault: 'expired', expiresAt }
  return { revenueShareBps, licensedRows: rows, attributionDuty }
}

type Licences = Pick<DatanetHandlers, 'buyLicence' | 'licenceOf'>

export const licences: Licences = {
  buyLicence(context, [datanet, model, rows]) {
    const { caller: buyer, value: paid } = context.call
    const network = knownDatanet(context, datanet)
    const { owner } = readRecord(context, modelPlace(context, model), modelLayout, ['owner'])
    if (BigInt(owner) === 0n) throw face.error('UnknownModel', [model])
    if (rows === 0n) throw face.error('InvalidField', ['rows', 'must be above 0'])
    if (!network.commercialUse && isPriced(context, model))
      throw face.error('LicenceForbids', [datanet, 'commercialUse'])
    const required = network.feePerRow * rows
    if (paid !== required) throw face.error('WrongPayment', [required, paid])
    const place = licencePlace(context, datanet, model)
    const before = readRecord(context, place, licenceLayout)
    const covered = before.rows + rows
    if (covered >= 1n << 64n) throw face.error('InvalidField', ['rows', 'more than a licence can cover'])
    const expiresAt = network.licenceExpiry === 0n ? 0n : context.now + network.licenceExpiry
    if (expiresAt >= 1n << 64n) throw face.error('InvalidField', ['datanet', "its licence's expiry is beyond all time"])
    const { revenueShareBps, commercialUse } = network
    writeRecord(context, place, licenceLayout, {
      rows: covered,
      expiresAt,
      revenueShareBps,
      commercialUse,
      bought: true,
    })
    face.emit(context, 'LicenceBought', { datanet, model, buyer, rows, expiresAt, paid })
    if (paid === 0n) return
    context.transfer(NATIVE.datanets, NATIVE.attribution, paid)
    addPending(context, { kind: TARGET_KIND.datanet, id: datanet }, paid, dueNow(context, parameter(context, 'window')))
  },

  licenceOf(context, [datanet, model]) {
    const licence = readRecord(context, licencePlace(context, datanet, model), licenceLayout)
    const { rows, expiresAt, revenueShareBps, commercialUse } = licence
    return { rows, expiresAt, revenueShareBps: Number(revenueShareBps), commercialUse }
  },
}
