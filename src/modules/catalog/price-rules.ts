import { chargeStepMinor, minorDigits } from '#modules/platform/currencies.ts'
import { formatMoney, parseAmount } from '#modules/platform/money.ts'
import type { OfferedPrice } from './types.ts'

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
  | 'below_least'

/** What the owner typed. */
export interface TypedPrice {
  readonly amount: string
  /** The buyer pays what they want, from the amount on. */
  readonly isOpen: boolean
  /** What stands in the buyer's field at first; '' = the amount. */
  readonly suggested: string
}

/** A price that is what it is. */
export function fixed(amount: string): TypedPrice {
  return { amount, isOpen: false, suggested: '' }
}

export type ReadPrice =
  | { readonly ok: true; readonly price: Omit<OfferedPrice, 'id'> }
  | { readonly ok: false; readonly field: 'amount' | 'suggested'; readonly reason: PriceProblem }

/**
 * Reads what the owner typed as a price, in the shop's currency. Never guesses: see parseAmount. 0 is a price too: then
 * nothing is paid and Stripe is not asked.
 */
export function readPrice(typed: TypedPrice, currency: string): ReadPrice {
  const amount = readAmount(typed.amount, currency)
  if (!amount.ok) return { ...amount, field: 'amount' }
  const price = { minor: amount.minor, currency, isOpen: typed.isOpen }
  if (!typed.isOpen || typed.suggested.trim() === '')
    return { ok: true, price: { ...price, suggestedMinor: undefined } }
  const suggested = readAmount(typed.suggested, currency)
  if (!suggested.ok) return { ...suggested, field: 'suggested' }
  if (suggested.minor < amount.minor)
    return { ok: false, field: 'suggested', reason: 'below_least' }
  return { ok: true, price: { ...price, suggestedMinor: suggested.minor } }
}

export type ReadAmount =
  | { readonly ok: true; readonly minor: number }
  | { readonly ok: false; readonly reason: PriceProblem }

/** Reads an amount that is nothing, or something a card can be charged. */
export function readAmount(text: string, currency: string): ReadAmount {
  const amount = parseAmount(text, currency)
  if (!amount.ok) return amount
  const reason = chargeProblem(amount.minor, currency)
  return reason === undefined ? amount : { ok: false, reason }
}

/** Why a card cannot be charged this sum; undefined when it can, and for nothing at all. */
export function chargeProblem(
  minor: number,
  currency: string,
): 'too_small' | 'not_chargeable' | undefined {
  if (minor === 0) return undefined
  if (minor < smallestPriceMinor(currency)) return 'too_small'
  return minor % chargeStepMinor(currency) === 0 ? undefined : 'not_chargeable'
}

/** Reads what a buyer wants to pay for a price that is open. */
export function readChosen(
  text: string,
  price: Pick<OfferedPrice, 'minor' | 'currency'>,
): ReadAmount {
  const amount = readAmount(text, price.currency)
  if (!amount.ok) return amount
  return amount.minor < price.minor ? { ok: false, reason: 'below_least' } : amount
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
      return `A card payment needs at least ${formatMoney({ minor: smallestPriceMinor(currency), currency }, locale)}; Stripe refuses less. 0 makes it free.`
    case 'below_least':
      return 'That is less than the least price.'
    case 'not_chargeable':
      return chargeStepMinor(currency) === 100
        ? `Type a whole number: cards are not charged fractions of ${currency}.`
        : `Amounts in ${currency} must end in 0; Stripe refuses others.`
  }
}
