import { expect, test } from 'vitest'
import { givenWords, lengthWords, type GivenStanding } from './given-words.ts'

const now = new Date('2026-11-22T12:00:00Z')
const later = new Date('2026-12-01T09:30:00Z')
const end = new Date('2027-03-01T09:30:00Z')
const dates = { zone: 'UTC', locale: 'en-GB' }
const gift: GivenStanding = {
  kind: 'gift',
  months: 3,
  from: undefined,
  until: undefined,
  leftMs: undefined,
  endedAt: undefined,
  isTakenBack: false,
}
const comp: GivenStanding = { ...gift, kind: 'comp', months: undefined, from: now }

test.each([
  [comp, 'Given', 'Open for you without an end.'],
  [{ ...comp, until: end }, 'Given', 'Open for you until 1 Mar 2027, 09:30.'],
  [{ ...gift, from: now, until: end }, 'Gift', 'Open for you until 1 Mar 2027, 09:30.'],
  [gift, 'Waits', '3 months wait until what you have of it already ends. Nothing of it is lost.'],
  [
    { ...gift, leftMs: 30.2 * 86_400_000 },
    'Waits',
    '31 days wait until what you have of it already ends. Nothing of it is lost.',
  ],
  [
    { ...gift, from: later, until: end },
    'Waits',
    'It begins on 1 Dec 2026, 09:30, when what you have already ends, and lasts until 1 Mar 2027, 09:30.',
  ],
  [{ ...comp, until: now }, 'Ended', 'It ended on 22 Nov 2026, 12:00.'],
  [{ ...comp, endedAt: now, isTakenBack: true }, 'Taken back', 'It ended on 22 Nov 2026, 12:00.'],
] as const)('a plan that was given is told [commerce 33, 60]: %#', (one, word, next) => {
  expect(givenWords(one, dates, now, 'holder')).toMatchObject({ word, next })
})

test('the owner reads of somebody else', () => {
  expect(givenWords(comp, dates, now, 'owner').next).toBe('Open for them without an end.')
  expect(lengthWords(1, undefined)).toBe('1 month')
  expect(lengthWords(1, 5)).toBe('1 day')
})
