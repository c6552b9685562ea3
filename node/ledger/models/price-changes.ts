/** Changing a model's prices (docs/protocol.md, "Models"): by its owner, with notice. */
import { allowsCommercialUse } from '../datanets/licences.ts'
import { parameter } from '../governance/parameters.ts'
import { datanetsOfModel, face, knownModel, type ModelHandlers, ownModel } from './model-face.ts'
import { announcePrices, isPriced, pricesNow } from './prices.ts'

type PriceChanges = Pick<ModelHandlers, 'setPrices' | 'pricesOf'>

export const priceChanges: PriceChanges = {
  setPrices(context, [model, pricePer1kIn, pricePer1kOut]) {
    ownModel(context, model)
    if (pricePer1kIn + pricePer1kOut > 0n && !isPriced(context, model)) {
      const forbids = datanetsOfModel(context, model).find((datanet) => !allowsCommercialUse(context, datanet, model))
      if (forbids !== undefined) throw face.error('LicenceForbids', [forbids, 'commercialUse'])
    }
    const from = context.now + parameter(context, 'priceNotice')
    announcePrices(context, model, { pricePer1kIn, pricePer1kOut }, from)
    face.emit(context, 'PricesAnnounced', { model, pricePer1kIn, pricePer1kOut, from })
    return from
  },

  pricesOf(context, [model]) {
    knownModel(context, model)
    const { now, next, from } = pricesNow(context, model)
    return { ...now, nextPer1kIn: next.pricePer1kIn, nextPer1kOut: next.pricePer1kOut, from }
  },
}
