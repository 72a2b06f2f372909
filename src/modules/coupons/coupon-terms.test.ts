import { expect, test } from 'vitest'
import { changedTerms, couponTerms, type TermWords } from './coupon-terms.ts'
import { couponDates, couponStanding } from './coupon-words.ts'
import type { Coupon } from './types.ts'

const words: TermWords = {
  zone: 'Europe/Berlin',
  locale: 'en-GB',
  currency: 'EUR',
  title: (id) => ({ a: 'Notes', b: 'Grid' })[id],
}
const coupon = (more: Partial<Coupon> = {}): Coupon => ({
  id: 'c',
  code: 'SPRING',
  note: '',
  uses: 0,
  reduction: { basisPoints: 2500 },
  productIds: undefined,
  minimumMinor: 0,
  startsAt: undefined,
  endsAt: undefined,
  isActive: true,
  mostUses: undefined,
  mostUsesPerCustomer: undefined,
  createdAt: new Date(0),
  ...more,
})

test('an edit is told term by term, and nothing else of it', () => {
  const before = couponTerms(coupon(), words)
  const after = couponTerms(
    coupon({
      reduction: { amountMinor: 500, currency: 'EUR' },
      productIds: ['a', 'b', 'x'],
      minimumMinor: 2000,
    }),
    words,
  )
  expect(changedTerms(before, after)).toEqual([
    { label: 'Takes off', former: '25 %', value: '€5.00' },
    {
      label: 'For',
      former: 'Everything in the shop',
      value: 'a product that is gone, Grid, Notes',
    },
    { label: 'From a cart of', former: 'Any amount', value: '€20.00' },
  ])
  expect(changedTerms(before, before)).toEqual([])
})

test('dates are told as the owner meant them: the last day is the last on which it works', () => {
  const from = new Date('2026-11-30T23:00:00Z')
  const until = new Date('2026-12-24T23:00:00Z')
  expect(couponDates({ startsAt: from, endsAt: until }, words)).toBe(
    '1 December 2026 to 24 December 2026',
  )
  expect(couponDates({ startsAt: from, endsAt: new Date('2026-12-01T23:00:00Z') }, words)).toBe(
    'On 1 December 2026',
  )
  expect(couponDates({ startsAt: undefined, endsAt: until }, words)).toBe('Until 24 December 2026')
  expect(couponDates({ startsAt: from, endsAt: undefined }, words)).toBe('From 1 December 2026')
  expect(couponDates({ startsAt: undefined, endsAt: undefined }, words)).toBe('')
})

test('one word tells how a coupon stands', () => {
  const at = new Date('2026-12-01T12:00:00Z')
  const later = new Date('2026-12-02T12:00:00Z')
  expect([
    couponStanding(coupon(), at),
    couponStanding(coupon({ isActive: false, endsAt: at }), at),
    couponStanding(coupon({ startsAt: later }), at),
    couponStanding(coupon({ endsAt: at }), at),
    couponStanding(coupon({ mostUses: 2, uses: 2 }), at),
  ]).toEqual(['on', 'off', 'planned', 'over', 'used_up'])
})
