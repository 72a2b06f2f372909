import { expect, test } from 'vitest'
import { summaryOf } from './form-errors.ts'

test('a single mistake is told at its field, several above the form, too', () => {
  expect(summaryOf(undefined)).toEqual({})
  expect(summaryOf({ email: 'missing' })).toEqual({})
  expect(summaryOf({ '': 'too many' })).toEqual({ '': 'too many' })
  const two = { email: 'missing', password: 'missing' }
  expect(summaryOf(two)).toEqual(two)
})
