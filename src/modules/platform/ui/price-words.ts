import { minorDigits } from '../currencies.ts'
import type { Money } from '../money.ts'

const formats = new Map<string, Intl.NumberFormat>()

/** A price with what makes it less than certain: "Free", "From €5", "Pay what you want". */
export function offerWords(price: Money & { readonly isOpen: boolean }, locale = 'en'): string {
  if (price.isOpen)
    return price.minor === 0 ? 'Pay what you want' : `From ${priceWords(price, locale)}`
  return price.minor === 0 ? 'Free' : priceWords(price, locale)
}

/** A price as a shop writes it: "€12", "€12.50". Sums and receipts use formatMoney, which always says the cents. */
export function priceWords(money: Money, locale = 'en'): string {
  const key = `${locale} ${money.currency}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: money.currency,
      minimumFractionDigits: minorDigits(money.currency),
      maximumFractionDigits: minorDigits(money.currency),
      trailingZeroDisplay: 'stripIfInteger',
    })
    formats.set(key, format)
  }
  return format.format(money.minor / 10 ** minorDigits(money.currency))
}
