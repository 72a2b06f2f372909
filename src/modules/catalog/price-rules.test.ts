import { expect, test } from 'vitest'
import {
  fixed,
  priceProblemWords,
  readChosen,
  readPrice,
  smallestPriceMinor,
} from './price-rules.ts'

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
  ['0', 'EUR', 0],
])('%j in %s is taken', (text, currency, minor) => {
  expect(readPrice(fixed(text), currency)).toEqual({
    ok: true,
    price: { minor, currency, isOpen: false, suggestedMinor: undefined },
  })
})

test.each([
  ['', 'EUR', 'empty'],
  ['free', 'EUR', 'not_a_number'],
  ['-5', 'EUR', 'not_a_number'],
  ['1e3', 'EUR', 'not_a_number'],
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
  expect(readPrice(fixed(text), currency)).toEqual({ ok: false, field: 'amount', reason })
  expect(priceProblemWords(reason, currency)).toMatch(/^[A-Z].+\.$/)
})

test('the owner is told the least amount in the shop’s currency', () => {
  expect(priceProblemWords('too_small', 'GBP')).toContain('£0.30')
})

test('a price may be open: the least, and what is suggested above it', () => {
  expect(readPrice({ amount: '5', isOpen: true, suggested: '12' }, 'EUR')).toEqual({
    ok: true,
    price: { minor: 500, currency: 'EUR', isOpen: true, suggestedMinor: 1200 },
  })
  expect(readPrice({ amount: '0', isOpen: true, suggested: '' }, 'EUR')).toMatchObject({
    price: { minor: 0, isOpen: true, suggestedMinor: undefined },
  })
  expect(readPrice({ amount: '5', isOpen: true, suggested: '4' }, 'EUR')).toEqual({
    ok: false,
    field: 'suggested',
    reason: 'below_least',
  })
  // What stands in a field that is not shown means nothing.
  expect(readPrice({ amount: '5', isOpen: false, suggested: 'x' }, 'EUR').ok).toBe(true)
})

test('a buyer pays at least the least, nothing only where nothing is the least, and what a card can be charged [commerce 31]', () => {
  const least = (minor: number) => ({ minor, currency: 'EUR' })
  expect(readChosen('4.99', least(500))).toEqual({ ok: false, reason: 'below_least' })
  expect(readChosen('5', least(500))).toEqual({ ok: true, minor: 500 })
  expect(readChosen('0', least(500))).toEqual({ ok: false, reason: 'below_least' })
  expect(readChosen('0', least(0))).toEqual({ ok: true, minor: 0 })
  expect(readChosen('0.20', least(0))).toEqual({ ok: false, reason: 'too_small' })
  expect(readChosen('-5', least(0))).toEqual({ ok: false, reason: 'not_a_number' })
  expect(readChosen('', least(0))).toEqual({ ok: false, reason: 'empty' })
})
