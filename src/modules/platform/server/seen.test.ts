import { expect, test } from 'vitest'
import { overwrites, seenMark } from './seen.ts'

const stored = { name: 'Mine', note: undefined, days: [1, 2] }

test('a mark is of the values, in whatever order they stand', () => {
  expect(seenMark({ days: [1, 2], note: null, name: 'Mine' })).toBe(seenMark(stored))
  expect(seenMark({ ...stored, name: 'mine' })).not.toBe(seenMark(stored))
  expect(seenMark({ ...stored, days: [2, 1] })).not.toBe(seenMark(stored))
})

test('a save replaces only what its writer has seen, or what says the same', () => {
  const next = { ...stored, name: 'Ours' }
  expect(overwrites(seenMark(stored), stored, next)).toBe(false)
  expect(overwrites(seenMark({ ...stored, name: 'Former' }), stored, next)).toBe(true)
  expect(overwrites(seenMark({ ...stored, name: 'Former' }), stored, stored)).toBe(false)
  expect(overwrites('', stored, next)).toBe(true)
  expect(overwrites(undefined, stored, next)).toBe(false)
})
