import { expect, test } from 'vitest'
import { networkWords } from './network-words.ts'

test.each([
  ['203.0.113.9', '203.0.113.x'],
  ['::ffff:203.0.113.9', '203.0.113.x'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::x'],
  ['2001:db8::1', '2001:db8::x'],
  ['::1', '::x'],
  ['', ''],
  ['unknown', ''],
  [undefined, ''],
])('%s is shown as "%s"', (address, words) => {
  expect(networkWords(address)).toBe(words)
})
