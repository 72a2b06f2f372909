import { isId } from '#modules/platform/ids.ts'
import { minorDigits } from '#modules/platform/currencies.ts'
import { moneyToInput, parseAmount, type ParsedAmount } from '#modules/platform/money.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { dayOf, nextDay, startOfDay } from '#modules/platform/zoned-day.ts'
import { canonicalCode } from './discount.ts'
import type { Coupon, CouponTerms, ForPlans, Reduction } from './types.ts'

/** What the form about a coupon holds, as text; products are posted once each under one name. */
export interface CouponFields {
  readonly code: string
  readonly takesOff: string
  readonly percent: string
  readonly amount: string
  readonly covers: string
  readonly products: readonly string[]
  readonly plans: readonly string[]
  /** Of a coupon for plans: once, repeating or forever. */
  readonly duration: string
  readonly months: string
  readonly from: string
  readonly until: string
  readonly minimum: string
  readonly mostUses: string
  readonly mostUsesPerCustomer: string
  readonly note: string
}

export interface TypedCoupon extends CouponTerms {
  readonly code: string
  readonly note: string
}

export type ReadCoupon =
  | { readonly ok: true; readonly coupon: TypedCoupon }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

/** How many products a coupon may name; one for more of them is for everything. */
export const mostCovered = 200

/**
 * Reads the owner's form. Days are the owner's, in the shop's zone: "until" is meant with that day, so the coupon ends when the
 * next one begins. code: what it is called when the field was left empty. Nothing is guessed; what cannot be read for certain
 * is refused with words at its field.
 */
export function readCoupon(
  fields: CouponFields,
  shop: { readonly currency: string; readonly zone: string },
  standing: { readonly code: string; readonly isActive: boolean },
): ReadCoupon {
  const errors: Record<string, string> = {}
  const refuse = (field: string, words: string): undefined => {
    errors[field] ??= words
  }
  const code = fields.code.trim() === '' ? standing.code : canonicalCode(fields.code.slice(0, 200))
  if (code === undefined)
    refuse('code', 'A code has 2 to 40 letters and digits, with dashes between them if you like.')
  const reduction = readReduction(fields, shop.currency, refuse)
  const forPlans = readPlans(fields, refuse)
  const productIds = forPlans ? [] : readProducts(fields, refuse)
  const startsAt = readDay(fields.from, 'from', (day) => startOfDay(day, shop.zone), refuse)
  const endsAt = readDay(
    fields.until,
    'until',
    (day) => startOfDay(nextDay(day), shop.zone),
    refuse,
  )
  if (startsAt && endsAt && endsAt <= startsAt)
    refuse('until', 'It would end before it begins. Choose the same day or a later one.')
  const minimumMinor = readMinimum(fields.minimum, shop.currency, refuse)
  const mostUses = readCount(fields.mostUses, 'mostUses', refuse)
  const mostUsesPerCustomer = readCount(fields.mostUsesPerCustomer, 'mostUsesPerCustomer', refuse)
  const note = oneLine(fields.note.slice(0, 2_000))
  if (note.length > 300) refuse('note', 'Please shorten this to 300 characters.')
  if (code === undefined || !reduction || Object.keys(errors).length > 0)
    return { ok: false, errors }
  return {
    ok: true,
    coupon: {
      code,
      reduction,
      forPlans,
      productIds,
      startsAt,
      endsAt,
      minimumMinor,
      mostUses,
      mostUsesPerCustomer,
      note,
      isActive: standing.isActive,
    },
  }
}

type Refuse = (field: string, words: string) => undefined

