import { redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProducts } from '#modules/catalog/server/index.ts'
import type { ProductState } from '#modules/catalog/types.ts'
import { db, discardBytes, inTransaction } from '#modules/platform/server/index.ts'
import { BusyError, examplesPreview, removeExamples } from '#modules/setup/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { emptySandbox } from '#boot/server/rehearsal.ts'
import type { Actions, PageServerLoad } from './$types'

const rowsPerPage = 25
const states: readonly string[] = ['draft', 'live', 'archived'] satisfies ProductState[]

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const search = (query.get('search') ?? '').slice(0, 200)
  const asked = query.get('state')
  // Narrowed by the list of the very words.
  const state = asked !== null && states.includes(asked) ? (asked as ProductState) : undefined
  const page = Math.min(10_000, Math.max(1, Math.trunc(Number(query.get('page'))) || 1))
  const { items, total, counts } = await ownerProducts(db(), {
    state,
    search,
    limit: rowsPerPage,
    offset: (page - 1) * rowsPerPage,
  })
  const { brandColour } = await siteIdentity(db())
  return {
    brandColour,
    products: items.map((item) => ({
      ...item,
      kindWord: findProductKind(item.kind)?.words.one ?? item.kind,
    })),
    counts,
    total,
    state,
    search,
    page,
    pages: Math.max(1, Math.ceil(total / rowsPerPage)),
    examples: await examplesPreview(db()),
    done: query.get('done'),
  }
}

export const actions: Actions = {
  async removeExamples(event) {
    const owner = ownerOnly(event)
    try {
      const removed = await inTransaction((tx) => removeExamples(tx, owner), 'money')
      await discardBytes(removed.bytes)
      if (removed.isSwept) await emptySandbox()
    } catch (error) {
      if (!(error instanceof BusyError)) throw error
      redirect(303, '/admin/products?done=busy')
    }
    redirect(303, '/admin/products?done=examples')
  },
}
