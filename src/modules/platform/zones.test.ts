import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayMs, minuteMs, zoneNamed } from './zones.ts'

const wall = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`)
const iso = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z')

describe('a reading of calendar and clock', () => {
  test.each([
    ['America/New_York', '2026-07-01 09:00', '2026-07-01T13:00Z'],
    // 02:00 to 03:00 is skipped; 01:00 to 02:00 occurs twice.
    ['America/New_York', '2026-03-08 02:30', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-03-08 03:00', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01 01:30', '2026-11-01T05:30Z'],
    ['America/New_York', '2026-11-01 02:00', '2026-11-01T07:00Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:45', '2026-04-04T14:45Z'],
    ['Australia/Lord_Howe', '2026-10-04 02:15', '2026-10-03T15:30Z'],
    // Midnight does not exist.
    ['Africa/Cairo', '2026-04-24 00:00', '2026-04-23T22:00Z'],
    // At midnight back into the evening before: the day begins when the second evening is over.
    ['America/Sao_Paulo', '2018-02-18 00:00', '2018-02-18T03:00Z'],
    ['America/Sao_Paulo', '2018-02-17 23:30', '2018-02-18T01:30Z'],
    // Two hours at once, and a date that never was.
    ['Antarctica/Troll', '2026-03-29 02:00', '2026-03-29T01:00Z'],
    ['Pacific/Apia', '2011-12-30 12:00', '2011-12-30T10:00Z'],
    ['Pacific/Apia', '2011-12-31 00:00', '2011-12-30T10:00Z'],
    ['Asia/Kathmandu', '2026-11-24 00:00', '2026-11-23T18:15Z'],
    ['UTC', '1999-12-31 23:59', '1999-12-31T23:59Z'],
    ['Europe/Berlin', '2200-07-01 12:00', '2200-07-01T10:00Z'],
  ])('in %s %s is %s', (zone, reading, instant) => {
    expect(iso(zoneNamed(zone).instantOf(wall(reading)))).toBe(instant)
  })
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Pacific/Apia',
  'Pacific/Chatham',
]
const moments = fc.tuple(
  fc.constantFrom(...zones),
  fc.integer({ min: Date.UTC(1995, 0) / minuteMs, max: Date.UTC(2060, 0) / minuteMs }),
)

test('what it shows is what Intl shows, whenever', () => {
  const formats = new Map(
    zones.map((zone) => [
      zone,
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }),
    ]),
  )
  fc.assert(
    fc.property(moments, ([zone, minute]) => {
      const shown = new Date(zoneNamed(zone).wallAt(minute * minuteMs)).toISOString()
      expect(shown.slice(0, 16).replace('T', ' ')).toBe(
        formats.get(zone)?.format(minute * minuteMs),
      )
    }),
    { numRuns: 3_000 },
  )
})

test('the instant of a reading is the first that shows it or more', () => {
  fc.assert(
    fc.property(moments, ([name, minute]) => {
      const zone = zoneNamed(name)
      const reading = minute * minuteMs
      const instant = zone.instantOf(reading)
      expect(zone.wallAt(instant)).toBeGreaterThanOrEqual(reading)
      for (const before of [1, 30, 60, 120, 24 * 60])
        expect(zone.wallAt(instant - before * minuteMs)).toBeLessThan(reading)
    }),
    { numRuns: 3_000 },
  )
})

test('every change of every zone of thirty years is found', () => {
  const twoOffsets = (zone: string, from: number) => {
    const there = zoneNamed(zone)
    return there.wallAt(from) - from !== there.wallAt(from + dayMs) - from - dayMs
  }
  const changes = (zone: string) => {
    let found = 0
    for (let at = Date.UTC(2000, 0); at < Date.UTC(2030, 0); at += dayMs)
      if (twoOffsets(zone, at)) found++
    return found
  }
  expect(changes('Europe/Berlin')).toBe(60)
  expect(changes('UTC')).toBe(0)
  expect(changes('Pacific/Apia')).toBeGreaterThan(10)
})

test('a name of no zone is refused; names cannot fill the memory', () => {
  expect(() => zoneNamed('Middle/Earth')).toThrow(RangeError)
  expect(() => zoneNamed('')).toThrow(RangeError)
  expect(() => zoneNamed('Europe/Atlantis')).toThrow(RangeError)
  for (let at = 0; at < 1_500; at++) {
    const minutes = String(at % 60).padStart(2, '0')
    zoneNamed(`+${String(Math.floor(at / 60) % 14).padStart(2, '0')}:${minutes}`)
  }
  expect(iso(zoneNamed('+05:45').instantOf(wall('2026-01-01 05:45')))).toBe('2026-01-01T00:00Z')
})
