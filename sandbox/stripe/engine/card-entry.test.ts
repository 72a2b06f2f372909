import { expect, it } from 'vitest'
import { parseExpiry } from './card-entry.ts'

it.each([
  ['12 / 27', { month: 12, year: 2027 }],
  ['1/40', { month: 1, year: 2040 }],
  ['0130', { month: 1, year: 2030 }],
  ['12/2031', { month: 12, year: 2031 }],
  ['12-31', { month: 12, year: 2031 }],
  ['99/99', { month: 99, year: 2099 }],
])('%j is read as %j', (text, expiry) => {
  expect(parseExpiry(text)).toEqual(expiry)
})

it.each([[''], ['1'], ['12'], ['12/'], ['12/3'], ['abc'], ['12/345']])('%j is no date', (text) => {
  expect(parseExpiry(text)).toBeUndefined()
})
