import type { KindDescription, ProductKind } from '#modules/catalog/product-kind.ts'
import { deliveryWords, itemWords } from '../contents-words.ts'
import { kindName } from './contents.ts'
import { copyContents, findContents } from './store.contents.ts'

/** Files, links and snippets, delivered at once and for ever. */
export const downloadKind: ProductKind = {
  kind: kindName,
  words: { one: 'Download', many: 'Downloads' },

  async describe(db, productIds) {
    const contents = await findContents(db, productIds, { newestOnly: true })
    return new Map(
      [...contents].map(([productId, { items }]): [string, KindDescription] => [
        productId,
        {
          delivery: deliveryWords(items),
          inside: items.map((item) => ({ title: item.title, detail: itemWords(item) })),
        },
      ]),
    )
  },

  async missing(db, productId) {
    const contents = await findContents(db, [productId], { newestOnly: true })
    return contents.get(productId)?.items.length ? [] : ['Add a file, a link or a snippet.']
  },

  benefits: (line) => [{ benefit: 'product', subjectId: line.productId }],

  // What a product holds is looked up when the buyer comes for it, so there is nothing to prepare or to take back.
  fulfil: async () => undefined,
  revoke: async () => undefined,

  copy: copyContents,
}
