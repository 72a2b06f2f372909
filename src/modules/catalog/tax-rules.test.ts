import { expect, test } from 'vitest'
import {
  exactTax,
  percentWords,
  readPercent,
  taxSameEverywhere,
  type TaxRate,
} from './tax-rules.ts'

const rate = (basisPoints: number, of: { product?: string; country?: string } = {}): TaxRate => ({
  id: `${of.product ?? ''}${of.country ?? ''}`,
  productId: of.product,
  country: of.country,
  basisPoints,
  label: 'VAT',
})

const rates = [
  rate(1900),
  rate(2000, { country: 'AT' }),
  rate(700, { product: 'book' }),
  rate(500, { product: 'book', country: 'FR' }),
]

test.each([
  ['poster', undefined, 1900],
  ['poster', 'DE', 1900],
  ['poster', 'AT', 2000],
  ['book', 'AT', 700],
  ['book', 'FR', 500],
  ['book', undefined, 700],
])('a %s sold to %s contains %i', (product, country, basisPoints) => {
  expect(exactTax(rates, product, country)).toEqual({ basisPoints, label: 'VAT' })
})

test('without a fitting rate no tax is told', () => {
  expect(exactTax([], 'book', 'DE')).toBeUndefined()
  expect(exactTax([rate(1900, { country: 'DE' })], 'book', undefined)).toBeUndefined()
})

test('beside a price stands only a tax that every buyer pays', () => {
  expect(taxSameEverywhere([rate(1900)], 'book')).toEqual({ basisPoints: 1900, label: 'VAT' })
  expect(taxSameEverywhere(rates, 'poster')).toBeUndefined()
  expect(taxSameEverywhere(rates.slice(0, 3), 'book')).toEqual({ basisPoints: 700, label: 'VAT' })
  expect(taxSameEverywhere([rate(1900), rate(1900, { country: 'AT' })], 'book')).toEqual({
    basisPoints: 1900,
    label: 'VAT',
  })
  expect(taxSameEverywhere([], 'book')).toBeUndefined()
})

test.each([
  ['19', 1900],
  ['7.7', 770],
  ['8,1 %', 810],
  ['0', 0],
  ['5.55%', 555],
  ['50', 5000],
])('%j is read as %i basis points', (text, basisPoints) => {
  expect(readPercent(text)).toBe(basisPoints)
})

test.each(['', '-1', '51', '19.123', 'nineteen', '1e1', '0x1', '100'])('%j is refused', (text) => {
  expect(readPercent(text)).toBeUndefined()
})

test('a rate is told in per cent', () => {
  expect([1900, 770, 0].map(percentWords)).toEqual(['19 %', '7.7 %', '0 %'])
})
