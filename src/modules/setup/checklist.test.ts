import { expect, test } from 'vitest'
import { checklist, type SetupFacts } from './checklist.ts'

const nothing: SetupFacts = {
  isNamed: false,
  hasOwnProduct: false,
  hasTestSale: false,
  hasExamples: true,
  hasKeys: false,
  isLive: false,
  hasMailServer: false,
  isMailTested: false,
  hasSecondFactor: false,
}
const done = (facts: Partial<SetupFacts>) =>
  checklist({ ...nothing, ...facts })
    .filter((item) => item.isDone)
    .map((item) => item.name)

test('a new shop has everything before it, and each item leads somewhere', () => {
  expect(done({})).toEqual([])
  expect(checklist(nothing)).toHaveLength(6)
  for (const item of checklist(nothing)) expect(item.href).toMatch(/^\//)
})

test('items tick themselves by what is so', () => {
  expect(done({ isNamed: true, hasTestSale: true })).toEqual(['shop', 'sale'])
  expect(done({ hasMailServer: true })).toEqual([])
  expect(done({ hasMailServer: true, isMailTested: true })).toEqual(['mail'])
})

test('a key alone is not done: it leads on to going live', () => {
  expect(done({ hasKeys: true })).toEqual([])
  expect(
    checklist({ ...nothing, hasKeys: true }).find((item) => item.name === 'payments')?.href,
  ).toBe('/admin/settings/live')
})
