import { expect, test } from 'vitest'
import { isSameClock, momentWords, timeWords } from './time-words.ts'

const at = (text: string) => new Date(text)
const british = (zone: string) => ({ zone, locale: 'en-GB' })

test('says date, weekday, time and zone; hours as the locale counts them, never ambiguous', () => {
  const from = at('2031-03-10T13:30:00Z')
  const until = at('2031-03-10T14:30:00Z')
  expect(timeWords(from, until, british('Europe/Berlin')).whole).toBe(
    'Monday, 10 March 2031, 14:30 to 15:30 (Europe/Berlin, GMT+1)',
  )
  expect(timeWords(from, until, { zone: 'America/New_York', locale: 'en-US' }).whole).toBe(
    'Monday, March 10, 2031, 9:30 AM to 10:30 AM (America/New_York, GMT-4)',
  )
  expect(timeWords(from, until, { zone: 'Asia/Kathmandu', locale: 'en-US' }).time).toBe(
    '7:15 PM to 8:15 PM',
  )
})

test('names both dates where midnight lies between, and tells the two hours of an autumn night apart', () => {
  expect(
    timeWords(at('2031-03-10T22:30:00Z'), at('2031-03-10T23:30:00Z'), british('Europe/Berlin'))
      .time,
  ).toBe('23:30 to Tuesday, 11 March 2031, 00:30')
  const [first, second] = ['2031-10-26T00:30:00Z', '2031-10-26T01:30:00Z'].map((text) =>
    momentWords(at(text), british('Europe/Berlin')),
  )
  expect(first).toBe('Sunday, 26 October 2031, 02:30 (Europe/Berlin, GMT+2)')
  expect(second).toBe('Sunday, 26 October 2031, 02:30 (Europe/Berlin, GMT+1)')
})

test('a zone without an offset is named once', () => {
  expect(momentWords(at('2031-03-10T13:30:00Z'), british('UTC'))).toBe(
    'Monday, 10 March 2031, 13:30 (UTC)',
  )
})

test('two zones have the same clock where they show the same, whatever they are called', () => {
  expect(isSameClock(at('2031-03-10T13:30:00Z'), 'Europe/Berlin', 'Europe/Paris')).toBe(true)
  expect(isSameClock(at('2031-03-20T13:30:00Z'), 'Europe/Berlin', 'Africa/Lagos')).toBe(true)
  expect(isSameClock(at('2031-07-20T13:30:00Z'), 'Europe/Berlin', 'Africa/Lagos')).toBe(false)
})
