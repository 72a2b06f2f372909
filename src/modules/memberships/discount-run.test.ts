import { expect, test } from 'vitest'
import {
  courseWords,
  offAt,
  paymentCourse,
  priceWith,
  recurringOff,
  type RunningDiscount,
} from './discount-run.ts'

const dates = { zone: 'UTC', locale: 'en-GB' }
const monthly = {
  amountMinor: 1_000,
  currency: 'EUR',
  interval: { unit: 'month', count: 1 },
} as const
const begins = new Date('2027-01-31T10:00:00Z')
const half = { offMinor: 500, months: undefined }
const day = (text: string) => new Date(`${text}T10:00:00Z`)

test('[commerce 27] the first payment, the first months or all of them: what is paid and when the whole price comes', () => {
  expect(paymentCourse(monthly, { ...half, duration: 'once' }, 0, begins)).toEqual({
    firstMinor: 500,
    firstAt: undefined,
    payments: 1,
    wholeAt: day('2027-02-28'),
  })
  const months = { ...half, duration: 'repeating', months: 3 } as const
  expect(paymentCourse(monthly, months, 0, begins)).toMatchObject({
    payments: 3,
    wholeAt: day('2027-04-30'),
  })
  expect(paymentCourse(monthly, { ...half, duration: 'forever' }, 0, begins)).toMatchObject({
    payments: 'all',
    wholeAt: undefined,
  })
})

test('months count from the day of subscribing: a trial uses them up, and a longer rhythm has fewer payments in them', () => {
  const months = (count: number) => ({ ...half, duration: 'repeating', months: count }) as const
  expect(paymentCourse(monthly, months(3), 14, begins)).toMatchObject({ payments: 3 })
  expect(paymentCourse(monthly, months(1), 40, begins)).toBeUndefined()
  const yearly = { ...monthly, interval: { unit: 'year', count: 1 } } as const
  expect(paymentCourse(yearly, months(3), 0, begins)).toMatchObject({
    payments: 1,
    wholeAt: day('2028-01-31'),
  })
  const weekly = { ...monthly, interval: { unit: 'week', count: 1 } } as const
  expect(paymentCourse(weekly, months(1), 0, begins)).toMatchObject({ payments: 4 })
})

test('a course is told with what it costs afterwards and when', () => {
  const words = (...[discount, trial]: [Parameters<typeof paymentCourse>[1], number]) => {
    const course = paymentCourse(monthly, discount, trial, begins)
    return course && courseWords(monthly, course, dates)
  }
  expect(words({ ...half, duration: 'once' }, 0)).toEqual({
    price: '€5.00',
    after: 'The first payment, today. Then €10.00 a month from 28 February 2027 on.',
  })
  expect(words({ ...half, duration: 'once' }, 7)).toEqual({
    price: '€5.00',
    after:
      'Free until 7 February 2027. The first payment. Then €10.00 a month from 7 March 2027 on.',
  })
  expect(words({ ...half, duration: 'repeating', months: 3 }, 0)).toEqual({
    price: '€5.00 a month',
    after: 'The first 3 payments. Then €10.00 a month from 30 April 2027 on.',
  })
  expect(words({ offMinor: 1_000, duration: 'once', months: undefined }, 0)).toMatchObject({
    price: 'Free',
  })
  expect(words({ offMinor: 1_000, duration: 'forever', months: undefined }, 0)).toEqual({
    price: 'Free',
    after: 'For as long as you stay. No card is needed.',
  })
})

test('of a subscription that runs: what recurs, what is due, and how its price is told', () => {
  const running: RunningDiscount = {
    reduction: { basisPoints: 5_000 },
    duration: 'repeating',
    endsAt: day('2027-04-30'),
    name: 'SPRING',
  }
  expect(recurringOff(running, 1_000)).toBe(500)
  expect(recurringOff({ ...running, duration: 'once', endsAt: undefined }, 1_000)).toBe(0)
  expect(offAt(running, 1_000, day('2027-04-29'))).toBe(500)
  expect(offAt(running, 1_000, day('2027-04-30'))).toBe(0)
  expect(priceWith(monthly, running, day('2027-03-31'), dates)).toBe(
    '€5.00 a month with SPRING until 30 April 2027, then €10.00 a month',
  )
  expect(priceWith(monthly, running, day('2027-05-01'), dates)).toBe('€10.00 a month')
  expect(
    priceWith(
      monthly,
      { ...running, duration: 'forever', endsAt: undefined },
      day('2027-03-31'),
      dates,
    ),
  ).toBe('€5.00 a month with SPRING, instead of €10.00')
  expect(priceWith(monthly, undefined, day('2027-03-31'), dates)).toBe('€10.00 a month')
})
