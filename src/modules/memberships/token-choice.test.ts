import { describe, expect, test } from 'vitest'
import { chooseTokens, periodAfter, type Lot, type NextPeriod } from './token-choice.ts'

const at = (day: string) => new Date(`2031-${day}T10:00:00Z`)
const lot = (id: string, over: Partial<Lot> = {}): Lot => ({
  id,
  source: 'plan_period',
  remaining: 1,
  validFrom: at('03-01'),
  validUntil: at('04-01'),
  ...over,
})
const april: NextPeriod = {
  subscriptionId: 's',
  from: at('04-01'),
  until: at('05-01'),
  allotment: 2,
  committed: 1,
}
const wanted = (...days: string[]) =>
  days.map((day) => ({ appointmentId: day, version: 1, startsAt: at(day) }))
const sources = (choice: ReturnType<typeof chooseTokens>) =>
  choice.ok
    ? choice.picks.map((pick) => (pick.from === 'lot' ? pick.lotId : 'next period'))
    : choice.reason

describe('which token pays', () => {
  test('a plan’s before a pack’s, and what ends first before what ends later or never', () => {
    const lots = [
      lot('pack', { source: 'pack', validUntil: at('03-15') }),
      lot('endless', { source: 'manual', validUntil: undefined }),
      lot('late', { validUntil: at('04-20') }),
      lot('soon', { source: 'returned', validUntil: at('03-20') }),
    ]
    expect(sources(chooseTokens(wanted('03-05', '03-06', '03-07', '03-08'), lots, []))).toEqual([
      'soon',
      'late',
      'endless',
      'pack',
    ])
  })

  test('a lot is good for what begins from its first moment on and before its last', () => {
    const lots = [lot('march')]
    expect(sources(chooseTokens(wanted('03-01'), lots, []))).toEqual(['march'])
    expect(sources(chooseTokens(wanted('04-01'), lots, []))).toBe('not_valid_then')
    expect(sources(chooseTokens(wanted('02-28'), lots, []))).toBe('not_valid_then')
  })

  test('the next period promises as many as it allots, and no further one does', () => {
    const wish = wanted('04-03', '04-04')
    expect(sources(chooseTokens(wish.slice(0, 1), [], [april]))).toEqual(['next period'])
    expect(chooseTokens(wish, [], [april])).toEqual({
      ok: false,
      reason: 'next_period_full',
      startsAt: at('04-04'),
      allotment: 2,
      committed: 1,
      periodFrom: april.from,
    })
    expect(sources(chooseTokens(wanted('05-01'), [], [april]))).toBe('no_tokens')
  })

  test('all or nothing', () => {
    expect(sources(chooseTokens(wanted('03-05', '03-06'), [lot('one')], []))).toBe('no_tokens')
  })
})

test('a period that is counted from the 31st ends on the last day of each month', () => {
  const anchor = new Date('2031-01-31T10:00:00Z')
  const next = (from: string, count = 1) =>
    periodAfter(new Date(from), { unit: 'month', count }, anchor).toISOString()
  expect(next('2031-02-28T10:00:00Z')).toBe('2031-03-31T10:00:00.000Z')
  expect(next('2031-01-31T10:00:00Z', 3)).toBe('2031-04-30T10:00:00.000Z')
  expect(periodAfter(anchor, { unit: 'week', count: 2 }, anchor).toISOString()).toBe(
    '2031-02-14T10:00:00.000Z',
  )
})
