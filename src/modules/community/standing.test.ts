import { expect, test } from 'vitest'
import { decided, mayBeEdited, standingOf, stored } from './standing.ts'

test('words can be changed for 15 minutes [engage 54]', () => {
  const at = new Date('2026-11-22T10:00:00Z')
  expect(mayBeEdited(at, new Date('2026-11-22T10:14:59Z'))).toBe(true)
  expect(mayBeEdited(at, new Date('2026-11-22T10:15:00Z'))).toBe(false)
})

test('a decision changes what it can change, and nothing twice', () => {
  expect(decided('held', 'publish', 0)).toBe('shown')
  expect(decided('reported', 'publish', 3)).toBe('shown')
  expect(decided('shown', 'publish', 0)).toBeUndefined()
  expect(decided('shown', 'publish', 1)).toBe('shown')
  expect(decided('spam', 'spam', 0)).toBeUndefined()
  expect(decided('deleted', 'publish', 0)).toBeUndefined()
})

test('each standing is stored and read back as itself', () => {
  for (const standing of ['shown', 'held', 'spam', 'reported', 'hidden', 'deleted'] as const) {
    const { state, hiddenBy } = stored(standing)
    expect(standingOf(state, hiddenBy)).toBe(standing)
  }
  expect(() => standingOf('burnt', null)).toThrow(/burnt/)
})
