import { expect, test } from 'vitest'
import { monthlyMinor, recurringRevenue, type Billed } from './recurring-revenue.ts'

const month = { unit: 'month', count: 1 } as const
const billed = (over: Partial<Billed> = {}): Billed => ({
  status: 'active',
  amountMinor: 1_000,
  interval: month,
  isEnding: false,
  isPaused: false,
  ...over,
})

test.each([
  [12_000, { unit: 'year', count: 1 }, 1_000],
  [24_000, { unit: 'year', count: 2 }, 1_000],
  [2_400, { unit: 'month', count: 3 }, 800],
  [700, { unit: 'week', count: 1 }, 3_042],
  [100, { unit: 'month', count: 3 }, 33],
  [101, { unit: 'month', count: 2 }, 51],
] as const)('%i %o is %i a month [commerce 76]', (amount, interval, monthly) => {
  expect(monthlyMinor(amount, interval)).toBe(monthly)
})

test('what is about to end counts until it does; trials, pauses and debts are no revenue [commerce 76]', () => {
  expect(
    recurringRevenue([
      billed(),
      billed({ amountMinor: 12_000, interval: { unit: 'year', count: 1 }, isEnding: true }),
      billed({ status: 'past_due', amountMinor: 700 }),
      billed({ status: 'trialing' }),
      billed({ isPaused: true }),
      billed({ status: 'canceled' }),
    ]),
  ).toEqual({ monthlyMinor: 2_000, committedMinor: 1_000, pastDueMinor: 700 })
})
