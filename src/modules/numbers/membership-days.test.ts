import { describe, expect, test } from 'vitest'
import {
  churnPercent,
  membershipDays,
  addMoney,
  noMoney,
  nothingMoved,
  nothingStands,
  type MembershipChange,
} from './membership-days.ts'

const change = (day: string | undefined, over: Partial<MembershipChange>): MembershipChange => ({
  ...nothingStands,
  ...nothingMoved,
  ...over,
  day,
})

describe('days of memberships', () => {
  test('stand on what was before the first of them', () => {
    const { opening, days } = membershipDays(
      { from: '2026-03-01', to: '2026-03-03' },
      [
        change(undefined, { monthlyMinor: 2_000, committedMinor: 1_000, paying: 2 }),
        change('2026-03-02', { monthlyMinor: 500, paying: 1, begun: 1, begunMinor: 500 }),
      ],
      new Map(),
    )
    expect(opening.monthlyMinor).toBe(2_000)
    expect(days.map((day) => [day.day, day.monthlyMinor, day.paying, day.begun])).toEqual([
      ['2026-03-01', 2_000, 2, 0],
      ['2026-03-02', 2_500, 3, 1],
      ['2026-03-03', 2_500, 3, 0],
    ])
  })

  test('add up what several plans did on the same day', () => {
    const { days } = membershipDays(
      { from: '2026-03-01', to: '2026-03-01' },
      [
        change('2026-03-01', { monthlyMinor: 500, paying: 1 }),
        change('2026-03-01', { monthlyMinor: -300, paying: -1, ended: 1, endedMinor: -300 }),
      ],
      new Map(),
    )
    expect(days).toEqual([
      { ...change('2026-03-01', { monthlyMinor: 200, ended: 1, endedMinor: -300 }), ...noMoney },
    ])
  })

  test('tell what came and what went back on each, and together', () => {
    const came = { paidMinor: 2_000, refundedMinor: 0, lostMinor: 0 }
    const went = { paidMinor: 0, refundedMinor: 500, lostMinor: 1_000 }
    const { days } = membershipDays(
      { from: '2026-03-01', to: '2026-03-03' },
      [],
      new Map([
        ['2026-03-01', came],
        ['2026-03-03', went],
      ]),
    )
    expect(days.map((day) => day.refundedMinor)).toEqual([0, 0, 500])
    expect(addMoney(days)).toEqual({ paidMinor: 2_000, refundedMinor: 500, lostMinor: 1_000 })
  })

  test('know no churn where nobody paid', () => {
    expect(churnPercent(0, 1)).toBeUndefined()
    expect(churnPercent(30, 1)).toBe(3.3)
  })
})
