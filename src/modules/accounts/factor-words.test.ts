import { expect, test } from 'vitest'
import { factorProblemWords } from './factor-words.ts'

test.each([
  [{ reason: 'wrong', triesLeft: 4 }, /not right.*4 more tries/],
  [{ reason: 'wrong', triesLeft: 1 }, /one more try/],
  [{ reason: 'wrong' }, /not right any more\.$/],
  [{ reason: 'used', triesLeft: 2 }, /used already.*2 more tries/],
  [{ reason: 'unread' }, /six digits.*twelve letters/],
] as const)('%o is told in words', (problem, words) =>
  expect(factorProblemWords(problem)).toMatch(words),
)
