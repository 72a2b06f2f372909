import { beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { db, inTransaction, seenMark } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner } from '../../../../test/people.ts'
import { readSpans, spanWords } from '../hours-form.ts'
import { slots } from '../slots.ts'
import type { WeeklySpan } from '../types.ts'
import {
  hoursAround,
  overrideDates,
  overridesBetween,
  restoreDates,
  setWeeklyHours,
  shownWeekly,
  weeklyHours,
} from './index.ts'

useDatabase()
emptyBeforeEach()

let owner: OwnerActor
beforeEach(async () => {
  owner = (await setUpOwner()).actor
  await inTransaction(beginSite)
  await db().updateTable('site').set({ time_zone: 'Europe/Berlin' }).execute()
})

const span = (from: string, to: string) => {
  const read = readSpans([{ from, to }])
  if (!read.ok || !read.spans[0]) throw new Error(`${from} to ${to}`)
  return read.spans[0]
}
const on = (weekdays: readonly number[], from: string, to: string): WeeklySpan[] =>
  weekdays.map((weekday) => ({ weekday, ...span(from, to) }))
const weekdays = [1, 2, 3, 4, 5]

const setWeek = (weekly: readonly WeeklySpan[], seen?: string) =>
  inTransaction((tx) => setWeeklyHours(tx, owner, weekly, seen))
const override = (
  from: string,
  to: string,
  spans = [] as ReturnType<typeof span>[],
  label?: string,
) => inTransaction((tx) => overrideDates(tx, owner, { from, to, label, spans }))

/** What is offered of an hour, every hour, by the clock of the shop: "23 09:00". */
async function offered(from: string, to: string, duration = 60): Promise<string[]> {
  const hours = await hoursAround(db(), from, to)
  const terms = {
    duration,
    increment: 60,
    bufferBefore: 0,
    bufferAfter: 0,
    notice: 0,
    windowDays: undefined,
    mostADay: undefined,
    mostAWeek: undefined,
  }
  const found = slots(
    { hours, busy: [], terms, now: Date.parse('2026-11-01T00:00:00Z') },
    { from, to, zone: hours.zone },
  )
  return found.map((start) =>
    new Date(start)
      .toLocaleString('sv-SE', { timeZone: hours.zone, dateStyle: 'short', timeStyle: 'short' })
      .slice(8),
  )
}

const audited = async () =>
  (await db().selectFrom('audit_entry').select('action').orderBy('id').execute()).map(
    ({ action }) => action,
  )

describe('the weekly hours', () => {
  test('are what was set, and the first time is when they begin [booking 1]', async () => {
    const weekly = [...on(weekdays, '9:00', '12:00'), ...on(weekdays, '13:00', '17:00')]
    expect(await setWeek(weekly)).toEqual({ ok: true })
    const kept = await weeklyHours(db())
    expect(kept.filter(({ weekday }) => weekday === 2).map(spanWords)).toEqual([
      '09:00–12:00',
      '13:00–17:00',
    ])
    expect(kept).toHaveLength(10)
    expect(await offered('2026-11-24', '2026-11-24')).toEqual(
      ['09', '10', '11', '13', '14', '15', '16'].map((hour) => `24 ${hour}:00`),
    )
    expect(await offered('2026-11-28', '2026-11-29')).toEqual([])
    expect(await audited()).toContain('hours.weekly_set')
  })

  test('past midnight and until midnight are ordinary hours [booking 2, 3]', async () => {
    await setWeek([...on([1], '22:00', '02:00'), ...on([3], '20:00', '24:00')])
    expect(await offered('2026-11-23', '2026-11-26')).toEqual([
      '23 22:00',
      '23 23:00',
      '24 00:00',
      '24 01:00',
      '25 20:00',
      '25 21:00',
      '25 22:00',
      '25 23:00',
    ])
  })

  test('that overlap are one [booking 4]', async () => {
    await setWeek([...on([1], '9', '12'), ...on([1], '11', '14'), ...on([1], '9', '12')])
    expect((await weeklyHours(db())).map(spanWords)).toEqual(['09:00–14:00'])
  })

  test('saved in another tab meanwhile are not written over', async () => {
    await setWeek(on([1], '9', '12'))
    const seen = seenMark(shownWeekly(await weeklyHours(db())))
    await setWeek(on([1], '9', '13'))
    expect(await setWeek(on([1], '9', '14'), seen)).toEqual({ ok: false, reason: 'changed' })
    expect((await weeklyHours(db())).map(spanWords)).toEqual(['09:00–13:00'])
    // Who wants what is there already loses nothing.
    expect(await setWeek(on([1], '9', '13'), seen)).toEqual({ ok: true })
  })

  test('set twice at once are the one or the other', async () => {
    const [one, other] = [on(weekdays, '8', '10'), on(weekdays, '14', '16')]
    await Promise.all([setWeek(one), setWeek(other), setWeek(one), setWeek(other)])
    const kept = await weeklyHours(db())
    expect([JSON.stringify(one), JSON.stringify(other)]).toContain(JSON.stringify(kept))
  })
})

