import type { RequestEvent } from '@sveltejs/kit'
import { networkOf } from '#modules/accounts/network.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { quoteCart } from '#modules/cart/server/index.ts'
import type { Cart } from '#modules/cart/types.ts'
import { refusalWords } from '#modules/coupons/coupon-words.ts'
import { canonicalCode } from '#modules/coupons/discount.ts'
import type { CouponRefusal } from '#modules/coupons/types.ts'
import { db, useLimit } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { codeLimit } from '../coupon-limit.server.ts'

export type TriedCode =
  | { readonly ok: true; readonly code: string }
  | {
      readonly ok: false
      readonly status: number
      readonly words: string
      /** It would come off a plan. */
      readonly isForPlans?: boolean
    }

/**
 * Looks whether a code can be put into a cart. A cart with nothing in it takes every code that is good for something: what it
 * comes off is chosen later.
 */
export async function tryCode(event: RequestEvent, cart: Cart, typed: string): Promise<TriedCode> {
  const used = await useLimit(codeLimit, networkOf(event.locals.network))
  if (!used.ok)
    return {
      ok: false,
      status: 429,
      words: tooMany(event, 'Several codes were tried', used.retryAfterSeconds),
    }
  const code = canonicalCode(typed)
  const site = await siteIdentity(db())
  const refuse = (refusal: CouponRefusal): TriedCode => ({
    ok: false,
    status: refusal.reason === 'unknown' ? 400 : 409,
    isForPlans: refusal.reason === 'for_plans',
    words: refusalWords(refusal, site.currency, { zone: site.timeZone, locale: site.locale }),
  })
  if (code === undefined) return refuse({ reason: 'unknown' })
  const quote = await quoteCart(db(), { ...cart, code })
  if (quote.coupon?.ok) return { ok: true, code }
  const refusal = quote.coupon?.refusal ?? { reason: 'unknown' }
  return quote.lines.length === 0 && waitsForProducts(refusal)
    ? { ok: true, code }
    : refuse(refusal)
}

/** Whether a code would come off if only the right things were in the cart. */
export function waitsForProducts(refusal: CouponRefusal): boolean {
  return refusal.reason === 'wrong_product' || refusal.reason === 'minimum'
}
