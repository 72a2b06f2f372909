import { chargeStepMinor, minorDigits } from '#modules/platform/currencies.ts'
import { formatMoney, parseAmount, type Money } from '#modules/platform/money.ts'

/**
 * The least a card can be charged, where it is not 0.50 of the currency. Below it Stripe refuses the payment, so a
 * lower price could be shown but never be paid.
 * Source: docs.stripe.com/currencies, "Minimum and maximum charge amounts".
 */
const smallest: Readonly<Record<string, number>> = {
  AED: 200,
  BGN: 100,
  CZK: 1500,
  DKK: 250,
  GBP: 30,
  HKD: 400,
  HUF: 17500,
  JPY: 50,
  MXN: 1000,
  MYR: 200,
  NOK: 300,
  PLN: 200,
  RON: 200,
  SEK: 300,
  THB: 1000,
}

/** The least a product may cost, in minor units of the currency. */
export function smallestPriceMinor(currency: string): number {
  return smallest[currency] ?? 5 * 10 ** Math.max(1, minorDigits(currency) - 1)
}

export type PriceProblem =
  | 'empty'
  | 'not_a_number'
  | 'too_many_digits'
  | 'ambiguous'
  | 'too_large'
  | 'too_small'
  | 'not_chargeable'

export type ReadPrice =
  | { readonly ok: true; readonly price: Money }
  | { readonly ok: false; readonly reason: PriceProblem }

/** Reads what the owner typed as a price, in the shop's currency. Never guesses: see parseAmount. */
export function readPrice(text: string, currency: string): ReadPrice {
  const amount = parseAmount(text, currency)
  if (!amount.ok) return amount
  if (amount.minor < smallestPriceMinor(currency)) return { ok: false, reason: 'too_small' }
  if (amount.minor % chargeStepMinor(currency) !== 0) return { ok: false, reason: 'not_chargeable' }
  return { ok: true, price: { minor: amount.minor, currency } }
}

/** What the owner is told beside the field. */
export function priceProblemWords(reason: PriceProblem, currency: string, locale = 'en'): string {
  switch (reason) {
    case 'empty':
      return 'Type a price.'
    case 'not_a_number':
      return 'Type a price in digits, such as 12 or 12.50.'
    case 'too_many_digits':
      return minorDigits(currency) === 0
        ? `${currency} has no smaller unit: type a whole number.`
        : `${currency} has ${minorDigits(currency)} digits after the point.`
    case 'ambiguous':
      return 'This could be read in two ways. Write 1234 or 1.23 instead.'
    case 'too_large':
      return 'That is more than a card can be charged at once.'
    case 'too_small':
      return `A card payment needs at least ${formatMoney({ minor: smallestPriceMinor(currency), currency }, locale)}; Stripe refuses less.`
    case 'not_chargeable':
      return chargeStepMinor(currency) === 100
        ? `Type a whole number: cards are not charged fractions of ${currency}.`
        : `Amounts in ${currency} must end in 0; Stripe refuses others.`
  }
}
