import { networkOf } from '#modules/accounts/network.ts'
import { offersOf, partsOf } from '#modules/catalog/server/index.ts'
import { couponByCode, holdUse } from '#modules/coupons/server/index.ts'
import type { CouponRefusal } from '#modules/coupons/types.ts'
import { findProductKind, insertGiftWords } from '#modules/orders/server/index.ts'
import {
  completeFree,
  justGiven,
  openCheckout,
  type OpenedCheckout,
  type Purchase,
} from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { now, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Agreement } from '../enclosed.ts'
import { quoteOf, type Range } from '../quote.ts'
import type { Cart, Quote } from '../types.ts'
import { enclosureFor } from './enclosure.ts'
import { insertAnswers, insertConsents } from './store.ts'

export { answersOf, consentsOf } from './store.ts'
export { takeUpEnclosure } from './enclosure.ts'
export { agreedNotes } from './agreed-notes.ts'

/** What the cart costs now. Reads everything afresh; nothing is held for anybody by it. */
export async function quoteCart(db: Db, cart: Cart): Promise<Quote> {
  const ids = cart.entries.map((entry) => entry.productId)
  const [offers, site, coupon, at] = await Promise.all([
    offersOf(db, ids),
    siteIdentity(db),
    cart.code === undefined ? undefined : couponByCode(db, cart.code),
    now(db),
  ])
  const parts: Map<string, Awaited<ReturnType<typeof partsOf>>> = new Map()
  for (const offer of offers.values()) {
    const partIds = await findProductKind(offer.kind)?.parts?.(db, offer.productId)
    if (partIds) parts.set(offer.productId, await partsOf(db, partIds))
  }
  const range: Range = { offers, parts, currency: site.currency }
  return quoteOf(cart, range, coupon, at)
}

export interface Buyer {
  readonly member: { readonly id: string; readonly email: string } | undefined
  /** Canonical; undefined where a guest was not asked. */
  readonly email: string | undefined
  readonly visitor: Purchase['visitor']
  /** Where it was bought from, shortened as everywhere. */
  readonly network: string
}

/** The purchase that a quote is, for payments: the same for the same quote, buyer and answers. */
export function purchaseOf(quote: Quote, buyer: Buyer, agreed: Agreement): Purchase {
  return {
    payable: 'order',
    currency: quote.currency,
    lines: quote.checkoutLines,
    couponCode: quote.coupon?.ok ? quote.coupon.code : undefined,
    member: buyer.member,
    email: buyer.email,
    visitor: buyer.visitor,
    also: JSON.stringify([
      agreed.consents.map((consent) => consent.words),
      agreed.answers.map((answer) => [answer.position, answer.questionId, answer.answer]),
      agreed.gift,
    ]),
  }
}

export type Placed =
  | { readonly ok: true; readonly opened: OpenedCheckout; readonly isComplete: boolean }
  | { readonly ok: false; readonly refusal: CouponRefusal }

/**
 * Opens the checkout of a quote: the coupon's use is held, what was agreed to and answered is kept, all in one transaction.
 * What costs nothing is settled at once (isComplete); everything else is then sent to pay. A coupon that cannot be had any
 * more opens nothing. Throws when a free purchase has no address to go to; the page asks for it before.
 */
export async function place(
  tx: Tx,
  quote: Quote,
  buyer: Buyer,
  agreed: Agreement,
): Promise<Placed> {
  const checkoutId = newId()
  const email = buyer.member?.email ?? buyer.email
  const given =
    quote.totalMinor === 0 ? await justGiven(tx, purchaseOf(quote, buyer, agreed)) : undefined
  if (given) return { ok: true, opened: given, isComplete: true }
  if (quote.coupon?.ok && quote.discountMinor > 0) {
    const held = await holdUse(tx, {
      checkoutId,
      couponId: quote.coupon.id,
      email,
      network: networkOf(buyer.network),
      discountMinor: quote.discountMinor,
    })
    if (!held.ok) return held
  }
  const opened = await openCheckout(tx, purchaseOf(quote, buyer, agreed), {
    id: checkoutId,
    // What costs nothing is not noted at Stripe.
    enclosure:
      quote.totalMinor > 0
        ? await enclosureFor(tx, checkoutId, quote.checkoutLines.length, agreed)
        : undefined,
  })
  await insertConsents(tx, checkoutId, agreed.consents, buyer)
  await insertAnswers(tx, checkoutId, agreed.answers)
  if (agreed.gift) await insertGiftWords(tx, checkoutId, agreed.gift)
  if (quote.totalMinor > 0) return { ok: true, opened, isComplete: false }
  if (email === undefined) throw new Error('A free purchase needs an address.')
  await completeFree(tx, opened, { email, name: undefined })
  return { ok: true, opened, isComplete: true }
}
