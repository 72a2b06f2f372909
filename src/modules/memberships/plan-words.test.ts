import { expect, test } from 'vitest'
import { planPrice, subscribersIn, subscribersWords, trialWords } from './plan-words.ts'

test('a price is told with how often it is paid', () => {
  const price = { amountMinor: 2_400, currency: 'EUR' }
  expect(planPrice({ ...price, interval: { unit: 'month', count: 3 } }, 'en')).toBe(
    '€24.00 every 3 months',
  )
  expect(planPrice({ ...price, interval: { unit: 'year', count: 1 } }, 'en')).toBe('€24.00 a year')
})

test('a trial is told in days, and nothing is told of none', () => {
  expect([0, 1, 7].map(trialWords)).toEqual(['', '1 day free', '7 days free'])
})

test('subscribers are told with those who try, owe and are about to end', () => {
  const none = { paying: 0, trying: 0, owing: 0, ending: 0, given: 0 }
  expect(subscribersWords(none, 'en')).toBe('None')
  expect(subscribersWords({ ...none, paying: 1_200 }, 'en')).toBe('1,200')
  const some = { ...none, paying: 8, trying: 3, owing: 1, ending: 2 }
  expect(subscribersIn(some)).toBe(12)
  expect(subscribersWords(some, 'en')).toBe('12, 3 in trial, 1 owes a payment, 2 about to end')
  expect(subscribersWords({ ...some, given: 4 }, 'en')).toMatch(/ 2 about to end, 4 given besides$/)
  expect(subscribersWords({ ...none, given: 1 }, 'en')).toBe('None, 1 given besides')
})
