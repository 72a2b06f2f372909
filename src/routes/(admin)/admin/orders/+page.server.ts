import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { boughtTitles } from '#modules/orders/bought-titles.ts'
import { orderState, orderStateWords } from '#modules/orders/order-state.ts'
import { ordersPage } from '#modules/orders/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'

const states = ['paid', 'refunded', 'disputed'] as const

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const search = (query.get('q') ?? '').trim().slice(0, 254)
  const state = states.find((one) => one === query.get('state'))
  const page = await ordersPage(
    db(),
    { ...(search ? { search } : {}), ...(state ? { state } : {}) },
    turnOf(query),
  )
  return {
    search,
    state,
    orders: page.rows.map((order) => ({
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      buyer: order.buyerName ?? order.email,
      email: order.email,
      titles: boughtTitles(order.lines),
      total: { minor: order.totalMinor, currency: order.currency },
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
    })),
    ...turnLinks(event.url, page),
  }
}