describe('dates with hours of their own', () => {
  beforeEach(() => setWeek([...on(weekdays, '9', '11'), ...on([1], '22', '2')]))

  test('closed: nothing on it, also not from the evening before [booking 5]', async () => {
    expect(await override('2026-11-24', '2026-11-24', [], 'Dentist')).toEqual({
      ok: true,
      dates: 1,
    })
    expect(await offered('2026-11-23', '2026-11-25')).toEqual([
      '23 09:00',
      '23 10:00',
      '23 22:00',
      '23 23:00',
      '25 09:00',
      '25 10:00',
    ])
  })

  test('opened, with two spans: those hours alone [booking 6, 7]', async () => {
    await override('2026-11-29', '2026-11-29', [span('10', '11'), span('15', '17')])
    await override('2026-11-25', '2026-11-25', [span('8', '9'), span('18', '19')])
    expect(await offered('2026-11-25', '2026-11-25')).toEqual(['25 08:00', '25 18:00'])
    expect(await offered('2026-11-29', '2026-11-29')).toEqual(['29 10:00', '29 15:00', '29 16:00'])
  })

  test('a holiday is many of them at once, set again and taken back', async () => {
    expect(await override('2026-12-21', '2027-01-03', [], 'Between the years')).toEqual({
      ok: true,
      dates: 14,
    })
    expect(await offered('2026-12-21', '2027-01-03')).toEqual([])
    await override('2026-12-30', '2026-12-30', [span('9', '10')])
    expect(await offered('2026-12-21', '2027-01-03')).toEqual(['30 09:00'])
    expect(
      (await overridesBetween(db(), '2026-12-29', '2026-12-30')).map(({ label }) => label),
    ).toEqual(['Between the years', undefined])
    expect(await inTransaction((tx) => restoreDates(tx, owner, '2026-12-22', '2027-12-31'))).toBe(
      13,
    )
    expect(await offered('2026-12-21', '2026-12-22')).toEqual(['22 09:00', '22 10:00'])
    expect(await inTransaction((tx) => restoreDates(tx, owner, '2027-06-01', '2027-06-30'))).toBe(0)
    expect((await audited()).filter((action) => action.startsWith('hours.dates'))).toEqual([
      'hours.dates_overridden',
      'hours.dates_overridden',
      'hours.dates_restored',
    ])
  })

  test('are refused where they are none or too many, and nothing is written', async () => {
    expect(await override('2026-12-02', '2026-12-01')).toEqual({ ok: false, reason: 'no_dates' })
    expect(await override('never', '2026-12-01')).toEqual({ ok: false, reason: 'no_dates' })
    expect(await override('2026-12-01', '2027-12-02')).toEqual({
      ok: false,
      reason: 'too_many_dates',
    })
    for (let year = 2027; year < 2032; year++) await override(`${year}-01-01`, `${year}-12-31`)
    expect(await override('2026-12-01', '2027-11-30')).toEqual({
      ok: false,
      reason: 'too_many_overrides',
    })
    expect(await overridesBetween(db(), '2026-12-01', '2026-12-31')).toEqual([])
  })

  test('keep their wall times where clocks change: nine is nine', async () => {
    const starts = async (zone: string) => {
      await db().updateTable('site').set({ time_zone: zone }).execute()
      return [await offered('2027-03-26', '2027-03-26'), await offered('2027-03-29', '2027-03-29')]
    }
    expect(await starts('Europe/Berlin')).toEqual([
      ['26 09:00', '26 10:00'],
      ['29 09:00', '29 10:00', '29 22:00', '29 23:00'],
    ])
    // The hours move with the shop's zone.
    expect((await starts('America/New_York'))[0]).toEqual(['26 09:00', '26 10:00'])
    expect((await hoursAround(db(), '2027-03-26', '2027-03-26')).zone).toBe('America/New_York')
  })
})

test('the database refuses hours that are none', async () => {
  const put = (weekday: number, from: number, to: number) =>
    db().insertInto('weekly_hours').values({ weekday, from_minute: from, to_minute: to }).execute()
  await expect(put(0, 540, 600)).rejects.toThrow('weekly_hours')
  await expect(put(8, 540, 600)).rejects.toThrow('weekly_hours')
  await expect(put(1, 1_440, 600)).rejects.toThrow('weekly_hours')
  await expect(put(1, 540, 1_441)).rejects.toThrow('weekly_hours')
  await expect(put(1, 540, 540)).rejects.toThrow('weekly_hours')
})
