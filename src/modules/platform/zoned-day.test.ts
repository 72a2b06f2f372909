import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayOf, nextDay, startOfDay } from './zoned-day.ts'

test('a day begins at midnight where the owner lives', () => {
  const iso = (day: string, zone: string) => startOfDay(day, zone)?.toISOString()
  expect(iso('2026-11-22', 'Europe/Berlin')).toBe('2026-11-21T23:00:00.000Z')
  expect(iso('2026-07-01', 'Europe/Berlin')).toBe('2026-06-30T22:00:00.000Z')
  expect(iso('2026-11-22', 'Pacific/Kiritimati')).toBe('2026-11-21T10:00:00.000Z')
  expect(iso('2026-11-22', 'Pacific/Pago_Pago')).toBe('2026-11-22T11:00:00.000Z')
  expect(iso('2026-11-22', 'Asia/Kathmandu')).toBe('2026-11-21T18:15:00.000Z')
})

test('where clocks skip midnight, the day begins with its first minute', () => {
  // Beirut goes from 23:59 to 01:00 on the last Sunday of March.
  expect(startOfDay('2024-03-31', 'Asia/Beirut')?.toISOString()).toBe('2024-03-30T22:00:00.000Z')
})

test('what is no day is none', () => {
  for (const text of [
    '',
    '2026-02-30',
    '2026-13-01',
    '22.11.2026',
    '2026-1-1',
    '1999-12-31',
    '0000-00-00',
    'x',
  ])
    expect(startOfDay(text, 'UTC')).toBeUndefined()
})

test('M28: the day after', () => {
  expect([nextDay('2026-12-31'), nextDay('2028-02-28')]).toEqual(['2027-01-01', '2028-02-29'])
})

test('M28: whatever day and zone: it is that day from its beginning on, and another one the minute before', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Sao_Paulo',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
  ]
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 36_000 }), fc.constantFrom(...zones), (days, zone) => {
      const day = new Date(Date.UTC(2000, 0, 1) + days * 86_400_000).toISOString().slice(0, 10)
      const start = startOfDay(day, zone)
      expect(start && dayOf(start, zone)).toBe(day)
      expect(start && dayOf(new Date(start.getTime() - 60_000), zone) < day).toBe(true)
    }),
  )
})
