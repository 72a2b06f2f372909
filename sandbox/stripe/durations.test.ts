import { expect, it } from 'vitest'
import { parseDuration } from './durations.ts'

it.each([
  ['8d', 691_200_000],
  ['36h', 129_600_000],
  ['90s', 90_000],
  ['15m', 900_000],
  ['250ms', 250],
  ['2w', 1_209_600_000],
  ['1d 12h', 129_600_000],
  [' 1.5h ', 5_400_000],
  ['0s', 0],
])('%j is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each([[''], ['8'], ['d'], ['8 d'], ['-1d'], ['8y'], ['1d,2h'], ['soon']])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)
