import { expect, test } from 'vitest'
import { isReordering, moved } from './ordering.ts'

const list = ['a', 'b', 'c']

test('one thing moves by a place or to the front', () => {
  expect(moved(list, 'b', 'earlier')).toEqual(['b', 'a', 'c'])
  expect(moved(list, 'b', 'later')).toEqual(['a', 'c', 'b'])
  expect(moved(list, 'c', 'first')).toEqual(['c', 'a', 'b'])
})

test('nothing moves past the ends, and an unknown thing moves nothing', () => {
  expect(moved(list, 'a', 'earlier')).toEqual(list)
  expect(moved(list, 'c', 'later')).toEqual(list)
  expect(moved(list, 'x', 'first')).toEqual(list)
})

test('a reordering has the same things, each once', () => {
  expect(isReordering(list, ['c', 'a', 'b'])).toBe(true)
  expect(isReordering(list, ['a', 'b'])).toBe(false)
  expect(isReordering(list, ['a', 'b', 'b'])).toBe(false)
  expect(isReordering(list, ['a', 'b', 'x'])).toBe(false)
})
