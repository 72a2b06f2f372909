import { expect, test } from 'vitest'
import { countWords, firstWords, readingMinutes } from './reading.ts'

test('words are counted by letters and digits, not by signs', () => {
  expect(countWords('One, two: three — 4!')).toBe(4)
  expect(countWords('')).toBe(0)
})

test('the first words end with a word', () => {
  expect(firstWords('One, two, three.', 2)).toBe('One, two')
  expect(firstWords('One', 5)).toBe('One')
  expect(firstWords('One', 0)).toBe('')
})

test.each([
  [0, 1],
  [100, 1],
  [476, 2],
  [2380, 10],
])('%i words take %i min', (words, minutes) => {
  expect(readingMinutes(words)).toBe(minutes)
})
