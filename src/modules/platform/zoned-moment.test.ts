import { expect, test } from 'vitest'
import { momentAt, wallClock } from './zoned-moment.ts'

test.each([
  ['2026-11-22', '14:05', 'UTC', '2026-11-22T14:05:00.000Z'],
  ['2026-11-22', '14:05', 'Europe/Berlin', '2026-11-22T13:05:00.000Z'],
  ['2026-07-01', '00:00', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
  ['2026-01-01', '08:00', 'Pacific/Kiritimati', '2025-12-31T18:00:00.000Z'],
  ['2026-01-01', '08:00', 'America/St_Johns', '2026-01-01T11:30:00.000Z'],
  // Clocks are put forward at 02:00: 02:30 does not exist, and is the moment of the jump.
  ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  // And back at 03:00: 02:30 occurs twice.
  ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25', '03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
])('%s %s in %s is %s', (day, time, zone, instant) => {
  expect(momentAt(day, time, zone)?.toISOString()).toBe(instant)
})

test.each([
  ['2026-02-30', '10:00'],
  ['2026-13-01', '10:00'],
  ['1999-01-01', '10:00'],
  ['2026-01-01', '24:00'],
  ['2026-01-01', '9:00'],
  ['', ''],
])('%j %j is no moment', (day, time) => {
  expect(momentAt(day, time, 'UTC')).toBeUndefined()
})

test('what a form shows of a moment leads back to it', () => {
  const instant = new Date('2026-05-17T21:47:00Z')
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']) {
    const { day, time } = wallClock(instant, zone)
    expect(momentAt(day, time, zone)).toEqual(instant)
  }
})
