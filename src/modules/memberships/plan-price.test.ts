import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amountField,
  leftAmount,
  openedAmount,
  typedAmount,
} from '#modules/platform/ui/money-typing.ts'
import { readPlanPrice } from './plan-price.ts'

/** Types one key after the other at the end; "<" deletes the last character. */
function typed(keys: string, currency: string) {
  let field = openedAmount('', currency)
  for (const key of keys)
    field = typedAmount(field, key === '<' ? field.text.slice(0, -1) : field.text + key, currency)
  return field
}

const leave = (keys: string, currency: string) => {
  const left = leftAmount(typed(keys, currency), currency, readPlanPrice)
  return left.ok ? left.field.text : left.words
}

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
          const sent = amountField(minor, currency).text
          expect(readPlanPrice(sent, currency)).toEqual({ ok: true, minor })
          // Typed as bare digits it is the same amount.
          expect(typed(sent.replace('.', ''), currency).text).toBe(sent)
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
          const left = leftAmount(typed(keys, 'EUR'), 'EUR', readPlanPrice)
          if (left.ok)
            expect(readPlanPrice(left.field.text, 'EUR')).toEqual({ ok: true, minor: left.minor })
        },
      ),
    )
  })
})
