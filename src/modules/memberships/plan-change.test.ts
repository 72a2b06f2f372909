import { describe, expect, test } from 'vitest'
import {
  changePreview,
  changeRefusalWords,
  planChange,
  type ChangeRefusal,
  type HeldPlan,
} from './plan-change.ts'

const monthly = { unit: 'month', count: 1 } as const
const yearly = { unit: 'year', count: 1 } as const
const held: HeldPlan = {
  planId: 'silver',
  group: 'Membership',
  tier: 2,
  amountMinor: 1_000,
  currency: 'EUR',
  interval: monthly,
}
const plan = (over: object = {}) => ({
  id: 'other',
  group: 'Membership',
  tier: 2,
  amountMinor: 1_000,
  currency: 'EUR',
  interval: monthly,
  isEnabled: true,
  ...over,
})
const calm = { isTrial: false, isEnding: false, owes: false, isPaused: false, isChanging: false }

describe('a change of plan', () => {
  test.each([
    ['a higher tier, also when it is cheaper', { tier: 3, amountMinor: 500 }, 'upgrade', 'now'],
    [
      'a lower tier, also when it is dearer',
      { tier: 1, amountMinor: 9_000 },
      'downgrade',
      'period_end',
    ],
    ['the same tier for longer', { interval: yearly, amountMinor: 10_000 }, 'upgrade', 'now'],
    ['the same for more', { amountMinor: 1_200 }, 'upgrade', 'now'],
    ['the same for less', { amountMinor: 800 }, 'downgrade', 'period_end'],
  ] as const)('to %s is one %s %s %s [commerce 56, 57]', (_, over, direction, when) => {
    expect(planChange(held, plan(over), calm)).toEqual({ ok: true, direction, when })
  })

  test('in a trial nothing was paid yet: every change is done at once', () => {
    expect(planChange(held, plan({ tier: 1 }), { ...calm, isTrial: true })).toMatchObject({
      direction: 'downgrade',
      when: 'now',
    })
  })

  test.each([
    ['same_plan', { id: 'silver' }, {}],
    ['other_group', { group: 'Coaching' }, {}],
    ['other_currency', { currency: 'USD' }, {}],
    ['disabled', { isEnabled: false }, {}],
    ['ending', {}, { isEnding: true }],
    ['payment_owed', {}, { owes: true }],
    ['paused', {}, { isPaused: true }],
    ['change_planned', {}, { isChanging: true }],
    ['other_interval', { tier: 1, interval: yearly }, {}],
    ['other_interval', { interval: { unit: 'week', count: 1 } }, {}],
  ] as const)('is refused for %s, in words', (reason: ChangeRefusal, over, standing) => {
    expect(planChange(held, plan(over), { ...calm, ...standing })).toEqual({ ok: false, reason })
    expect(changeRefusalWords(reason)).toMatch(/\.$/)
  })
})

describe('the preview of a change', () => {
  const dates = { zone: 'Europe/Berlin', locale: 'en-GB' }
  const nextAt = new Date('2026-12-01T10:00:00Z')
  const gold = { title: 'Gold', amountMinor: 2_000, currency: 'EUR', interval: monthly }
  test('up: what is charged today to the cent, when the next payment comes and how much it is [payments 45]', () => {
    const { rows, confirm } = changePreview(
      { ok: true, direction: 'upgrade', when: 'now' },
      gold,
      { todayMinor: 967, creditMinor: 484, currency: 'EUR', nextAt },
      dates,
    )
    expect(rows.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Left of what you have paid: −€4.84',
      'Charged today: €9.67',
      'Next payment: 1 December 2026',
      'From then on: €20.00 a month',
    ])
    expect(confirm).toBe('Pay €9.67 and change to Gold')
  })

  test('down: nothing today, and from when on', () => {
    const { rows, confirm } = changePreview(
      { ok: true, direction: 'downgrade', when: 'period_end' },
      gold,
      { todayMinor: 0, creditMinor: 0, currency: 'EUR', nextAt },
      dates,
    )
    expect(rows[0]?.value).toContain('Nothing is charged')
    expect(confirm).toBe('Change to Gold on 1 December 2026')
  })

  test('in a trial: nothing, now', () => {
    const { confirm } = changePreview(
      { ok: true, direction: 'upgrade', when: 'now' },
      gold,
      { todayMinor: 0, creditMinor: 0, currency: 'EUR', nextAt },
      dates,
    )
    expect(confirm).toBe('Change to Gold now')
  })
})
