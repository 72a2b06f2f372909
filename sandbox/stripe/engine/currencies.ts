import { invalidRequest } from '../api-error.ts'

/** Presentment currencies, with the digits after the point (docs.stripe.com/currencies). */
const DIGITS: Readonly<Record<string, number>> = {
  ...fromList(
    2,
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer zar zmw',
  ),
  ...fromList(0, 'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'),
  ...fromList(3, 'bhd jod kwd omr tnd'),
}

/** Least amount of one charge in minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const MINIMUM: Readonly<Record<string, number>> = {
  usd: 50,
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
}

const MAXIMUM = 99_999_999

function fromList(digits: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, digits]))
}

/** A currency parameter in lower case; ApiError 400 when Stripe does not know it. */
export function currencyOf(given: string, param: string): string {
  const currency = given.toLowerCase()
  if (DIGITS[currency] === undefined)
    throw invalidRequest(
      `Invalid currency: ${given}. Stripe currently supports these currencies: ${Object.keys(DIGITS).join(', ')}`,
      { param },
    )
  return currency
}

/**
 * What amounts of a currency must be divisible by, in minor units. The króna has no fractions any
 * more and is still counted in hundredths (docs.stripe.com/currencies#special-cases).
 */
export function smallestStep(currency: string): number {
  return currency === 'isk' ? 100 : 1
}

/** The least that can be charged in one go, in minor units. */
export function leastCharge(currency: string): number {
  return MINIMUM[currency] ?? 1
}

/** Refuses what cannot be charged in one go; `amount` in minor units. */
export function checkChargeable(amount: number, currency: string, param: string): void {
  const least = leastCharge(currency)
  if (amount < least)
    throw invalidRequest(
      `Amount must be at least ${formatMoney(least, currency)}. You supplied ${formatMoney(amount, currency)}.`,
      { code: 'amount_too_small', param },
    )
  if (amount % smallestStep(currency) !== 0)
    throw invalidRequest(
      'Invalid amount. Currency ISK has become effectively zero-decimal and charged amounts must be evenly divisible by 100.',
      { code: 'invalid_charge_amount_no_decimal_compatible', param },
    )
  if (amount > MAXIMUM)
    throw invalidRequest(`Amount must be no more than ${formatMoney(MAXIMUM, currency)}`, {
      code: 'amount_too_large',
      param,
    })
}

/** Minor units as people type them: `12.50`, `500`. */
export function plainMoney(amount: number, currency: string): string {
  const digits = DIGITS[currency] ?? 2
  return (amount / 10 ** digits).toFixed(digits)
}

/** `12.50`, `12,5` or `12` in minor units; undefined when it is no amount of the currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = DIGITS[currency] ?? 2
  const [, whole, fraction = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text) ?? []
  if (whole === undefined || fraction.length > digits) return undefined
  return Number(whole + fraction.padEnd(digits, '0'))
}

/** Minor units as people read them: `$12.50`, `¥500`, `€9.00`. */
export function formatMoney(amount: number, currency: string): string {
  const digits = DIGITS[currency] ?? 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits)
}
