import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { couponFields, readCoupon, type CouponFields } from './coupon-form.ts'
import { refusalWords } from './coupon-words.ts'
import { canonicalCode } from './discount.ts'
import { madeUpCode } from './made-up-code.ts'
import type { Coupon } from './types.ts'

const shop = { currency: 'EUR', zone: 'Europe/Berlin' }
const standing = { code: 'MADE-UP', isActive: true }
const typed = (more: Partial<CouponFields> = {}): CouponFields => ({
  ...couponFields(undefined, shop),
  code: 'spring sale',
  percent: '15',
  ...more,
})
const read = (more: Partial<CouponFields> = {}) => readCoupon(typed(more), shop, standing)
const errorsOf = (more: Partial<CouponFields>) => {
  const result = read(more)
  return result.ok ? {} : result.errors
}

test('a code is kept in one form however it is typed, and made up where none is', () => {
  expect(read()).toMatchObject({ coupon: { code: 'SPRINGSALE', reduction: { basisPoints: 1500 } } })
  expect(read({ code: ' ' })).toMatchObject({ coupon: { code: 'MADE-UP' } })
  expect(Object.keys(errorsOf({ code: '-x' }))).toEqual(['code'])
  const made = madeUpCode()
  expect(canonicalCode(made)).toBe(made)
})

test('percent takes two digits after the point, a comma and the sign itself; nothing and more than everything are refused', () => {
  expect(read({ percent: '12,5 %' })).toMatchObject({
    coupon: { reduction: { basisPoints: 1250 } },
  })
  for (const percent of ['', '0', '100.01', '-5', '1e2', '1.234', 'x'])
    expect(Object.keys(errorsOf({ percent })), percent).toEqual(['percent'])
})

test('an amount is read as prices are; nothing comes off is no coupon', () => {
  const amount = (text: string) => ({ takesOff: 'amount', amount: text })
  expect(read(amount('5'))).toMatchObject({
    coupon: { reduction: { amountMinor: 500, currency: 'EUR' } },
  })
  expect(Object.keys(errorsOf(amount('0')))).toEqual(['amount'])
  expect(errorsOf(amount('1,234')).amount).toMatch(/two ways/)
  expect(Object.keys(errorsOf({ takesOff: 'all of it' }))).toEqual(['takesOff'])
})

test('days are the owner’s, and the last one counts with it', () => {
  const result = read({ from: '2026-12-01', until: '2026-12-24' })
  expect(result).toMatchObject({
    coupon: {
      startsAt: new Date('2026-11-30T23:00:00Z'),
      endsAt: new Date('2026-12-24T23:00:00Z'),
    },
  })
  if (!result.ok || !result.coupon.endsAt) throw new Error('not read')
  expect(
    refusalWords({ reason: 'ended', endsAt: result.coupon.endsAt }, 'EUR', {
      zone: shop.zone,
      locale: 'en-GB',
    }),
  ).toBe('This code could be used until 24 December 2026.')
  expect(read({ from: '2026-12-24', until: '2026-12-24' }).ok).toBe(true)
  expect(Object.keys(errorsOf({ from: '2026-12-24', until: '2026-12-23' }))).toEqual(['until'])
  expect(Object.keys(errorsOf({ from: 'soon', until: '2099-12-31' }))).toEqual(['from', 'until'])
})

test('chosen products are ids, at least one; all of them are none to name', () => {
  const id = newId()
  expect(read({ covers: 'chosen', products: [id, id, 'x'] })).toMatchObject({
    coupon: { productIds: [id] },
  })
  expect(Object.keys(errorsOf({ covers: 'chosen', products: ['x'] }))).toEqual(['products'])
  const all = read({ covers: 'all', products: [id] })
  expect(all.ok && all.coupon.productIds).toBeUndefined()
})

test('numbers of uses are whole or left empty', () => {
  expect(read({ mostUses: '10', mostUsesPerCustomer: '1' })).toMatchObject({
    coupon: { mostUses: 10, mostUsesPerCustomer: 1 },
  })
  expect(Object.keys(errorsOf({ mostUses: '0', mostUsesPerCustomer: '1.5' }))).toEqual([
    'mostUses',
    'mostUsesPerCustomer',
  ])
})

test('a coupon comes out of its own form as it went in', () => {
  const first = read({
    from: '2026-12-01',
    until: '2026-12-24',
    minimum: '20',
    mostUses: '7',
    mostUsesPerCustomer: '2',
    note: ' for  the newsletter ',
    percent: '12.5',
  })
  if (!first.ok) throw new Error('not read')
  const stored: Coupon = { ...first.coupon, id: newId(), uses: 0, createdAt: new Date(0) }
  expect(readCoupon(couponFields(stored, shop), shop, standing)).toEqual(first)
})

test('[commerce 27] a coupon is for products or for plans; of plans it says which payments, and months are whole', () => {
  const plans = (more: Partial<CouponFields> = {}) => read({ covers: 'all_plans', ...more })
  expect(plans()).toMatchObject({
    coupon: { productIds: [], forPlans: { planIds: undefined, duration: 'once' } },
  })
  expect(plans({ duration: 'repeating', months: ' 3 ' })).toMatchObject({
    coupon: { forPlans: { duration: 'repeating', months: 3 } },
  })
  for (const months of ['', '0', '37', '1.5', 'x'])
    expect(Object.keys(errorsOf({ covers: 'all_plans', duration: 'repeating', months }))).toEqual([
      'months',
    ])
  expect(Object.keys(errorsOf({ covers: 'chosen_plans' }))).toEqual(['plans'])
  const id = newId()
  expect(plans({ covers: 'chosen_plans', plans: [id, 'x'] })).toMatchObject({
    coupon: { forPlans: { planIds: [id] } },
  })
  expect(read({ plans: [id] })).toMatchObject({ coupon: { forPlans: undefined } })
})