function readReduction(
  fields: CouponFields,
  currency: string,
  refuse: Refuse,
): Reduction | undefined {
  if (fields.takesOff === 'amount') {
    const amount = parseAmount(fields.amount.slice(0, 100), currency)
    if (!amount.ok) return refuse('amount', amountWords(amount.reason, currency))
    if (amount.minor === 0) return refuse('amount', 'Type how much comes off.')
    return { amountMinor: amount.minor, currency }
  }
  if (fields.takesOff !== 'percent') return refuse('takesOff', 'Choose percent or an amount.')
  const text = fields.percent.trim().replace(/\s*%$/, '').replace(',', '.')
  const basisPoints = /^\d{1,3}(?:\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : 0
  return basisPoints >= 1 && basisPoints <= 10_000
    ? { basisPoints }
    : refuse('percent', 'Type a number above 0 and at most 100, such as 15 or 12.5.')
}

/** The longest that something comes off month by month: what Stripe is told in months. */
const mostMonths = 36

function readPlans(fields: CouponFields, refuse: Refuse): ForPlans | undefined {
  if (fields.covers !== 'all_plans' && fields.covers !== 'chosen_plans') return undefined
  const ids = [...new Set(fields.plans.filter(isId))]
  if (fields.covers === 'chosen_plans' && ids.length === 0)
    refuse('plans', 'Choose at least one plan, or all of them.')
  const planIds = fields.covers === 'all_plans' ? undefined : ids.slice(0, mostCovered)
  const { duration } = fields
  if (duration === 'once' || duration === 'forever') return { planIds, duration, months: undefined }
  if (duration !== 'repeating') refuse('duration', 'Choose what it comes off.')
  const months = /^[1-9]\d?$/.test(fields.months.trim()) ? Number(fields.months) : 0
  if (months < 1 || months > mostMonths)
    refuse('months', `Type a whole number of months, from 1 to ${mostMonths}.`)
  return { planIds, duration: 'repeating', months }
}

function readProducts(fields: CouponFields, refuse: Refuse): readonly string[] | undefined {
  if (fields.covers !== 'chosen') return undefined
  const ids = [...new Set(fields.products.filter(isId))]
  if (ids.length === 0) return refuse('products', 'Choose at least one product, or all of them.')
  return ids.length > mostCovered
    ? refuse('products', `Choose at most ${mostCovered} products, or all of them.`)
    : ids
}

function readDay(
  text: string,
  field: string,
  read: (day: string) => Date | undefined,
  refuse: Refuse,
): Date | undefined {
  const day = text.trim()
  if (day === '') return undefined
  // nextDay needs a real day; what is none, and the last there is, are refused alike.
  const isDay = startOfDay(day, 'UTC') !== undefined && day !== '2099-12-31'
  return (isDay ? read(day) : undefined) ?? refuse(field, 'Choose a day, such as 2026-12-24.')
}

function readMinimum(text: string, currency: string, refuse: Refuse): number {
  if (text.trim() === '') return 0
  const amount = parseAmount(text.slice(0, 100), currency)
  if (amount.ok) return amount.minor
  refuse('minimum', amountWords(amount.reason, currency))
  return 0
}

function amountWords(
  reason: Extract<ParsedAmount, { ok: false }>['reason'],
  currency: string,
): string {
  switch (reason) {
    case 'empty':
      return 'Type how much comes off.'
    case 'not_a_number':
      return 'Type an amount in digits, such as 5 or 5.50.'
    case 'too_many_digits':
      return minorDigits(currency) === 0
        ? `${currency} has no smaller unit: type a whole number.`
        : `${currency} has ${minorDigits(currency)} digits after the point.`
    case 'ambiguous':
      return 'This could be read in two ways. Write 1234 or 1.23 instead.'
    case 'too_large':
      return 'That is more than a card can be charged at once.'
  }
}

function readCount(text: string, field: string, refuse: Refuse): number | undefined {
  const digits = text.trim()
  if (digits === '') return undefined
  return /^[1-9]\d{0,6}$/.test(digits)
    ? Number(digits)
    : refuse(field, 'Type a whole number from 1 on, or leave it empty for any number.')
}

/** The form of a coupon as it stands; undefined: an empty one. */
export function couponFields(
  coupon: Coupon | undefined,
  shop: { readonly currency: string; readonly zone: string },
): CouponFields {
  const reduction = coupon?.reduction
  const { currency, zone } = shop
  return {
    code: coupon?.code ?? '',
    takesOff: reduction && 'currency' in reduction ? 'amount' : 'percent',
    percent: reduction && 'basisPoints' in reduction ? String(reduction.basisPoints / 100) : '',
    amount:
      reduction && 'currency' in reduction
        ? moneyToInput({ minor: reduction.amountMinor, currency: reduction.currency })
        : '',
    covers: coveredIn(coupon),
    products: coupon?.productIds ?? [],
    plans: coupon?.forPlans?.planIds ?? [],
    duration: coupon?.forPlans?.duration ?? 'once',
    months: String(coupon?.forPlans?.months ?? ''),
    from: coupon?.startsAt ? dayOf(coupon.startsAt, zone) : '',
    until: coupon?.endsAt ? dayOf(new Date(coupon.endsAt.getTime() - 1), zone) : '',
    minimum: coupon?.minimumMinor ? moneyToInput({ minor: coupon.minimumMinor, currency }) : '',
    mostUses: String(coupon?.mostUses ?? ''),
    mostUsesPerCustomer: String(coupon?.mostUsesPerCustomer ?? ''),
    note: coupon?.note ?? '',
  }
}

function coveredIn(coupon: Coupon | undefined): string {
  if (coupon?.forPlans) return coupon.forPlans.planIds === undefined ? 'all_plans' : 'chosen_plans'
  return coupon?.productIds === undefined ? 'all' : 'chosen'
}
