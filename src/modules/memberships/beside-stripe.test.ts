import { expect, test } from 'vitest'
import { comparedLines, type Compared } from './beside-stripe.ts'

const dates = { zone: 'UTC', locale: 'en-GB' }
const at = (day: number) => new Date(Date.UTC(2026, 2, day, 9, 30))
const one: Compared = {
  status: 'active',
  amountMinor: 2_400,
  currency: 'EUR',
  interval: { unit: 'month', count: 3 },
  periodEndsAt: at(20),
  trialEndsAt: undefined,
  cancelsAt: undefined,
  endedAt: undefined,
  isPaused: false,
  discount: undefined,
}

test('two that are the same have no line', () => {
  expect(comparedLines(one, { ...one }, dates)).toEqual([])
})

test('what differs stands beside each other, the rest does not', () => {
  const there = { ...one, status: 'canceled', endedAt: at(3), amountMinor: 2_600 } as const
  expect(comparedLines(one, there, dates)).toEqual([
    { what: 'State', here: 'Paid and open', there: 'Ended' },
    { what: 'Price', here: '€24.00 every 3 months', there: '€26.00 every 3 months' },
    { what: 'Ended on', here: 'None', there: '3 March 2026' },
  ])
})

test('what only one side knows is told by its state and its price', () => {
  expect(comparedLines(undefined, one, dates)).toEqual([
    { what: 'State', here: 'Not known', there: 'Paid and open' },
    { what: 'Price', here: 'Not known', there: '€24.00 every 3 months' },
  ])
  expect(comparedLines(one, undefined, dates)[0]).toEqual({
    what: 'State',
    here: 'Paid and open',
    there: 'Gone',
  })
  expect(comparedLines(undefined, undefined, dates)).toEqual([])
})

test('what differs in the time of day alone is nothing a person would see', () => {
  const later = new Date(at(20).getTime() + 1_000)
  expect(comparedLines(one, { ...one, periodEndsAt: later }, dates)).toEqual([])
})
