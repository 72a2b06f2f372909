import { expect, test } from 'vitest'
import { cutText } from './cut-text.ts'

test.each([
  ['paper', 10, 'paper'],
  ['paper', 3, 'pap'],
  ['ab🦊c', 4, 'ab🦊'],
  ['ab🦊c', 3, 'ab'],
  ['', 0, ''],
])('%j cut at %i is %j', (text, most, beginning) => {
  expect(cutText(text, most)).toBe(beginning)
})
