import { expect, test } from 'vitest'
import { tooMany } from './too-many.ts'

test.each([
  [1, 'a minute'],
  [60, 'a minute'],
  [61, '2 minutes'],
  [3600, '60 minutes'],
  [3601, '2 hours'],
  [86_400, '24 hours'],
])('after %i seconds one may come back in %s', (seconds, words) => {
  let headers: Record<string, string> = {}
  const told = tooMany(
    { setHeaders: (set) => (headers = set) },
    'Many codes were asked for',
    seconds,
  )
  expect(told).toBe(`Many codes were asked for just now. Please try again in ${words}.`)
  expect(headers).toEqual({ 'retry-after': String(seconds) })
})
