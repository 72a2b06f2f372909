import type { PageServerLoad } from './$types'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { boughtTitles } from '#modules/orders/bought-titles.ts'
import { orderState, orderStateWords } from '#modules/orders/order-state.ts'
import { ordersOfMember } from '#modules/orders/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const page = await ordersOfMember(db(), memberId, turnOf(event.url.searchParams))
  return {
    orders: page.rows.map((order) => ({
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      titles: boughtTitles(order.lines),
      total: { minor: order.totalMinor, currency: order.currency },
      tax: order.taxMinor === 0 ? undefined : { minor: order.taxMinor, currency: order.currency },
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
    })),
    ...turnLinks(event.url, page),
  }
}
