import { expect, test } from 'vitest'
import { causeWords, historyWords } from './history-words.ts'

const dates = { zone: 'UTC', locale: 'en-GB' }
const line = { status: 'active', planTitle: 'Gold', cause: '', detail: {} }

test.each([
  ['begun', {}, 'Begun with Gold'],
  ['plan', { from: 'x' }, 'Changed to Gold'],
  ['cancel_set', { at: '2026-12-01T10:00:00.000Z' }, 'Cancelled for 1 December 2026'],
  ['cancel_set', { at: null }, 'Cancelled for the end of what is paid'],
  ['renewed', { until: '2026-12-01T10:00:00.000Z' }, 'Renewed until 1 December 2026'],
  ['status', { from: 'trialing' }, 'Paid and open'],
  ['something newer', {}, 'Brought up to date'],
])('%s is told in words', (what, detail, words) => {
  expect(historyWords({ ...line, what, detail }, dates)).toBe(words)
})

test('a cause is told as it is; what Stripe told of keeps its id', () => {
  expect(causeWords('ended by the owner')).toBe('ended by the owner')
  expect(causeWords('evt_1')).toBe('Stripe told of it (evt_1)')
})
