import { expect, it } from 'vitest'
import { offerWords, priceWords } from './price-words.ts'

it.each([
  [1200, 'EUR', 'en', '€12'],
  [1250, 'EUR', 'en', '€12.50'],
  [123450, 'EUR', 'en', '€1,234.50'],
  [1200, 'EUR', 'de', '12\u00a0€'],
  [1200, 'JPY', 'en', '¥1,200'],
  [1250, 'BHD', 'en', 'BHD\u00a01.250'],
])('a price of %i minor %s is written in %s as %s', (minor, currency, locale, words) =>
  expect(priceWords({ minor, currency }, locale)).toBe(words),
)

it.each([
  [0, false, 'Free'],
  [0, true, 'Pay what you want'],
  [500, true, 'From €5'],
  [500, false, '€5'],
])('an offer of %i, open: %s, is told as %s', (minor, isOpen, words) =>
  expect(offerWords({ minor, currency: 'EUR', isOpen })).toBe(words),
)
