import { describe, expect, test } from 'vitest'
import { dayPlus, daysOf, partsOf, periodBefore, readPeriod } from './period.ts'

const today = '2026-11-22'
const read = (query: string) => readPeriod(new URLSearchParams(query), today)

describe('a period', () => {
  test('is four weeks unless another is asked for, and ends today', () => {
    expect(read('').period).toEqual({ from: '2026-10-26', to: today })
    expect(read('period=7').period).toEqual({ from: '2026-11-16', to: today })
    expect(daysOf(read('period=year').period)).toBe(365)
    for (const nonsense of ['period=', 'period=8', 'period=toString', 'period=__proto__'])
      expect(read(nonsense)).toEqual(read(''))
  })

  test('of chosen days holds both ends, at most a leap year, nothing to come', () => {
    expect(read('period=custom&from=2026-02-01&to=2026-02-01').period).toEqual({
      from: '2026-02-01',
      to: '2026-02-01',
    })
    expect(read('period=custom&from=2026-11-01&to=2027-01-01').period.to).toBe(today)
    for (const [query, words] of [
      ['', 'first and the last'],
      ['from=2026-02-30&to=2026-03-01', 'first and the last'],
      ['from=2026-03-02&to=2026-03-01', 'after'],
      ['from=2027-03-02&to=2027-03-03', 'to come'],
      ['from=2020-03-02&to=2026-03-03', 'at most 366'],
      ['from=0000-03-02&to=2026-03-03', 'first and the last'],
    ])
      expect(read(`period=custom&${query}`)).toMatchObject({
        preset: '28',
        problem: expect.stringContaining(words ?? ''),
      })
  })

  test('is compared with as many days just before', () => {
    expect(periodBefore({ from: '2026-03-01', to: '2026-03-07' })).toEqual({
      from: '2026-02-22',
      to: '2026-02-28',
    })
  })

  test('of thirds of months, without a gap; only what is over may be remembered', () => {
    const period = { from: '2026-09-05', to: today }
    const parts = partsOf(period, today)
    expect(parts[0]).toEqual({ from: '2026-09-05', to: '2026-09-10', isOver: false })
    expect(parts[1]).toEqual({ from: '2026-09-11', to: '2026-09-20', isOver: true })
    expect(parts[2]).toEqual({ from: '2026-09-21', to: '2026-09-30', isOver: true })
    expect(parts.at(-2)).toEqual({ from: '2026-11-11', to: '2026-11-20', isOver: true })
    expect(parts.at(-1)).toEqual({ from: '2026-11-21', to: today, isOver: false })
    for (const [at, part] of parts.entries())
      if (at > 0) expect(part.from).toBe(dayPlus(parts[at - 1]?.to ?? '', 1))
    expect(partsOf({ from: '2026-11-11', to: '2026-11-20' }, '2026-11-21')[0]?.isOver).toBe(false)
  })

  test('goes by the calendar', () => {
    expect(dayPlus('2026-03-28', 1)).toBe('2026-03-29')
    expect(dayPlus('2024-02-28', 1)).toBe('2024-02-29')
  })
})
