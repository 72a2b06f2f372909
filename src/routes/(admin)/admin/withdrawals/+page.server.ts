import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { withdrawalsPage } from '#modules/orders/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const page = await withdrawalsPage(db(), turnOf(event.url.searchParams))
  return {
    withdrawals: page.rows.map(({ id, name, email, orderTyped, receivedAt, state }) => ({
      id,
      name,
      email,
      orderTyped,
      receivedAt,
      state,
    })),
    ...turnLinks(event.url, page),
  }
}
