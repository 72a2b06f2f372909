import { minorDigits, writtenDigits } from './currencies.ts'

/** An amount of money: whole minor units (cents; yen where a currency has none) of one currency. */
export interface Money {
  readonly minor: number
  /** ISO 4217, upper case. */
  readonly currency: string
}

const formats = new Map<string, Intl.NumberFormat>()

/** Writes an amount for people, e.g. "€1,234.50", "HUF 5,000". locale: BCP 47. Every minor unit there is is told. */
export function formatMoney(money: Money, locale = 'en'): string {
  const digits = digitsToWrite(money)
  const key = `${locale} ${money.currency} ${digits}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: money.currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
    formats.set(key, format)
  }
  return format.format(money.minor / 10 ** minorDigits(money.currency))
}

function digitsToWrite({ minor, currency }: Money): number {
  const written = writtenDigits(currency)
  const all = minorDigits(currency)
  return minor % 10 ** (all - written) === 0 ? written : all
}

/** Writes the bare number for a form field, always with a dot and all its digits: 1234 EUR minor -> "12.34". */
export function moneyToInput(money: Money): string {
  return (money.minor / 10 ** minorDigits(money.currency)).toFixed(digitsToWrite(money))
}

export type ParsedAmount =
  | { readonly ok: true; readonly minor: number }
  | {
      readonly ok: false
      readonly reason: 'empty' | 'not_a_number' | 'too_many_digits' | 'ambiguous' | 'too_large'
    }

/** The most a price may be, in minor units: what Stripe takes (eight digits). */
export const largestAmountMinor = 99_999_999

/**
 * Reads what a person typed as an amount: "12", "12.5", "12,50", "1 234,50", "1,234.50".
 * One separator followed by exactly three digits could mean either ("1,234") and is refused as ambiguous
 * rather than guessed; so are signs, exponents and anything that is not a digit or separator.
 */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const digits = minorDigits(currency)
  const compact = text
    .trim()
    .replace(/[\s\u00a0\u202f'’]/g, '')
    // ".99" is what is left when the zero before it was typed over.
    .replace(/^(?=[.,]\d)/, '0')
  if (compact === '') return { ok: false, reason: 'empty' }
  if (!/^\d[\d.,]*$/.test(compact)) return { ok: false, reason: 'not_a_number' }
  const separators = compact.replace(/\d/g, '')
  const kinds = new Set(separators)
  let whole = compact
  let fraction = ''
  if (kinds.size === 2) {
    const decimal = separators.at(-1) ?? ''
    if (separators.indexOf(decimal) !== separators.length - 1)
      return { ok: false, reason: 'not_a_number' }
    const at = compact.lastIndexOf(decimal)
    whole = compact.slice(0, at)
    fraction = compact.slice(at + 1)
    if (!/^\d{1,3}([.,]\d{3})+$/.test(whole)) return { ok: false, reason: 'not_a_number' }
  } else if (separators.length > 1) {
    if (!/^\d{1,3}([.,]\d{3})+$/.test(compact)) return { ok: false, reason: 'not_a_number' }
  } else if (separators.length === 1) {
    const at = compact.indexOf(separators)
    const after = compact.slice(at + 1)
    if (after.length === 3 && digits !== 3 && at <= 3 && !compact.startsWith('0'))
      return { ok: false, reason: 'ambiguous' }
    whole = compact.slice(0, at)
    fraction = after
  }
  if (fraction.length > digits) return { ok: false, reason: 'too_many_digits' }
  const wholeDigits = whole.replace(/\D/g, '')
  if (wholeDigits.length > 12) return { ok: false, reason: 'too_large' }
  const minor = Number(wholeDigits) * 10 ** digits + Number(fraction.padEnd(digits, '0') || '0')
  return minor > largestAmountMinor ? { ok: false, reason: 'too_large' } : { ok: true, minor }
}

/** The part of an inclusive price that is tax, rounded half up. basisPoints: 1900 = 19 %. */
export function includedTaxMinor(totalMinor: number, basisPoints: number): number {
  return Math.floor(
    (totalMinor * basisPoints + (10_000 + basisPoints) / 2) / (10_000 + basisPoints),
  )
}

/**
 * Shares an amount out by weights, whole minor units, to the last one: the largest remainders get what rounding left over,
 * the first of equals first. Weights are whole and not negative; all zero means equal shares.
 */
export function shareOut(totalMinor: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return []
  const isEven = weights.every((weight) => weight === 0)
  const parts = weights.map((weight) => BigInt(isEven ? 1 : weight))
  const sum = parts.reduce((total, part) => total + part, 0n)
  const total = BigInt(totalMinor)
  const shares = parts.map((part, at) => ({
    at,
    minor: (total * part) / sum,
    left: (total * part) % sum,
  }))
  let rest = total - shares.reduce((given, share) => given + share.minor, 0n)
  for (const share of shares.toSorted((one, other) =>
    one.left === other.left ? one.at - other.at : one.left > other.left ? -1 : 1,
  )) {
    if (rest === 0n) break
    share.minor += 1n
    rest -= 1n
  }
  return shares.map((share) => Number(share.minor))
}
