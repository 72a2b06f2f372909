import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chargeStepMinor, isChargeable, minorDigits, writtenDigits } from './currencies.ts'
import { formatMoney, includedTaxMinor, moneyToInput, parseAmount, shareOut } from './money.ts'

const currencies = ['EUR', 'USD', 'HUF', 'IDR', 'COP', 'RSD', 'ISK', 'JPY', 'KRW', 'BHD', 'MGA']

describe('the smallest unit', () => {
  test.each([
    ['EUR', 2, 2],
    ['HUF', 2, 0],
    ['IDR', 2, 0],
    ['ISK', 2, 0],
    ['TWD', 2, 2],
    ['JPY', 0, 0],
    ['MGA', 0, 0],
    ['BHD', 3, 3],
  ])('of %s has %i digits at Stripe, and %i are written', (currency, minor, written) => {
    expect(minorDigits(currency)).toBe(minor)
    expect(writtenDigits(currency)).toBe(written)
  })

  test('what cannot be charged surely is no currency of a shop', () => {
    expect(['EUR', 'ISK', 'BHD'].every(isChargeable)).toBe(true)
    expect(['UGX', 'XXX', 'BTC', 'eur', ''].some(isChargeable)).toBe(false)
  })

  test('amounts that Stripe refuses are known', () => {
    expect([chargeStepMinor('EUR'), chargeStepMinor('ISK'), chargeStepMinor('KWD')]).toEqual([
      1, 100, 10,
    ])
  })
})

test.each([
  [{ minor: 123_450, currency: 'EUR' }, '€1,234.50', '1234.50'],
  [{ minor: 500_000, currency: 'HUF' }, 'HUF 5,000', '5000'],
  [{ minor: 500_050, currency: 'HUF' }, 'HUF 5,000.50', '5000.50'],
  [{ minor: 120_000, currency: 'ISK' }, 'ISK 1,200', '1200'],
  [{ minor: 500, currency: 'JPY' }, '¥500', '500'],
  [{ minor: 1_500, currency: 'BHD' }, 'BHD 1.500', '1.500'],
  [{ minor: 0, currency: 'USD' }, '$0.00', '0.00'],
])('%o is written %s, in a field %s', (money, words, field) => {
  expect(formatMoney(money).replaceAll('\u00a0', ' ')).toBe(words)
  expect(moneyToInput(money)).toBe(field)
})

test('what a field shows is read as the same amount, in every currency', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...currencies),
      fc.integer({ min: 0, max: 99_999_999 }),
      (currency, minor) => {
        expect(parseAmount(moneyToInput({ minor, currency }), currency)).toEqual({
          ok: true,
          minor,
        })
      },
    ),
  )
})

test.each([
  ['12', 'EUR', 1_200],
  ['12,5', 'EUR', 1_250],
  ['1.234,50', 'EUR', 123_450],
  ["1'234.50", 'CHF', 123_450],
  ['5 000', 'HUF', 500_000],
  ['.99', 'EUR', 99],
  [',5', 'EUR', 50],
  ['1,234,567', 'JPY', 1_234_567],
])('%j in %s is %i', (text, currency, minor) => {
  expect(parseAmount(text, currency)).toEqual({ ok: true, minor })
})

test.each([
  ['', 'EUR', 'empty'],
  ['5.000', 'HUF', 'ambiguous'],
  ['1,234', 'EUR', 'ambiguous'],
  ['1.2.3', 'EUR', 'not_a_number'],
  ['1,2,3.4', 'EUR', 'not_a_number'],
  ['-1', 'EUR', 'not_a_number'],
  ['1.5', 'JPY', 'too_many_digits'],
  ['9999999999999', 'EUR', 'too_large'],
])('%j in %s is refused: %s', (text, currency, reason) => {
  expect(parseAmount(text, currency)).toEqual({ ok: false, reason })
})

test('tax that is inside a price is rounded half up and never more than the price', () => {
  expect(includedTaxMinor(11_900, 1_900)).toBe(1_900)
  expect(includedTaxMinor(1, 1_900)).toBe(0)
  expect(includedTaxMinor(1_000, 0)).toBe(0)
  fc.assert(
    fc.property(fc.nat(99_999_999), fc.nat(5_000), (total, rate) => {
      const tax = includedTaxMinor(total, rate)
      // As exact fractions: total * rate / (10000 + rate), at most half a unit away.
      expect(Math.abs(tax * (10_000 + rate) - total * rate) * 2).toBeLessThanOrEqual(10_000 + rate)
      expect(tax).toBeLessThanOrEqual(total)
    }),
  )
})

test('an amount is shared out to the last cent, nearest to each one’s weight', () => {
  expect(shareOut(1000, [1, 1, 1])).toEqual([334, 333, 333])
  expect(shareOut(1000, [0, 0])).toEqual([500, 500])
  expect(shareOut(1, [5, 7])).toEqual([0, 1])
  expect(shareOut(5, [0, 3])).toEqual([0, 5])
  expect(shareOut(5, [])).toEqual([])
  fc.assert(
    fc.property(
      fc.nat(99_999_999),
      fc.array(fc.nat(99_999_999), { minLength: 1, maxLength: 50 }),
      (total, weights) => {
        const shares = shareOut(total, weights)
        const sum = weights.reduce((all, weight) => all + weight, 0)
        expect(shares.reduce((all, share) => all + share, 0)).toBe(total)
        for (const [at, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0)
          if (sum > 0)
            expect(Math.abs(share - (total * (weights[at] ?? 0)) / sum)).toBeLessThan(1.001)
        }
        // Nothing gets more than it weighs when the total is at most the sum: a discount never makes a line negative.
        if (total <= sum)
          for (const [at, share] of shares.entries())
            expect(share).toBeLessThanOrEqual(weights[at] ?? 0)
      },
    ),
  )
})
