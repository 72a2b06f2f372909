import { expect, test } from 'vitest'
import {
  byDate,
  datesOf,
  isDate,
  isMonth,
  isZone,
  longDate,
  monthAfter,
  monthAt,
  monthWords,
  spanText,
  timeLabels,
  weeksOf,
  zoneWords,
} from './month.ts'

test('months follow each other over the year, and know their dates', () => {
  expect(monthAfter('2026-12')).toBe('2027-01')
  expect(monthAfter('2026-01', -1)).toBe('2025-12')
  expect(datesOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(monthAt('Pacific/Auckland', Date.parse('2026-11-30T12:00:00Z'))).toBe('2026-12')
  expect(monthAt('America/New_York', Date.parse('2026-12-01T02:00:00Z'))).toBe('2026-11')
})

test.each([
  ['2026-13', false],
  ['2026-00', false],
  ['1969-12', false],
  ['2026-1', false],
  ['', false],
  ['2026-11', true],
])('%s is a month: %s', (text, is) => {
  expect(isMonth(text)).toBe(is)
})

test.each([
  ['2026-02-29', false],
  ['2028-02-29', true],
  ['2026-11-31', false],
  ['2026-11-3', false],
  ['not a date', false],
])('%s is a date: %s', (text, is) => {
  expect(isDate(text)).toBe(is)
})

test('a month is drawn in weeks that begin with Monday or Sunday', () => {
  const weeks = weeksOf('2026-11', 1)
  expect(weeks).toHaveLength(6)
  expect(weeks[0]).toEqual([...Array.from({ length: 6 }), '2026-11-01'])
  expect(weeks[5]?.[0]).toBe('2026-11-30')
  expect(weeksOf('2026-11', 7)[0]?.[0]).toBe('2026-11-01')
  expect(weeksOf('2027-02', 1)).toHaveLength(4)
})

test('another zone shows the same instants under other dates and labels', () => {
  const times = [Date.parse('2026-11-24T23:30:00Z'), Date.parse('2026-11-25T00:30:00Z')]
  expect([...byDate(times, 'UTC').keys()]).toEqual(['2026-11-24', '2026-11-25'])
  expect([...byDate(times, 'Europe/Berlin')]).toEqual([['2026-11-25', times]])
  expect([...timeLabels(times, { zone: 'Asia/Kolkata', locale: 'en-GB' }).values()]).toEqual([
    '05:00',
    '06:00',
  ])
})

test('a time that clocks show twice tells which of the two it is [booking 10]', () => {
  const times = [Date.parse('2026-11-01T05:30:00Z'), Date.parse('2026-11-01T06:30:00Z')]
  const labels = timeLabels(times, { zone: 'America/New_York', locale: 'en-GB' })
  expect([...labels.values()]).toEqual(['01:30 GMT-4', '01:30 GMT-5'])
})

test('dates, months, zones and spans are told in words', () => {
  expect(longDate('2026-11-24', 'de')).toBe('Dienstag, 24. November 2026')
  expect(monthWords('2026-11', 'en-GB')).toBe('November 2026')
  expect(zoneWords('Europe/Berlin', 'en-GB')).toBe('Central European Time (Berlin)')
  expect(zoneWords('UTC', 'en-GB')).toBe('UTC')
  const from = Date.parse('2026-11-24T22:30:00Z')
  const words = { zone: 'Europe/Berlin', locale: 'de' }
  expect(spanText(from, from + 1_800_000, words)).toBe(
    'Dienstag, 24. November 2026, 23:30 to Mittwoch, 25. November 2026, 00:00',
  )
  expect(spanText(from - 3_600_000, from, words)).toBe(
    'Dienstag, 24. November 2026, 22:30 to 23:30',
  )
})

test('only zones that exist are zones', () => {
  expect(isZone('Europe/Berlin')).toBe(true)
  expect(isZone('Mars/Olympus')).toBe(false)
  expect(isZone('')).toBe(false)
  expect(isZone('x'.repeat(70))).toBe(false)
})
