import { expect, test } from 'vitest'
import { waitAfter, waitForSale } from './retry.ts'

test('an event that failed waits longer each time, and is parked after the last', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => waitAfter(attempt, 0.5))).toEqual([
    10_000,
    60_000,
    300_000,
    1_800_000,
    7_200_000,
    21_600_000,
    'park',
  ])
  expect([waitAfter(1, 0), waitAfter(1, 1)]).toEqual([8_000, 12_000])
})

test('what waits for a sale comes again within ten seconds however often, and keeps tries for itself', () => {
  let tries = 0
  const waits = Array.from({ length: 8 }, () => {
    const { waitMs, countsAsAttempt } = waitForSale(tries)
    if (countsAsAttempt) tries++
    return waitMs
  })
  expect(waits).toEqual([500, 2_000, 5_000, 10_000, 10_000, 10_000, 10_000, 10_000])
  expect(waitAfter(tries + 1, 0.5)).not.toBe('park')
})
