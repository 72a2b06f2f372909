import { chargeStepMinor, writtenDigits } from '#modules/platform/currencies.ts'
import { chargeProblem, smallestPriceMinor } from '#modules/catalog/price-rules.ts'
import { formatMoney, largestAmountMinor, parseAmount } from '#modules/platform/money.ts'
import { filledIn } from '#modules/platform/ui/money-typing.ts'

/** Longer texts are no prices. */
const longest = 30

export type ReadPlanPrice =
  | { readonly ok: true; readonly minor: number }
  | { readonly ok: false; readonly words: string }

/**
 * Reads a plan's price as it was sent, anew and without believing the field: never by guess. Digits without a separator could be
 * 12.34 or 1234 and are refused, in currencies that have decimals.
 */
export function readPlanPrice(text: string, currency: string, locale = 'en'): ReadPlanPrice {
  const digits = writtenDigits(currency)
  const money = (minor: number) => formatMoney({ minor, currency }, locale)
  const refused = (words: string) => ({ ok: false, words }) as const
  const example = digits === 0 ? '1200' : `12.${'50'.padEnd(digits, '0')}`
  const compact = text.trim()
  if (compact === '') return refused('Type a price.')
  if (compact.length > longest) return refused(`Type a price in digits, such as ${example}.`)
  const bare = compact.replace(/[\s'’]/g, '')
  if (digits > 0 && /^\d+$/.test(bare))
    return refused(
      `That could be ${filledIn(bare, digits)} or ${bare}.${'0'.repeat(digits)}: write it with its decimals.`,
    )
  if (digits === 0 && /[.,]\d{1,2}$/.test(compact))
    return refused(`${currency} prices are written without decimals, such as ${example}.`)
  const read = parseAmount(compact, currency)
  if (!read.ok) {
    switch (read.reason) {
      case 'empty':
        return refused('Type a price.')
      case 'not_a_number':
        return refused(`Type a price in digits, such as ${example}.`)
      case 'too_many_digits':
        return refused(`${currency} has ${digits} digits after the point.`)
      case 'ambiguous':
        return refused(
          digits === 0
            ? 'Is the mark in it one of thousands? Write the price without it.'
            : 'Is the mark in it a decimal one or one of thousands? Write the price with all its decimals, and nothing between thousands.',
        )
      case 'too_large':
        return refused(`A price can be ${money(largestAmountMinor)} at most.`)
    }
  }
  if (read.minor === 0 || chargeProblem(read.minor, currency) === 'too_small')
    return refused(
      `A card payment needs at least ${money(smallestPriceMinor(currency))}; Stripe refuses less.`,
    )
  if (chargeProblem(read.minor, currency) === 'not_chargeable')
    return refused(`Stripe takes ${currency} in steps of ${money(chargeStepMinor(currency))}.`)
  return { ok: true, minor: read.minor }
}
