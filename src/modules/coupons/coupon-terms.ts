import type { DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { couponDates, durationWords, reductionWords } from './coupon-words.ts'
import type { CouponTerms } from './types.ts'

/** One term of a coupon, as the owner reads it. */
export interface Term {
  readonly label: string
  readonly value: string
}

export interface TermWords extends DateWords {
  /** The shop's. */
  readonly currency: string
  /** What a product is called; undefined for one that is not known. */
  readonly title: (productId: string) => string | undefined
  /** What a plan is called; undefined for one that is not known. */
  readonly planTitle?: (planId: string) => string | undefined
}

/** A coupon's terms one by one, in the order in which they matter. */
export function couponTerms(
  coupon: CouponTerms & { readonly code: string; readonly note: string },
  words: TermWords,
): readonly Term[] {
  const { locale, currency, title, planTitle } = words
  const { forPlans } = coupon
  const named = (titles: readonly string[]) =>
    titles.toSorted((one, other) => one.localeCompare(other, locale)).join(', ')
  const count = (most: number | undefined) => most?.toLocaleString(locale) ?? 'Any number'
  return [
    { label: 'Code', value: coupon.code },
    { label: 'Takes off', value: reductionWords(coupon.reduction, locale) },
    {
      label: 'For',
      value: forPlans
        ? forPlans.planIds === undefined
          ? 'All plans'
          : named(forPlans.planIds.map((id) => planTitle?.(id) ?? 'a plan that is gone'))
        : coupon.productIds === undefined
          ? 'Everything in the shop'
          : named(coupon.productIds.map((id) => title(id) ?? 'a product that is gone')),
    },
    ...(forPlans ? [{ label: 'Comes off', value: durationWords(forPlans) }] : []),
    { label: 'When', value: couponDates(coupon, words) || 'Always' },
    {
      label: forPlans ? 'From a price of' : 'From a cart of',
      value:
        coupon.minimumMinor === 0
          ? 'Any amount'
          : formatMoney({ minor: coupon.minimumMinor, currency }, locale),
    },
    { label: 'Uses in all', value: count(coupon.mostUses) },
    { label: 'Uses for each customer', value: count(coupon.mostUsesPerCustomer) },
    { label: 'Note', value: coupon.note || 'None' },
  ]
}

export interface TermChange extends Term {
  readonly former: string
}

/** What an edit changes, term by term; [] = nothing. */
export function changedTerms(
  before: readonly Term[],
  after: readonly Term[],
): readonly TermChange[] {
  return after.flatMap((term) => {
    const former = before.find(({ label }) => label === term.label)?.value ?? ''
    return former === term.value ? [] : [{ ...term, former }]
  })
}
