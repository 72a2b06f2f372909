import { chargeStepMinor, writtenDigits } from '#modules/platform/currencies.ts'
import { chargeProblem, smallestPriceMinor } from '#modules/catalog/price-rules.ts'
import {
  formatMoney,
  largestAmountMinor,
  moneyToInput,
  parseAmount,
} from '#modules/platform/money.ts'

/** What stands in the field, and whether its separator is one that the field has put there. */
export interface PriceField {
  readonly text: string
  /** Digits fill in from the right; false = somebody types a decimal number. */
  readonly fills: boolean
}

export const emptyPriceField: PriceField = { text: '', fills: true }

/** The field of an amount that is known. */
export function priceFieldOf(minor: number, currency: string): PriceField {
  return { text: moneyToInput({ minor, currency }), fills: true }
}

/** The field as a page opens it with what was typed before: what looks as the field itself writes it goes on filling in. */
export function openedPrice(text: string, currency: string): PriceField {
  const digits = writtenDigits(currency)
  const isOwn = digits === 0 ? /^\d*$/ : new RegExp(`^(\\d+\\.\\d{${digits}})?$`)
  return { text, fills: isOwn.test(text) }
}

/** Longer texts are no amounts. */
const longest = 30

/**
 * What the field becomes when somebody changed it to `text`, by a key, by deleting or by pasting. Digits alone fill in from the
 * right: 1, 2, 3, 4 become 0.01, 0.12, 1.23, 12.34. As soon as a separator is typed or pasted it is a decimal number,
 * and stays as it was typed until the field is left; 1, 2 and a point are 12 and a point. When no separator is left, digits fill in again.
 * Currencies that are written without decimals have nothing to fill in.
 */
export function typedPrice(before: PriceField, text: string, currency: string): PriceField {
  const digits = writtenDigits(currency)
  const typed = text.slice(0, longest)
  const own = before.fills && digits > 0 ? withoutOwnSeparator(before.text, typed) : typed
  if (!/^\d*$/.test(own)) return { text: own, fills: false }
  // The first zero stays, for who goes on with a point; deleting what is left of 0.01 leaves nothing.
  const isFirst = before.text === '' && own !== ''
  const isNothing = /^0*$/.test(own) && own.length <= digits && !isFirst
  return { text: isNothing ? '' : filledIn(own, digits), fills: true }
}

/** Digits, filled in from the right: "1" is 0.01, "1234" is 12.34. */
function filledIn(typed: string, digits: number): string {
  const all = typed.replace(/^0+/, '').padStart(digits + 1, '0')
  return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
}

/** The text less the separator that the field itself had put into the former one. */
function withoutOwnSeparator(former: string, text: string): string {
  const at = former.indexOf('.')
  if (at === -1) return text
  let head = 0
  while (head < former.length && head < text.length && former[head] === text[head]) head++
  let tail = 0
  while (
    tail < former.length - head &&
    tail < text.length - head &&
    former[former.length - 1 - tail] === text[text.length - 1 - tail]
  )
    tail++
  // The separator stands in what was not changed, before or behind the change; else it is gone already.
  const stands =
    at < head ? at : at >= former.length - tail ? text.length - (former.length - at) : -1
  if (stands === -1) return text
  const without = `${text.slice(0, stands)}${text.slice(stands + 1)}`
  // "0.12" and a point: the zero is the field's own too, as it was never typed.
  return /\D/.test(without) ? without.replace(/^0+(?=\d)/, '') : without
}

export type LeftPrice =
  | { readonly ok: true; readonly field: PriceField; readonly minor: number }
  | { readonly ok: false; readonly words: string }

/**
 * What the field becomes when it is left, or when something was pasted over all of it: 12.5 becomes 12.50. Not ok: it stays as
 * it is, and the words stand beside it.
 */
export function leftPrice(field: PriceField, currency: string): LeftPrice {
  const read = readPlanPrice(
    field.fills && writtenDigits(currency) > 0 && /^\d+$/.test(field.text)
      ? filledIn(field.text, writtenDigits(currency))
      : field.text,
    currency,
  )
  return read.ok ? { ...read, field: priceFieldOf(read.minor, currency) } : read
}

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
  const typed = text.trim()
  // ".99" is what is left when the zero before it was typed over.
  const compact = /^[.,]\d/.test(typed) ? `0${typed}` : typed
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
