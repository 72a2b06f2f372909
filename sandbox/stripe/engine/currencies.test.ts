import { expect, it } from 'vitest'
import { checkChargeable, currencyOf, formatMoney, parseMoney, plainMoney } from './currencies.ts'

it.each([
  [1250, 'usd', '$12.50'],
  [900, 'eur', '€9.00'],
  [500, 'jpy', '¥500'],
  [1234, 'kwd', 'KWD 1.234'],
  [0, 'gbp', '£0.00'],
  [123456789, 'eur', '€1,234,567.89'],
])('%d minor units of %s read %s', (amount, currency, text) => {
  expect(formatMoney(amount, currency).replaceAll(/\s/g, ' ')).toBe(text)
})

it('a currency is known in whatever case, or refused', () => {
  expect(currencyOf('EUR', 'currency')).toBe('eur')
  expect(() => currencyOf('doge', 'currency')).toThrow('Invalid currency: doge')
})

it.each([
  [50, 'usd', true],
  [49, 'usd', false],
  [29, 'gbp', false],
  [30, 'gbp', true],
  [49, 'jpy', false],
  [1, 'isk', false],
  [100, 'isk', true],
  [150, 'isk', false],
  [0, 'isk', false],
  [99_999_999, 'usd', true],
  [100_000_000, 'usd', false],
])('%d of %s can be charged: %s', (amount, currency, can) => {
  const check = (): void => checkChargeable(amount, currency, 'amount')
  if (can) expect(check).not.toThrow()
  else expect(check).toThrow(/Amount must be|Invalid amount/)
})

it.each([
  ['12.50', 'eur', 1_250],
  ['12,5', 'eur', 1_250],
  ['12', 'eur', 1_200],
  ['500', 'jpy', 500],
  ['1.234', 'kwd', 1_234],
  ['0', 'eur', 0],
  ['1.234', 'eur', undefined],
  ['1.5', 'jpy', undefined],
  ['-1', 'eur', undefined],
  ['1e3', 'eur', undefined],
  ['', 'eur', undefined],
])('%j typed for %s is %s', (text, currency, amount) => {
  expect(parseMoney(text, currency)).toBe(amount)
  if (amount !== undefined) expect(parseMoney(plainMoney(amount, currency), currency)).toBe(amount)
})
