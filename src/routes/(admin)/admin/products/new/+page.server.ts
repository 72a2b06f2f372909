import { fail, redirect } from '@sveltejs/kit'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { newProductForm } from '#modules/catalog/schemas.ts'
import { createProduct } from '#modules/catalog/server/index.ts'
import { inTransaction, postedForm } from '#modules/platform/server/index.ts'
import { findProductKind, productKinds } from '#boot/server/product-kinds.ts'
import type { Actions, PageServerLoad } from './$types'

/** What a kind is for, where its name alone may not say it. */
const about: Readonly<Record<string, string>> = {
  download: 'Files, links and pieces of text or code, there at once and for good.',
  service: 'Time with you: buyers choose a date and an hour that is free in your calendar.',
  bundle: 'Several of your products for one price.',
}

export const load: PageServerLoad = (event) => {
  ownerOnly(event)
  return {
    kinds: productKinds.map(({ kind, words }) => ({
      value: kind,
      label: words.one,
      ...(Object.hasOwn(about, kind) ? { help: about[kind] } : {}),
    })),
  }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = { title: typed(form, 'title'), kind: typed(form, 'kind') }
    const read = readForm(newProductForm, form)
    if (!read.ok) return fail(400, { values, errors: read.errors })
    const { title, kind } = read.values
    if (!findProductKind(kind))
      return fail(400, { values, errors: { kind: 'Choose what kind of product it is.' } })
    const { id } = await inTransaction((tx) => createProduct(tx, owner, { kind, title }))
    redirect(303, `/admin/products/${id}`)
  },
}
