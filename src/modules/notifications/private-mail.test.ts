import { expect, test } from 'vitest'
import { holdsCode } from './private-mail.ts'

test('a mail with a code is for its reader alone, others are not', () => {
  const text = { kind: 'text', text: 'Hello 123456' } as const
  expect(holdsCode({ blocks: [text, { kind: 'code', code: '123456' }] })).toBe(true)
  expect(holdsCode({ blocks: [text] })).toBe(false)
})
