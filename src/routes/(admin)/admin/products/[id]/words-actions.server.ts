import { fail } from '@sveltejs/kit'
import { priceProblemWords, readPrice, type TypedPrice } from '#modules/catalog/price-rules.ts'
import { priceForm, productForm, taxForm } from '#modules/catalog/schemas.ts'
import {
  editProduct,
  ownerProduct,
  removeTaxRate,
  setPrice,
  setTaxRate,
  wordsSeen,
} from '#modules/catalog/server/index.ts'
import { offerForm } from '#modules/licences/schemas.ts'
import { setLicenceOffer } from '#modules/licences/server/index.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit, valuesOf, type Edit } from './editing.server.ts'
import type { PricePreview } from './editor-form.ts'
import { touchedBy } from './touched.server.ts'

/** What a change of a live product's price does; undefined when there is none to look at first. */
async function pricePreview(
  edit: Edit,
  typed: TypedPrice,
  currency: string,
): Promise<PricePreview | undefined> {
  const read = readPrice(typed, currency)
  const product = await ownerProduct(db(), edit.productId)
  if (!read.ok || product?.state !== 'live' || !product.price) return undefined
  const { id, ...before } = product.price
  const after = read.price
  const seen = JSON.stringify([id, after.minor, after.currency, after.isOpen, after.suggestedMinor])
  const isSame =
    before.minor === after.minor &&
    before.currency === after.currency &&
    before.isOpen === after.isOpen &&
    before.suggestedMinor === after.suggestedMinor
  return isSame ? undefined : { before, after, seen, touched: await touchedBy(product, 'price') }
}

/** What was typed again, beside what somebody else saved. Saved once more it replaces that: now it was seen. */
async function changedMeanwhile(edit: Edit) {
  const product = await ownerProduct(db(), edit.productId)
  if (!product) gone()
  const { title, slug, summary, descriptionMd, position } = product
  return fail(409, {
    part: 'words' as const,
    item: '',
    values: { ...valuesOf(edit.form), seen: wordsSeen(product) },
    errors: {},
    meanwhile: { title, slug, summary, descriptionMd, position: String(position) },
  })
}

/** Words, price, licence keys and taxes of a product. */
export const wordsActions = {
  async words(event) {
    const edit = await startEdit(event)
    const form = read(edit, productForm)
    if (!form.ok) return again('words', edit, form.errors)
    const edited = await inTransaction((tx) =>
      editProduct(
        tx,
        edit.owner,
        edit.productId,
        form.values,
        textField(edit.form, 'seen') || undefined,
      ),
    )
    if (edited.ok) done(edit, 'words')
    if (edited.reason === 'not_found') gone()
    if (edited.reason === 'changed') return changedMeanwhile(edit)
    return again('words', edit, {
      slug: 'Another product has this address, or once had it. Choose another one.',
    })
  },

  async price(event) {
    const edit = await startEdit(event, 'price')
    const form = read(edit, priceForm)
    if (!form.ok) return again('price', edit, form.errors)
    const { currency, locale } = await siteIdentity(db())
    const preview = await pricePreview(edit, form.values, currency)
    if (preview && textField(edit.form, 'seen') !== preview.seen)
      return { part: 'price', item: '', values: valuesOf(edit.form), errors: {}, preview }
    const set = await inTransaction((tx) =>
      setPrice(tx, edit.owner, edit.productId, form.values, currency),
    )
    if (!set.ok && set.reason === 'not_found') gone()
    if (!set.ok)
      return again('price', edit, { [set.field]: priceProblemWords(set.reason, currency, locale) })
    done(edit, 'price')
  },

  async licences(event) {
    const edit = await startEdit(event)
    const form = read(edit, offerForm)
    if (!form.ok) return again('licences', edit, form.errors)
    if (
      !(await inTransaction((tx) => setLicenceOffer(tx, edit.owner, edit.productId, form.values)))
    )
      gone()
    done(edit, 'licences')
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
