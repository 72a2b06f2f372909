import { describe, expect, test } from 'vitest'
import { amountField, leftAmount, openedAmount, typedAmount } from './money-typing.ts'

/** Types one key after the other at the end; "<" deletes the last character. */
function type(keys: string, currency: string) {
  const shown: string[] = []
  let field = openedAmount('', currency)
  for (const key of keys) {
    const text = key === '<' ? field.text.slice(0, -1) : field.text + key
    field = typedAmount(field, text, currency)
    shown.push(field.text)
  }
  return { field, shown }
}

describe('typing an amount [commerce 46] [payments 50]', () => {
  test.each([
    ['1234', 'EUR', '0.01 0.12 1.23 12.34'],
    ['1234<<', 'EUR', '0.01 0.12 1.23 12.34 1.23 0.12'],
    ['1<', 'EUR', '0.01 '],
    ['050', 'EUR', '0.00 0.05 0.50'],
    ['12.5', 'EUR', '0.01 0.12 12. 12.5'],
    ['12,5', 'EUR', '0.01 0.12 12, 12,5'],
    ['0.99', 'EUR', '0.00 0. 0.9 0.99'],
    ['12.<<3', 'EUR', '0.01 0.12 12. 0.12 0.01 0.13'],
    ['1234', 'JPY', '1 12 123 1234'],
    ['5000', 'HUF', '5 50 500 5000'],
    ['0<', 'JPY', '0 '],
    ['1234', 'BHD', '0.001 0.012 0.123 1.234'],
  ])('%s in %s shows %s', (keys, currency, shown) => {
    expect(type(keys, currency).shown.join(' ')).toBe(shown)
  })

  test('in the middle counts as well, and deleting the field’s own separator puts it back', () => {
    const field = amountField(1234, 'EUR')
    expect(typedAmount(field, '192.34', 'EUR').text).toBe('192.34')
    expect(typedAmount(field, '12.934', 'EUR').text).toBe('129.34')
    expect(typedAmount(field, '1234', 'EUR').text).toBe('12.34')
    expect(typedAmount(field, '1.2.34', 'EUR')).toEqual({ text: '1.234', fills: false })
    expect(typedAmount(field, '', 'EUR').text).toBe('')
  })

  test('pasted over it, digits fill in and a decimal number is read as one', () => {
    const over = (text: string, currency = 'EUR') =>
      leftAmount(typedAmount(amountField(1234, currency), text, currency), currency)
    expect(over('4321')).toMatchObject({ ok: true, minor: 4321 })
    expect(over('9.5')).toMatchObject({ ok: true, minor: 950 })
    expect(over('.99')).toMatchObject({ ok: true, minor: 99 })
    expect(over('1.234,5')).toMatchObject({ ok: true, minor: 123_450 })
    expect(over('24')).toMatchObject({ ok: true, minor: 24 })
    expect(over('-5.00')).toEqual({ ok: false })
    expect(over('1,234,567', 'JPY')).toMatchObject({ ok: true, minor: 1_234_567 })
  })
})

test('a page that comes back with what was typed goes on from there', () => {
  const typed = (text: string, key: string, currency = 'EUR') =>
    typedAmount(openedAmount(text, currency), text + key, currency).text
  expect(typed('', '5')).toBe('0.05')
  expect(typed('12.34', '5')).toBe('123.45')
  expect(typed('12.5', '0')).toBe('12.50')
  expect(typed('1,2', '5')).toBe('1,25')
  expect(typed('120', '0', 'JPY')).toBe('1200')
})
