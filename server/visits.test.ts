import { expect, test } from 'vitest'
import { Visits } from './visits.ts'

test('somebody is there for a moment after each request', () => {
  let now = 0
  const visits = new Visits(() => now)
  expect(visits.areThere()).toBe(false)
  visits.note()
  now += 249
  expect(visits.areThere()).toBe(true)
  now += 1
  expect(visits.areThere()).toBe(false)
})
