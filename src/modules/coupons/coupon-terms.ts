import type { DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { couponDates, reductionWords } from './coupon-words.ts'
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
}

/** A coupon's terms one by one, in the order in which they matter. */
export function couponTerms(
  coupon: CouponTerms & { readonly code: string; readonly note: string },
  words: TermWords,
): readonly Term[] {
  const { locale, currency, title } = words
  const count = (most: number | undefined) => most?.toLocaleString(locale) ?? 'Any number'
  return [
    { label: 'Code', value: coupon.code },
    { label: 'Takes off', value: reductionWords(coupon.reduction, locale) },
    {
      label: 'For',
      value:
        coupon.productIds
          ?.map((id) => title(id) ?? 'a product that is gone')
          .toSorted((one, other) => one.localeCompare(other, locale))
          .join(', ') ?? 'Everything in the shop',
    },
    { label: 'When', value: couponDates(coupon, words) || 'Always' },
    {
      label: 'From a cart of',
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
  return after.flatMap((term, at) => {
    const former = before[at]?.value ?? ''
    return former === term.value ? [] : [{ ...term, former }]
  })
}
