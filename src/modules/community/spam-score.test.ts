import { expect, test } from 'vitest'
import { spamScore, verdictOf, type Arrival } from './spam-score.ts'

const honest: Arrival = {
  body: 'Thank you, the part about paper helped me.',
  hiddenField: '',
  secondsOnForm: 40,
  sameWords: 0,
  shownBefore: 0,
  ageDays: 0,
}
const verdict = (more: Partial<Arrival>) => verdictOf(spamScore({ ...honest, ...more }))

test('an honest first comment is shown at once', () => {
  expect(verdict({})).toBe('shown')
  expect(verdict({ secondsOnForm: 3 })).toBe('shown')
})

test('who fills the field that people do not see, or answers in a second, is spam [engage 57]', () => {
  expect(verdict({ hiddenField: 'x' })).toBe('spam')
  expect(verdict({ secondsOnForm: 1 })).toBe('spam')
  expect(verdict({ hiddenField: 'x', shownBefore: 50, ageDays: 900 })).toBe('spam')
})

test('a first comment with a link waits; from somebody who was read before it is shown', () => {
  expect(verdict({ body: 'See https://example.com' })).toBe('held')
  expect(verdict({ body: 'See https://example.com', ageDays: 400 })).toBe('held')
  expect(verdict({ body: 'See https://example.com', ageDays: 400, shownBefore: 3 })).toBe('shown')
})

test('many links and selling words are spam', () => {
  expect(
    verdict({ body: 'https://a.example https://b.example https://c.example https://d.example' }),
  ).toBe('spam')
  expect(verdict({ body: 'Casino, forex and crypto' })).toBe('spam')
  expect(verdict({ body: 'My bank asked about my loan, too.' })).toBe('held')
})

test('the same words again wait, and over and over they are spam', () => {
  expect(verdict({ sameWords: 1 })).toBe('held')
  expect(verdict({ sameWords: 3 })).toBe('spam')
})

test('a form without its proof of time waits', () => {
  expect(verdict({ secondsOnForm: undefined })).toBe('held')
})

test('shouting alone is no crime', () => {
  expect(verdict({ body: 'THIS IS THE BEST THING I HAVE READ IN A LONG TIME' })).toBe('shown')
})
