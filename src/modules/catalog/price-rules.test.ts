import { expect, test } from 'vitest'
import { priceProblemWords, readPrice, smallestPriceMinor } from './price-rules.ts'

test.each([
  ['EUR', 50],
  ['GBP', 30],
  ['JPY', 50],
  ['SEK', 300],
  ['BHD', 500],
  ['XXX', 50],
])('the least price in %s is %i minor units', (currency, minor) => {
  expect(smallestPriceMinor(currency)).toBe(minor)
})

test.each([
  ['12', 'EUR', 1200],
  ['12,5', 'EUR', 1250],
  ['1 234,50', 'EUR', 123450],
  ['0.50', 'EUR', 50],
  ['500', 'JPY', 500],
  ['1.500', 'BHD', 1500],
  ['5000', 'HUF', 500_000],
  ['150000', 'IDR', 15_000_000],
  ['1200', 'ISK', 120_000],
])('%j in %s is taken', (text, currency, minor) => {
  expect(readPrice(text, currency)).toEqual({ ok: true, price: { minor, currency } })
})

test.each([
  ['', 'EUR', 'empty'],
  ['free', 'EUR', 'not_a_number'],
  ['-5', 'EUR', 'not_a_number'],
  ['1e3', 'EUR', 'not_a_number'],
  ['0', 'EUR', 'too_small'],
  ['0.49', 'EUR', 'too_small'],
  ['1,234', 'EUR', 'ambiguous'],
  ['12.345', 'JPY', 'ambiguous'],
  ['12.5', 'JPY', 'too_many_digits'],
  ['12.3456', 'EUR', 'too_many_digits'],
  ['1000000', 'EUR', 'too_large'],
  ['1.501', 'BHD', 'not_chargeable'],
  ['1200.50', 'ISK', 'not_chargeable'],
  ['170', 'HUF', 'too_small'],
] as const)('%j in %s is refused: %s', (text, currency, reason) => {
  expect(readPrice(text, currency)).toEqual({ ok: false, reason })
  expect(priceProblemWords(reason, currency)).toMatch(/^[A-Z].+\.$/)
})

test('the owner is told the least amount in the shop’s currency', () => {
  expect(priceProblemWords('too_small', 'GBP')).toContain('£0.30')
})
