import { expect, test } from 'vitest'
import { methodWords } from './method-words.ts'

test('a card is told by its brand and last digits', () => {
  expect(methodWords('card', 'visa 4242')).toBe('Visa ending in 4242')
  expect(methodWords('card', 'amex 0005')).toBe('American Express ending in 0005')
  expect(methodWords('card', 'new_brand 1234')).toBe('New brand ending in 1234')
})

test('other ways of paying are told by their name, also those that are newer than this program', () => {
  expect(methodWords('sepa_debit', undefined)).toBe('SEPA direct debit')
  expect(methodWords('moon_money', undefined)).toBe('Moon money')
  expect(methodWords(undefined, undefined)).toBe('Not told')
  expect(methodWords('card', 'visa')).toBe('Card')
})
