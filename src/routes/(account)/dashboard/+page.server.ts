import type { PageServerLoad } from './$types'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { downloadPath } from '#modules/downloads/download-path.ts'
import { shelfOf } from '#modules/entitlements/server/index.ts'
import { orderPath, waitingPurchases } from '#modules/payments/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'
import { boughtThings } from '../../bought.server.ts'
import { mainAction, noticeOf, shelfWords } from './shelf-words.ts'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const turn = turnOf(event.url.searchParams)
  const [shelf, waiting] = await Promise.all([
    shelfOf(db(), memberId, 'product', turn),
    turn.older === undefined && turn.newer === undefined ? waitingPurchases(db(), memberId) : [],
  ])
  const things = await boughtThings(db(), shelf.rows, downloadPath)
  return {
    things: things.map(({ goods, links, ...thing }) => ({
      ...thing,
      words: shelfWords(goods, thing.kindWord),
      action: mainAction(goods, links),
    })),
    waiting: waiting.map((purchase) => ({
      id: purchase.checkoutId,
      titles: purchase.titles,
      total: { minor: purchase.totalMinor, currency: purchase.currency },
      href: orderPath(purchase.checkoutId),
    })),
    ...turnLinks(event.url, shelf),
    notice: noticeOf(event.url.searchParams),
  }
}
