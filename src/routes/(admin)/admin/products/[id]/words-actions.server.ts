import { priceProblemWords } from '#modules/catalog/price-rules.ts'
import { priceForm, productForm, taxForm } from '#modules/catalog/schemas.ts'
import { editProduct, removeTaxRate, setPrice, setTaxRate } from '#modules/catalog/server/index.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit } from './editing.server.ts'

/** Words, price and taxes of a product. */
export const wordsActions = {
  async words(event) {
    const edit = await startEdit(event)
    const form = read(edit, productForm)
    if (!form.ok) return again('words', edit, form.errors)
    const edited = await inTransaction((tx) =>
      editProduct(tx, edit.owner, edit.productId, form.values),
    )
    if (edited.ok) done(edit, 'words')
    if (edited.reason === 'not_found') gone()
    return again('words', edit, {
      slug: 'Another product has this address, or once had it. Choose another one.',
    })
  },

  async price(event) {
    const edit = await startEdit(event, 'price')
    const form = read(edit, priceForm)
    if (!form.ok) return again('price', edit, form.errors)
    const { currency, locale } = await siteIdentity(db())
    const set = await inTransaction((tx) =>
      setPrice(tx, edit.owner, edit.productId, form.values, currency),
    )
    if (!set.ok && set.reason === 'not_found') gone()
    if (!set.ok)
      return again('price', edit, { [set.field]: priceProblemWords(set.reason, currency, locale) })
    done(edit, 'price')
  },

  async setTax(event) {
    const edit = await startEdit(event)
    const form = read(edit, taxForm)
    if (!form.ok) return again('taxes', edit, form.errors)
    const set = await inTransaction((tx) =>
      setTaxRate(tx, edit.owner, {
        productId: edit.productId,
        country: form.values.country,
        basisPoints: form.values.basisPoints,
        label: form.values.label,
      }),
    )
    if (set.ok) done(edit, 'taxes')
    if (set.reason === 'not_found') gone()
    return again('taxes', edit, { '': 'There are too many rates. Remove one first.' })
  },

  async removeTax(event) {
    const edit = await startEdit(event)
    await inTransaction((tx) => removeTaxRate(tx, edit.owner, textField(edit.form, 'rate')))
    done(edit, 'taxes', 'removed')
  },
} satisfies Actions
