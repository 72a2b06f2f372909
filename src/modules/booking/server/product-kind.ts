import type { KindDescription, PaidLine, ProductKind } from '#modules/catalog/product-kind.ts'
import { deliveryWords, placeWords, policyWords } from '../service-words.ts'
import { grantSessions, shrinkSessions } from './sessions.ts'
import { copyService, findServices } from './store.services.ts'

const sourceOf = ({ source, productId }: PaidLine) => ({ ...source, productId })

/** Something that is done at a time: whoever bought it books as many sessions as they bought. */
export const serviceKind: ProductKind = {
  kind: 'service',
  words: { one: 'Service', many: 'Services' },
  runsOut: true,

  async describe(db, productIds) {
    const services = await findServices(db, productIds)
    return new Map(
      services.map(({ productId, terms }): [string, KindDescription] => [
        productId,
        {
          delivery: deliveryWords(terms),
          inside: [
            { title: placeWords(terms), detail: 'You choose a time after the purchase' },
            ...policyWords(terms).map((title) => ({ title, detail: '' })),
          ],
        },
      ]),
    )
  },

  async missing(db, productId) {
    const [service] = await findServices(db, [productId])
    return service ? [] : ['Say how long it takes and when it can be booked.']
  },

  benefits: (line) => [{ benefit: 'product', subjectId: line.productId }],
  fulfil: (tx, line) => grantSessions(tx, sourceOf(line), line.quantity),
  resize: (tx, line, left) => shrinkSessions(tx, sourceOf(line), left),
  revoke: (tx, line) => shrinkSessions(tx, sourceOf(line), 0),
  copy: copyService,
}
