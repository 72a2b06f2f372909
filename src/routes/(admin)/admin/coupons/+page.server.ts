import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  couponDates,
  couponStanding,
  couponStandingWords,
  reductionWords,
} from '#modules/coupons/coupon-words.ts'
import { couponsPage, usesOf } from '#modules/coupons/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [page, site, at] = await Promise.all([
    couponsPage(db(), turnOf(event.url.searchParams)),
    siteIdentity(db()),
    now(db()),
  ])
  const uses = await usesOf(
    db(),
    page.rows.map((coupon) => coupon.id),
  )
  const words = { zone: site.timeZone, locale: site.locale }
  return {
    coupons: page.rows.map((coupon) => {
      const own = uses.get(coupon.id)
      const standing = couponStanding(coupon, at)
      return {
        id: coupon.id,
        code: coupon.code,
        note: coupon.note,
        takesOff: reductionWords(coupon.reduction, site.locale),
        isForAll: coupon.productIds === undefined,
        isForPlans: coupon.forPlans !== undefined,
        standing,
        standingWord: couponStandingWords[standing],
        used: own?.used ?? 0,
        held: own?.held ?? 0,
        mostUses: coupon.mostUses,
        takenMinor: own?.takenMinor ?? 0,
        dates: couponDates(coupon, words),
      }
    }),
    ...turnLinks(event.url, page),
  }
}
