import { expect, test } from 'vitest'
import { firstTerms } from './service-typed.ts'
import { deliveryWords, lengthWords, placeWords, policyWords } from './service-words.ts'

test.each([
  [30, '30 minutes'],
  [60, '1 hour'],
  [90, '90 minutes'],
  [120, '2 hours'],
  [150, '2 hours 30 minutes'],
  [1_440, '1 day'],
  [2_881, '2 days 1 minute'],
])('%i minutes are told as "%s"', (minutes, words) => {
  expect(lengthWords(minutes)).toBe(words)
})

test('a service tells its length, its place and how many share it; a link only to those who booked', () => {
  const terms = { ...firstTerms, duration: 90, place: 'https://meet.example/secret' }
  expect(deliveryWords(terms)).toBe('90 minutes, online')
  expect(placeWords(terms)).toBe('Online')
  expect(deliveryWords({ ...terms, placeKind: 'later', seats: 5 })).toBe(
    '90 minutes, up to 5 people',
  )
  expect(placeWords({ placeKind: 'address', place: 'Quay 4' })).toBe('In person: Quay 4')
})

test('the cut-offs are told in sentences', () => {
  expect(policyWords(firstTerms)).toEqual([
    'You can cancel free of charge until 1 day before it begins; later, the session counts as used.',
    'You can move it until 1 day before it begins, up to 2 times.',
  ])
  expect(policyWords({ cancelCutoff: undefined, moveCutoff: 0, mostMoves: 1 })).toEqual([
    'You can cancel free of charge until it begins.',
    'You can move it until it begins, once.',
  ])
  expect(policyWords({ cancelCutoff: 60, moveCutoff: 60, mostMoves: 0 })).toEqual([
    'You can cancel free of charge until 1 hour before it begins; later, the session counts as used.',
    'It cannot be moved.',
  ])
})
