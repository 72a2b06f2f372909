import type { PageServerLoad } from './$types'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { serviceKind, sessionsOf } from '#modules/booking/server/index.ts'
import { downloadPath } from '#modules/downloads/download-path.ts'
import { shelfOf } from '#modules/entitlements/server/index.ts'
import { orderPath, waitingPurchases } from '#modules/payments/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { boughtThings } from '../../bought.server.ts'
import { zoneOf } from './booking.server.ts'
import { mainAction, noticeOf, sessionWords, shelfWords } from './shelf-words.ts'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const turn = turnOf(event.url.searchParams)
  const [shelf, waiting] = await Promise.all([
    shelfOf(db(), memberId, 'product', turn),
    turn.older === undefined && turn.newer === undefined ? waitingPurchases(db(), memberId) : [],
  ])
  const things = await boughtThings(db(), shelf.rows, downloadPath)
  const sessions = await sessionsOf(
    db(),
    memberId,
    things.filter(({ kind }) => kind === serviceKind.kind).map(({ productId }) => productId),
  )
  return {
    things: things.map(({ goods, links, ...thing }) => {
      const own = sessions.get(thing.productId)
      return {
        ...thing,
        words: own ? sessionWords(own) : shelfWords(goods, thing.kindWord),
        action: mainAction(goods, links, own),
        booked: own?.active && {
          id: own.active.id,
          startsAt: own.active.startsAt,
          endsAt: own.active.endsAt,
        },
      }
    }),
    zone: zoneOf(event.cookies, (await siteIdentity(db())).timeZone),
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
