import { expect, test } from 'vitest'
import { rightsThatOpen } from './access.ts'

const none = { anyPlan: false, planIds: [], productIds: [] }

test('any of what was chosen opens a premium post', () => {
  expect(rightsThatOpen({ anyPlan: false, planIds: ['a'], productIds: ['b', 'c'] })).toEqual([
    { benefit: 'plan', subjectIds: ['a'] },
    { benefit: 'product', subjectIds: ['b', 'c'] },
  ])
})

test('any plan is wider than the plans that were chosen', () => {
  expect(rightsThatOpen({ ...none, anyPlan: true, planIds: ['a'] })).toEqual([
    { benefit: 'plan', subjectIds: 'any' },
  ])
})

test('a premium post with nothing chosen is opened by nothing', () => {
  expect(rightsThatOpen(none)).toEqual([])
})
