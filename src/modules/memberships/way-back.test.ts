import { expect, test } from 'vitest'
import { plansPath, postToGoBackTo } from './way-back.ts'

test('only the address of a post is a way back', () => {
  expect(postToGoBackTo('seven-questions')).toBe('seven-questions')
  for (const other of [
    null,
    '',
    '//example.com',
    'https://example.com',
    'a/../../admin',
    'a?b',
    'a#b',
    'A',
    '-a',
    'a\n',
    'a'.repeat(82),
  ])
    expect(postToGoBackTo(other), String(other)).toBeUndefined()
})

test('the chosen plan and the post stand in the address of the plans', () => {
  expect(plansPath('1', { post: undefined, code: '' })).toBe('/plans?plan=1#plan-1')
  expect(plansPath('1', { code: 'A&B', notice: 'code' })).toBe(
    '/plans?plan=1&code=A%26B&notice=code#plan-1',
  )
  expect(plansPath('1', { post: 'a-letter' })).toBe('/plans?plan=1&post=a-letter#plan-1')
})
