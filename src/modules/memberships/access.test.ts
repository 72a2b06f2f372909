import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf, coverOf, isLive, type Standing } from './access.ts'
import type { SubscriptionStatus } from './types.ts'

const day = 86_400_000
const end = new Date('2026-05-01T12:00:00Z')
const rules = { graceDays: 7, pauseKeepsAccess: false }
const at = (offsetMs: number) => new Date(end.getTime() + offsetMs)
const standing = (over: Partial<Standing>): Standing => ({
  status: 'active',
  periodEndsAt: end,
  cancelsAt: undefined,
  pastDueSince: undefined,
  isPaused: false,
  money: 'kept',
  ...over,
})

describe('I06: access follows from where the subscription stands and the time', () => {
  test.each([
    ['incomplete', 'not_started'],
    ['incomplete_expired', 'not_paid'],
    ['unpaid', 'not_paid'],
    ['paused', 'paused'],
    ['canceled', 'ended'],
    ['unknown', 'unknown'],
  ] as const)('%s opens nothing [payments 19]', (status, why) => {
    expect(accessOf(standing({ status }), rules, at(-day))).toEqual({
      isOpen: false,
      until: undefined,
      why,
      isStale: false,
    })
  })

  test.each(['disputed', 'dispute_lost', 'refunded'] as const)(
    'money that is %s opens nothing, whatever else is so; who is given it may use it meanwhile',
    (money) => {
      for (const status of ['trialing', 'active', 'past_due'] as const) {
        const access = accessOf(standing({ status, money, pastDueSince: end }), rules, at(-day))
        expect(access).toMatchObject({ isOpen: false, why: money })
        expect(coverOf(access, undefined)).toBeUndefined()
      }
      expect(accessOf(standing({ status: 'canceled', money }), rules, at(-day)).why).toBe(
        money === 'disputed' ? 'ended' : money,
      )
    },
  )

  test('whoever pays or tries is in, also past the period when nothing more was heard [commerce 62] [payments 29]', () => {
    expect(accessOf(standing({}), rules, at(-day))).toMatchObject({ isOpen: true, why: 'paid' })
    expect(accessOf(standing({ status: 'trialing' }), rules, at(-1))).toMatchObject({
      why: 'trial',
    })
    expect(accessOf(standing({}), rules, at(3 * day))).toMatchObject({
      isOpen: true,
      isStale: false,
    })
    expect(accessOf(standing({}), rules, at(3 * day + 1))).toMatchObject({
      isOpen: true,
      isStale: true,
    })
  })

  test('what was cancelled is open until the very moment it ends, heard of or not [commerce 51] [payments 41]', () => {
    for (const status of ['active', 'trialing'] as const) {
      const cancelled = standing({ status, cancelsAt: end })
      expect(accessOf(cancelled, rules, at(-1))).toMatchObject({
        isOpen: true,
        until: end,
        why: 'cancelled_later',
      })
      expect(accessOf(cancelled, rules, at(0))).toMatchObject({ isOpen: false, why: 'ended' })
    }
  })

  test('a renewal that failed shuts nobody out before the grace is over, and everybody then [commerce 58] [payments 53]', () => {
    const owing = standing({ status: 'past_due', pastDueSince: end })
    expect(accessOf(owing, rules, at(7 * day - 1))).toMatchObject({
      isOpen: true,
      why: 'grace',
      until: at(7 * day),
    })
    expect(accessOf(owing, rules, at(7 * day))).toMatchObject({ isOpen: false, why: 'grace_over' })
    expect(accessOf(owing, { ...rules, graceDays: 0 }, at(0)).isOpen).toBe(false)
    expect(accessOf({ ...owing, pastDueSince: undefined }, rules, at(7 * day)).isOpen).toBe(false)
    expect(accessOf({ ...owing, cancelsAt: at(day) }, rules, at(0)).until).toEqual(at(day))
  })

  test('a pause shuts or not as the owner has set it [commerce 61]', () => {
    const paused = standing({ isPaused: true })
    expect(accessOf(paused, rules, at(-day))).toMatchObject({ isOpen: false, why: 'paused' })
    expect(accessOf(paused, { ...rules, pauseKeepsAccess: true }, at(-day)).isOpen).toBe(true)
  })

  test('what is open until a moment is open right before it and shut from it on, whatever the standing', () => {
    const instant = fc.integer({ min: -40, max: 40 }).map((hours) => at(hours * 3_600_000))
    fc.assert(
      fc.property(
        fc.record({
          status: fc.constantFrom<SubscriptionStatus>('active', 'trialing', 'past_due', 'paused'),
          periodEndsAt: fc.option(instant, { nil: undefined }),
          cancelsAt: fc.option(instant, { nil: undefined }),
          pastDueSince: fc.option(instant, { nil: undefined }),
          isPaused: fc.boolean(),
          money: fc.constantFrom('kept' as const, 'disputed' as const),
        }),
        instant,
        fc.integer({ min: 0, max: 21 }),
        (one, now, graceDays) => {
          const access = accessOf(one, { ...rules, graceDays }, now)
          if (
            !access.until ||
            (one.status === 'past_due' && !one.pastDueSince && !one.periodEndsAt)
          )
            return
          const later = (ms: number) => new Date((access.until as Date).getTime() + ms)
          expect(access.isOpen).toBe(true)
          expect(accessOf(one, { ...rules, graceDays }, later(-1)).isOpen).toBe(true)
          expect(accessOf(one, { ...rules, graceDays }, later(0)).isOpen).toBe(false)
        },
      ),
    )
  })

  test('who has one that may be billed again needs no second one', () => {
    expect((['trialing', 'active', 'past_due', 'unpaid', 'paused'] as const).every(isLive)).toBe(
      true,
    )
    expect(
      (['incomplete', 'incomplete_expired', 'canceled', 'unknown'] as const).some(isLive),
    ).toBe(false)
  })
})

describe('what keeps a gift of the same waiting [commerce 33]', () => {
  const rules = { graceDays: 7, pauseKeepsAccess: false }
  const at = new Date('2026-11-22T12:00:00Z')
  const later = new Date('2026-12-01T12:00:00Z')
  const standing = {
    status: 'active',
    periodEndsAt: later,
    cancelsAt: undefined,
    pastDueSince: undefined,
    isPaused: false,
    money: 'kept',
  } as const
  test.each([
    ['paid for', {}, { until: undefined }],
    ['cancelled', { cancelsAt: later }, { until: later }],
    ['paused', { isPaused: true }, { until: undefined }],
    ['paused and cancelled', { isPaused: true, cancelsAt: later }, { until: later }],
    [
      'owed, in the grace',
      { status: 'past_due', pastDueSince: at },
      { until: new Date('2026-11-29T12:00:00Z') },
    ],
    [
      'owed for too long',
      { status: 'past_due', pastDueSince: new Date('2026-11-01T12:00:00Z') },
      undefined,
    ],
    ['ended', { status: 'canceled' }, undefined],
  ] as const)('%s', (_what, more, cover) => {
    const one = { ...standing, ...more }
    expect(coverOf(accessOf(one, rules, at), one.cancelsAt)).toEqual(cover)
  })
})
