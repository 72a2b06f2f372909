import { expect, test } from 'vitest'
import { afterRefundWords } from './refund-words.ts'

const dates = { zone: 'UTC', locale: 'en-GB' }
const of = {
  title: 'Letters',
  isLive: true,
  isOpen: true,
  renewsAt: new Date('2026-12-01T09:30:00Z'),
}

test('the owner reads what becomes of the subscription before its payment goes back', () => {
  expect(afterRefundWords(of, 'end', dates)).toBe(
    'Letters ends at once: what it opens closes for them, it is cancelled at Stripe, and nothing more is charged.',
  )
  expect(afterRefundWords(of, 'keep', dates)).toBe(
    'Letters stays open for them. It renews as before, at 1 Dec 2026, 09:30.',
  )
  expect(afterRefundWords({ ...of, renewsAt: undefined }, 'keep', dates)).toBe(
    'Letters stays open for them. It is not charged again.',
  )
  expect(afterRefundWords({ ...of, isOpen: false }, 'keep', dates)).toContain('closed for them')
  for (const then of ['end', 'keep'] as const)
    expect(afterRefundWords({ ...of, isLive: false }, then, dates)).toBe(
      'Letters has ended already. Nothing changes about it.',
    )
})
