import { writtenDigits } from '../currencies.ts'
import { moneyToInput, parseAmount } from '../money.ts'

/** What stands in the field of an amount, and whether its separator is one that the field has put there. */
export interface TypedAmount {
  readonly text: string
  /** Digits fill in from the right, as on a till; false = somebody types a decimal number. */
  readonly fills: boolean
}

/** The field of an amount that is known. */
export function amountField(minor: number, currency: string): TypedAmount {
  return { text: moneyToInput({ minor, currency }), fills: true }
}

/** The field as a page opens it with what was typed before: what looks as the field itself writes it goes on filling in. */
export function openedAmount(text: string, currency: string): TypedAmount {
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
export function typedAmount(before: TypedAmount, text: string, currency: string): TypedAmount {
  const digits = writtenDigits(currency)
  const typed = text.slice(0, longest)
  const own = before.fills && digits > 0 ? withoutOwnSeparator(before.text, typed) : typed
  if (!/^\d*$/.test(own)) return { text: own, fills: false }
  // The first zero stays, for who goes on with a point; deleting what is left of 0.01 leaves nothing.
  const isFirst = before.text === '' && own !== ''
  const isNothing = /^0*$/.test(own) && own.length <= digits && !isFirst
  return { text: isNothing ? '' : filledIn(own, digits), fills: true }
}

/** Digits, filled in from the right: "1" is 0.01, "1234" is 12.34 where `digits` is 2. */
export function filledIn(typed: string, digits: number): string {
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

/** Reads an amount as the form's server does. words: what is wrong with it, where the field itself should say so. */
export type ReadAmount = (
  text: string,
  currency: string,
) => { readonly ok: true; readonly minor: number } | { readonly ok: false; readonly words?: string }

export type LeftAmount =
  | { readonly ok: true; readonly field: TypedAmount; readonly minor: number }
  | { readonly ok: false; readonly words?: string }

/**
 * What the field becomes when it is left: 12.5 becomes 12.50. Not ok: it stays as it is, and the words, if there are any, stand
 * beside it; otherwise the server says them.
 */
export function leftAmount(
  field: TypedAmount,
  currency: string,
  read: ReadAmount = readAnyAmount,
): LeftAmount {
  const digits = writtenDigits(currency)
  const isBare = field.fills && digits > 0 && /^\d+$/.test(field.text)
  const amount = read(isBare ? filledIn(field.text, digits) : field.text, currency)
  return amount.ok ? { ...amount, field: amountField(amount.minor, currency) } : amount
}

const readAnyAmount: ReadAmount = (text, currency) => {
  const read = parseAmount(text, currency)
  return read.ok ? read : { ok: false }
}
