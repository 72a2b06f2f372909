import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  byWeekday,
  joinedSpans,
  minutesAWeek,
  readSpans,
  readTime,
  spanWords,
  timeText,
} from './hours-form.ts'
import type { Span } from './types.ts'

test.each([
  ['9', 540],
  ['09:30', 570],
  ['9.30', 570],
  ['0930', 570],
  ['9h30', 570],
  ['00:00', 0],
  ['24:00', 1_440],
  [' 17:05 ', 1_025],
])('%j is minute %i', (text, minute) => {
  expect(readTime(text)).toBe(minute)
})

test.each(['', 'noon', '24:01', '25:00', '12:60', '-1', '9:5', '1:2:3', '١٢:٠٠', '123456'])(
  '%j is no time',
  (text) => {
    expect(readTime(text)).toBeUndefined()
  },
)

test('hours that run past midnight say so [booking 2]', () => {
  expect(spanWords({ fromMinute: 1_320, toMinute: 120 })).toBe('22:00 until 02:00 next day')
  expect(spanWords({ fromMinute: 1_200, toMinute: 1_440 })).toBe('20:00–24:00')
})

describe('the hours of one day', () => {
  const read = (...lines: [string, string][]) =>
    readSpans(lines.map(([from, to]) => ({ from, to })))
  const words = (...lines: [string, string][]) => {
    const found = read(...lines)
    return found.ok ? found.spans.map(spanWords) : found.problem
  }

  test('are read in any order, with empty lines left out', () => {
    expect(read(['13', '17:00'], ['', ''], ['9', '12'])).toEqual({
      ok: true,
      isMerged: false,
      spans: [
        { fromMinute: 540, toMinute: 720 },
        { fromMinute: 780, toMinute: 1_020 },
      ],
    })
  })

  test('that overlap, touch or come twice are one, and it is told [booking 4]', () => {
    expect(words(['9', '12'], ['11', '14'], ['14', '15'])).toEqual(['09:00–15:00'])
    expect(words(['9', '12'], ['9', '12'])).toEqual(['09:00–12:00'])
    expect(words(['20:00', '23:00'], ['22:00', '2:00'])).toEqual(['20:00 until 02:00 next day'])
    expect(words(['0:00', '12:00'], ['12:00', '24:00'])).toEqual(['00:00–24:00'])
    expect(read(['9', '12'], ['10', '11'])).toMatchObject({ isMerged: true })
    // Longer than a day cannot be written as one.
    expect(words(['0:00', '24:00'], ['22:00', '2:00'])).toEqual([
      '00:00–24:00',
      '22:00 until 02:00 next day',
    ])
  })

  test('that cannot be read are refused in words, with their line', () => {
    expect(read(['9', '12'], ['noon', '14'])).toMatchObject({ ok: false, line: 1 })
    expect(words(['9', ''])).toContain('When does it end?')
    expect(words(['', '12'])).toContain('When does it begin?')
    expect(words(['24:00', '12'])).toContain('When does it begin?')
    expect(words(['9', '9'])).toContain('The whole day is 00:00 to 24:00.')
    expect(
      read(...Array.from({ length: 13 }, (_, at): [string, string] => [`${at}:00`, `${at}:30`])).ok,
    ).toBe(false)
  })

  test('are open at the same minutes before and after they are joined', () => {
    const minute = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15)
    const span = fc
      .tuple(minute, minute)
      .filter(([from, to]) => from !== to)
      .map(([fromMinute, toMinute]): Span => ({ fromMinute, toMinute }))
    const open = (spans: readonly Span[]) => {
      const minutes = new Set<number>()
      for (const { fromMinute, toMinute } of spans)
        for (let at = fromMinute; at < (toMinute < fromMinute ? toMinute + 1_440 : toMinute); at++)
          minutes.add(at)
      return [...minutes].toSorted((one, other) => one - other)
    }
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), (spans) => {
        const joined = joinedSpans(spans)
        expect(open(joined)).toEqual(open(spans))
        const froms = joined.map(({ fromMinute }) => fromMinute)
        expect(new Set(froms).size).toBe(froms.length)
        for (const { fromMinute, toMinute } of joined) {
          expect(toMinute).not.toBe(fromMinute)
          expect(toMinute).toBeLessThanOrEqual(1_440)
        }
      }),
    )
  })
})

test('a week is told by its days and its length', () => {
  const weekly = [
    { weekday: 2, fromMinute: 780, toMinute: 1_020 },
    { weekday: 2, fromMinute: 540, toMinute: 720 },
    { weekday: 7, fromMinute: 1_320, toMinute: 120 },
  ]
  expect(byWeekday(weekly).map((day) => day.map(({ fromMinute }) => timeText(fromMinute)))).toEqual(
    [[], ['09:00', '13:00'], [], [], [], [], ['22:00']],
  )
  expect(minutesAWeek(weekly)).toBe(180 + 240 + 240)
})
