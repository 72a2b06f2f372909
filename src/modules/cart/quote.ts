import { chargeProblem } from '#modules/catalog/price-rules.ts'
import type { Offer } from '#modules/catalog/types.ts'
import { discountOf } from '#modules/coupons/discount.ts'
import type { Coupon } from '#modules/coupons/types.ts'
import { mostCheckoutLines, type CheckoutLine } from '#modules/payments/types.ts'
import { chargeStepMinor } from '#modules/platform/currencies.ts'
import { largestAmountMinor, shareOut } from '#modules/platform/money.ts'
import type { Cart, CartEntry, Quote, QuoteLine } from './types.ts'

/** What the cart's products are now, as the catalogue tells. */
export interface Range {
  /** By product; what cannot be bought is not in it. */
  readonly offers: ReadonlyMap<string, Offer>
  /** What each bundle among them holds. */
  readonly parts: ReadonlyMap<
    string,
    readonly {
      readonly productId: string
      readonly kind: string
      readonly title: string
      readonly priceMinor: number
    }[]
  >
  readonly currency: string
}

/**
 * What a cart costs at a moment. coupon: the one with the cart's code, undefined when there is none. Totals are never
 * negative, lines always add up to them, and what is left is either nothing or something a card can be charged.
 */
export function quoteOf(cart: Cart, range: Range, coupon: Coupon | undefined, at: Date): Quote {
  const lines: Omit<QuoteLine, 'discountMinor'>[] = []
  const goneIds: string[] = []
  const flat: { line: Omit<CheckoutLine, 'discountMinor'>; of: number }[] = []
  for (const entry of cart.entries) {
    const offer = range.offers.get(entry.productId)
    const parts = range.parts.get(entry.productId)
    if (!offer || offer.price.currency !== range.currency || parts?.length === 0) {
      goneIds.push(entry.productId)
      continue
    }
    const unitMinor = unitOf(offer, entry)
    const quantity = parts ? 1 : Math.min(entry.quantity, offer.mostPerOrder)
    const of = lines.length
    lines.push({
      offer,
      quantity,
      unitMinor,
      fullMinor: unitMinor * quantity,
      parts: parts?.map((part) => part.title) ?? [],
    })
    const base = { priceId: offer.price.id, quantity }
    if (parts) {
      const shares = shareOut(
        unitMinor,
        parts.map((part) => part.priceMinor),
      )
      for (const [position, part] of parts.entries())
        flat.push({
          of,
          line: {
            ...base,
            productId: part.productId,
            kind: part.kind,
            title: part.title,
            unitMinor: shares[position] ?? 0,
            bundle: { productId: offer.productId, title: offer.title, at: of },
          },
        })
    } else
      flat.push({
        of,
        line: {
          ...base,
          productId: offer.productId,
          kind: offer.kind,
          title: offer.title,
          unitMinor,
          bundle: undefined,
        },
      })
  }
  const full = flat.map(({ line }) => line.unitMinor * line.quantity)
  const fullMinor = sum(full)
  const { shares, told } = couponOf(cart, coupon, flat, full, range.currency, at)
  const left = full.map((minor, position) => minor - (shares[position] ?? 0))
  // What a card could not be charged is given away, from all lines alike.
  const unpayable = sum(shares) > 0 ? unpayableMinor(sum(left), range.currency) : 0
  const given = shareOut(unpayable, left)
  const checkoutLines = flat.map(({ line }, position) => ({
    ...line,
    discountMinor: (shares[position] ?? 0) + (given[position] ?? 0),
  }))
  const discountMinor = sum(checkoutLines.map((line) => line.discountMinor))
  return {
    currency: range.currency,
    lines: lines.map((line, of) => ({
      ...line,
      discountMinor: sum(
        checkoutLines
          .filter((_, position) => flat[position]?.of === of)
          .map((one) => one.discountMinor),
      ),
    })),
    checkoutLines,
    goneIds,
    fullMinor,
    discountMinor,
    totalMinor: fullMinor - discountMinor,
    coupon: told,
  }
}

function unitOf(offer: Offer, entry: CartEntry): number {
  const { price } = offer
  if (!price.isOpen) return price.minor
  const chosen = entry.chosenMinor ?? price.suggestedMinor ?? price.minor
  return chosen >= price.minor && chargeProblem(chosen, price.currency) === undefined
    ? chosen
    : price.minor
}

function couponOf(
  cart: Cart,
  coupon: Coupon | undefined,
  flat: readonly { readonly line: Omit<CheckoutLine, 'discountMinor'> }[],
  full: readonly number[],
  currency: string,
  at: Date,
): { shares: readonly number[]; told: Quote['coupon'] } {
  if (cart.code === undefined) return { shares: [], told: undefined }
  if (!coupon)
    return { shares: [], told: { ok: false, typed: cart.code, refusal: { reason: 'unknown' } } }
  const discount = discountOf(
    coupon,
    flat.map(({ line }, position) => ({
      productId: line.productId,
      bundleId: line.bundle?.productId,
      fullMinor: full[position] ?? 0,
    })),
    currency,
    at,
  )
  if (!discount.ok)
    return { shares: [], told: { ok: false, typed: cart.code, refusal: discount.refusal } }
  return {
    shares: discount.shares,
    told: {
      ok: true,
      id: coupon.id,
      code: coupon.code,
      asksEmail: coupon.mostUsesPerCustomer !== undefined,
    },
  }
}

function unpayableMinor(leftMinor: number, currency: string): number {
  const rest = leftMinor % chargeStepMinor(currency)
  return chargeProblem(leftMinor - rest, currency) === undefined ? rest : leftMinor
}

/** More than a card can be charged at once. */
export function isTooMuch(quote: Quote): boolean {
  return quote.totalMinor > largestAmountMinor
}

/** More things, bundles counted by what they hold, than one purchase can hold. */
export function isTooMany(quote: Quote): boolean {
  return quote.checkoutLines.length > mostCheckoutLines
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
