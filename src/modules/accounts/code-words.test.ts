import { expect, test } from 'vitest'
import { codeProblemWords } from './code-words.ts'

const words = (problem: Parameters<typeof codeProblemWords>[0]) =>
  codeProblemWords(problem, 'Please have a new one sent.')

test('a wrong code says how many tries are left', () => {
  expect(words({ reason: 'wrong', triesLeft: 3 })).toContain('3 more tries')
  expect(words({ reason: 'wrong', triesLeft: 1 })).toContain('one more try')
})

test.each(['expired', 'too_many_tries', 'unknown'] as const)(
  'a code that is over (%s) says what to do',
  (reason) => {
    expect(words({ reason })).toMatch(/ Please have a new one sent\.$/)
  },
)
