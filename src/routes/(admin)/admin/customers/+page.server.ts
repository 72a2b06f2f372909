import type { PageServerLoad } from './$types'
import { customersPage, ownerOnly } from '#modules/accounts/server/index.ts'
import { spendingOf } from '#modules/orders/server/index.ts'
import { db } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const search = (query.get('q') ?? '').trim().slice(0, 200)
  const cursor = query.get('cursor') ?? undefined
  const page = await customersPage(db(), { search: search || undefined, cursor })
  const spending = await spendingOf(
    db(),
    page.items.map((customer) => customer.id),
  )
  const address = (more: Readonly<Record<string, string>>) => {
    const next = new URLSearchParams({ ...(search ? { q: search } : {}), ...more })
    return next.size > 0 ? `/admin/customers?${next}` : '/admin/customers'
  }
  return {
    search,
    customers: page.items.map((customer) => {
      const spent = spending.get(customer.id)
      return {
        ...customer,
        orders: spent?.orders ?? 0,
        spent: spent && { minor: spent.keptMinor, currency: spent.currency },
      }
    }),
    // Pages of customers are only walked downwards; "newer" leads back to the top.
    newer: cursor === undefined ? undefined : address({}),
    older: page.nextCursor === undefined ? undefined : address({ cursor: page.nextCursor }),
  }
}
