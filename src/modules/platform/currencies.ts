// Currencies as Stripe counts them. Intl cannot be asked: by its data forint, rupiah or dinar have no smaller unit,
// while Stripe takes them in hundredths, and a price would come out a hundred times too small.
// Source: docs.stripe.com/currencies, "Presentment currencies", "Zero-decimal", "Three-decimal", "Special cases".

const hundredths =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ZAR ZMW'
const wholes = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'
const thousandths = 'BHD JOD KWD OMR TND'

const digitsOf: ReadonlyMap<string, number> = new Map([
  ...hundredths.split(' ').map((code) => [code, 2] as const),
  ...wholes.split(' ').map((code) => [code, 0] as const),
  ...thousandths.split(' ').map((code) => [code, 3] as const),
])

/** Whether cards can be charged in it. ISO 4217, upper case. UGX is not: sources disagree on what Stripe takes for a shilling. */
export function isChargeable(currency: string): boolean {
  return digitsOf.has(currency)
}

/** Digits of the smallest unit, in which all amounts are stored: 2 for EUR and HUF, 0 for JPY, 3 for BHD. */
export function minorDigits(currency: string): number {
  return digitsOf.get(currency) ?? 2
}

/** Digits that people write when there is nothing smaller to tell: 2 for EUR, none for HUF. Never more than minorDigits. */
export function writtenDigits(currency: string): number {
  let digits = writtenOf.get(currency)
  if (digits === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    digits = Math.min(
      minorDigits(currency),
      format.resolvedOptions().maximumFractionDigits ?? minorDigits(currency),
    )
    writtenOf.set(currency, digits)
  }
  return digits
}

/** Asking Intl takes longer than all else about a price. There are as many currencies as there are words of three letters at most. */
const writtenOf = new Map<string, number>()

/** Amounts must be multiples of this, in minor units: Stripe refuses fractions of a króna, and the last of three digits must be 0. */
export function chargeStepMinor(currency: string): number {
  if (currency === 'ISK') return 100
  return minorDigits(currency) === 3 ? 10 : 1
}
