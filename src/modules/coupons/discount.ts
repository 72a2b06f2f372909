import { shareOut } from '#modules/platform/money.ts'
import type { CouponRefusal, CouponTerms, CoverableLine, Reduction } from './types.ts'

export type Discount =
  | {
      readonly ok: true
      readonly discountMinor: number
      /** What comes off each line, in the order of the lines; together discountMinor. */
      readonly shares: readonly number[]
    }
  | { readonly ok: false; readonly refusal: CouponRefusal }

/**
 * What a coupon takes off these lines at a moment: at most what the covered ones cost, so that nothing ever becomes negative.
 * A share is rounded half up, once, over all covered lines, and then given out among them. How often the coupon was used is
 * not looked at here; that is decided when a use is taken.
 */
export function discountOf(
  terms: CouponTerms,
  lines: readonly CoverableLine[],
  currency: string,
  at: Date,
): Discount {
  const refuse = (refusal: CouponRefusal): Discount => ({ ok: false, refusal })
  const standing = standingRefusal(terms, currency, at)
  if (standing) return refuse(standing)
  if (terms.forPlans) return refuse({ reason: 'for_plans' })

  const weights = lines.map((line) => (isCovered(terms, line) ? line.fullMinor : 0))
  const coveredMinor = weights.reduce((sum, weight) => sum + weight, 0)
  if (coveredMinor === 0) return refuse({ reason: 'wrong_product' })
  if (coveredMinor < terms.minimumMinor)
    return refuse({ reason: 'minimum', minimumMinor: terms.minimumMinor, coveredMinor })

  const discountMinor = takenOff(terms.reduction, coveredMinor)
  return { ok: true, discountMinor, shares: shareOut(discountMinor, weights) }
}

/** Why a coupon does not come off anything right now, whatever it is used for. */
export function standingRefusal(
  terms: CouponTerms,
  currency: string,
  at: Date,
): CouponRefusal | undefined {
  if (!terms.isActive) return { reason: 'inactive' }
  if (terms.startsAt && at < terms.startsAt)
    return { reason: 'not_started', startsAt: terms.startsAt }
  if (terms.endsAt && at >= terms.endsAt) return { reason: 'ended', endsAt: terms.endsAt }
  const { reduction } = terms
  if ('currency' in reduction && reduction.currency !== currency)
    return { reason: 'other_currency' }
  return undefined
}

/** What comes off an amount, in minor units: at most all of it; a share is rounded half up. */
export function takenOff(reduction: Reduction, amountMinor: number): number {
  return 'basisPoints' in reduction
    ? Number((BigInt(amountMinor) * BigInt(reduction.basisPoints) + 5_000n) / 10_000n)
    : Math.min(reduction.amountMinor, amountMinor)
}

function isCovered(terms: CouponTerms, line: CoverableLine): boolean {
  return (
    terms.productIds === undefined ||
    terms.productIds.includes(line.productId) ||
    (line.bundleId !== undefined && terms.productIds.includes(line.bundleId))
  )
}

/** The form in which codes are kept and compared; undefined for what cannot be one. */
export function canonicalCode(typed: string): string | undefined {
  const code = typed
    .normalize('NFKC')
    .replace(/[\s\u2010-\u2015_]+/g, (signs) => (signs.trim() === '' ? '' : '-'))
    .toUpperCase()
  return /^[A-Z0-9][A-Z0-9-]{1,39}$/.test(code) ? code : undefined
}
