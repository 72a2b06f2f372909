import { describe, expect, test } from 'vitest'
import { firstRenewal, moveRefusal, priceToComeWords } from './price-move.ts'

const plan = (over: Partial<Parameters<typeof moveRefusal>[1]> = {}) => ({
  id: 'old',
  group: 'Membership',
  tier: 2,
  amountMinor: 900,
  currency: 'EUR',
  interval: { unit: 'month', count: 1 } as const,
  isEnabled: true,
  ...over,
})
const at = (text: string) => new Date(`${text}T10:00:00Z`)

describe('whom a move may lead where', () => {
  test.each([
    [{ amountMinor: 1200 }, undefined],
    [{ amountMinor: 700 }, undefined],
    [{ amountMinor: 1200, tier: 3, group: 'MEMBERSHIP' }, undefined],
    [{ id: 'old' }, 'same_plan'],
    [{ group: 'Clubs' }, 'other_group'],
    [{ currency: 'USD' }, 'other_currency'],
    [{ interval: { unit: 'year', count: 1 } as const }, 'other_interval'],
    [{ interval: { unit: 'month', count: 3 } as const }, 'other_interval'],
    [{ amountMinor: 1200, tier: 1 }, 'holds_less'],
    [{}, 'same_price'],
    [{ amountMinor: 1200, isEnabled: false }, 'disabled'],
  ])('%o: %s', (over, refusal) => {
    expect(moveRefusal(plan(), plan({ id: 'new', ...over }))).toBe(refusal)
  })
})

describe('the first renewal after the notice', () => {
  const monthly = { isTrial: false, interval: { unit: 'month', count: 1 } } as const
  test.each([
    // Within the notice it renews once more as it was.
    ['2026-01-10', '2026-02-10', '2026-02-20', '2026-03-10'],
    ['2026-01-10', '2026-02-10', '2026-02-10', '2026-02-10'],
    ['2026-01-31', '2026-02-28', '2026-03-05', '2026-03-31'],
    ['2025-12-31', '2026-01-31', '2026-02-05', '2026-02-28'],
  ])('%s to %s, not before %s: %s', (from, until, notBefore, first) => {
    const one = { ...monthly, periodStartsAt: at(from), periodEndsAt: at(until) }
    expect(firstRenewal(one, at(notBefore))).toEqual(at(first))
  })

  test('of years, weeks and days', () => {
    const of = (unit: 'year' | 'week' | 'day', count: number) =>
      firstRenewal(
        {
          isTrial: false,
          interval: { unit, count },
          periodStartsAt: undefined,
          periodEndsAt: at('2026-03-01'),
        },
        at('2026-03-20'),
      )
    expect([of('year', 1), of('week', 2), of('day', 10)]).toEqual([
      at('2027-03-01'),
      at('2026-03-29'),
      at('2026-03-21'),
    ])
  })

  test('the first payment after a trial is the one that was promised with it', () => {
    const one = { ...monthly, isTrial: true, periodStartsAt: undefined }
    const trial = { ...one, periodEndsAt: at('2026-06-15') }
    expect(firstRenewal(trial, at('2026-05-01'))).toEqual(at('2026-07-15'))
  })
})

test('is told with both prices and its first day', () => {
  expect(
    priceToComeWords(
      { amountMinor: 1200, firstAt: at('2027-03-03') },
      { amountMinor: 900, currency: 'EUR', interval: { unit: 'month', count: 1 } },
      { zone: 'UTC', locale: 'en-GB' },
    ),
  ).toBe('From 3 March 2027 it is €12.00 a month instead of €9.00.')
})
