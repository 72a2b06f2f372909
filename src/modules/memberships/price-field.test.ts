import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  emptyPriceField,
  leftPrice,
  openedPrice,
  priceFieldOf,
  readPlanPrice,
  typedPrice,
} from './price-field.ts'

/** Types one key after the other at the end; "<" deletes the last character. */
function type(keys: string, currency: string, from = emptyPriceField) {
  const shown: string[] = []
  let field = from
  for (const key of keys) {
    const text = key === '<' ? field.text.slice(0, -1) : field.text + key
    field = typedPrice(field, text, currency)
    shown.push(field.text)
  }
  return { field, shown }
}

const leave = (keys: string, currency: string) => {
  const left = leftPrice(type(keys, currency).field, currency)
  return left.ok ? left.field.text : left.words
}

describe('typing a price [commerce 46] [payments 50]', () => {
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
    const field = priceFieldOf(1234, 'EUR')
    expect(typedPrice(field, '192.34', 'EUR').text).toBe('192.34')
    expect(typedPrice(field, '12.934', 'EUR').text).toBe('129.34')
    expect(typedPrice(field, '1234', 'EUR').text).toBe('12.34')
    expect(typedPrice(field, '1.2.34', 'EUR')).toEqual({ text: '1.234', fills: false })
    expect(typedPrice(field, '', 'EUR').text).toBe('')
  })

  test('pasted over it, digits fill in and a decimal number is read as one', () => {
    const over = (text: string, currency = 'EUR') =>
      leftPrice(typedPrice(priceFieldOf(1234, currency), text, currency), currency)
    expect(over('4321')).toMatchObject({ ok: true, minor: 4321 })
    expect(over('9.5')).toMatchObject({ ok: true, minor: 950 })
    expect(over('.99')).toMatchObject({ ok: true, minor: 99 })
    expect(over('1.234,5')).toMatchObject({ ok: true, minor: 123_450 })
    expect(over('24')).toMatchObject({ ok: false })
    expect(over('1,234,567', 'JPY')).toMatchObject({ ok: true, minor: 1_234_567 })
  })
})

test('a page that comes back with what was typed goes on from there', () => {
  const typed = (text: string, key: string, currency = 'EUR') =>
    typedPrice(openedPrice(text, currency), text + key, currency).text
  expect(typed('', '5')).toBe('0.05')
  expect(typed('12.34', '5')).toBe('123.45')
  expect(typed('12.5', '0')).toBe('12.50')
  expect(typed('1,2', '5')).toBe('1,25')
  expect(typed('120', '0', 'JPY')).toBe('1200')
})

describe('leaving the field', () => {
  test.each([
    ['1234', 'EUR', '12.34'],
    ['12.5', 'EUR', '12.50'],
    ['12.', 'EUR', '12.00'],
    ['0,99', 'EUR', '0.99'],
    ['1.234,5', 'EUR', '1234.50'],
    ['12,500.5', 'USD', '12500.50'],
    ['5000', 'HUF', '5000'],
    ['1.5', 'BHD', '1.500'],
    ['1200', 'ISK', '1200'],
  ])('%s in %s becomes %s', (keys, currency, text) => {
    expect(leave(keys, currency)).toBe(text)
  })

  test.each([
    ['1,234', 'EUR', 'Is the mark in it a decimal one'],
    ['5.000', 'HUF', 'Is the mark in it one of thousands?'],
    ['5000.5', 'HUF', 'HUF prices are written without decimals'],
    ['500,50', 'JPY', 'JPY prices are written without decimals'],
    ['1e3', 'EUR', 'Type a price in digits, such as 12.50.'],
    ['-5.00', 'EUR', 'Type a price in digits'],
    ['1.2.3', 'EUR', 'Type a price in digits'],
    ['12.345', 'EUR', 'Is the mark in it a decimal one'],
    ['12.3456', 'EUR', 'EUR has 2 digits after the point.'],
    ['49', 'EUR', 'A card payment needs at least €0.50; Stripe refuses less.'],
    ['0', 'EUR', 'A card payment needs at least'],
    ['1234', 'BHD', 'Stripe takes BHD in steps of'],
    ['', 'EUR', 'Type a price.'],
    ['1000000.00', 'EUR', 'A price can be €999,999.99 at most.'],
  ])('%s in %s stays as it is, with words', (keys, currency, words) => {
    expect(leave(keys, currency)).toContain(words)
  })
})

describe('the server', () => {
  test('reads what the field sends, whatever the amount and currency', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('EUR', 'JPY', 'HUF', 'BHD', 'ISK'),
        fc.integer({ min: 20, max: 9_999 }),
        (currency, steps) => {
          const minor = steps * { EUR: 7, JPY: 10, HUF: 1000, BHD: 50, ISK: 100 }[currency]
          const sent = priceFieldOf(minor, currency).text
          expect(readPlanPrice(sent, currency)).toEqual({ ok: true, minor })
          // Typed as bare digits it is the same amount.
          expect(type(sent.replace('.', ''), currency).field.text).toBe(sent)
        },
      ),
    )
  })

  test('refuses digits without their decimals rather than guess', () => {
    expect(readPlanPrice('1234', 'EUR')).toEqual({
      ok: false,
      words: 'That could be 12.34 or 1234.00: write it with its decimals.',
    })
    expect(readPlanPrice('1 234', 'EUR').ok).toBe(false)
    expect(readPlanPrice('1234', 'JPY')).toEqual({ ok: true, minor: 1234 })
  })

  test('takes nothing that is no price, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const read = readPlanPrice(text, 'EUR')
        if (read.ok) expect(read.minor).toBeGreaterThanOrEqual(50)
        else expect(read.words).not.toBe('')
      }),
    )
  })

  test('whatever is typed, leaving never shows another amount than it read', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789.,< '), maxLength: 12 }),
        (keys) => {
          const left = leftPrice(type(keys, 'EUR').field, 'EUR')
          if (left.ok)
            expect(readPlanPrice(left.field.text, 'EUR')).toEqual({ ok: true, minor: left.minor })
        },
      ),
    )
  })
})
