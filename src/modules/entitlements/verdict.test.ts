import { expect, test } from 'vitest'
import type { Entitlement } from './types.ts'
import { verdictOf } from './verdict.ts'

const right = (state: Entitlement['state'], reason?: Entitlement['reason']): Entitlement => ({
  id: 'e',
  customerId: 'c',
  memberId: undefined,
  benefit: 'product',
  subjectId: 'p',
  source: { kind: 'order_line', id: 'l' },
  state,
  reason,
  startsAt: new Date('2026-11-22T00:00:00Z'),
  endsAt: undefined,
})
const now = new Date('2026-11-25T00:00:00Z')

test('any active right opens; none at all, or what ended, says why not', () => {
  expect(verdictOf([], now)).toEqual({
    isOpen: false,
    words: 'They never bought it and were never given it.',
  })
  expect(verdictOf([right('revoked', 'refunded')], now).words).toBe(
    'They cannot open it: refunded.',
  )
  expect(verdictOf([right('suspended', 'disputed')], now).words).toBe(
    'They cannot open it: under review.',
  )
  expect(verdictOf([right('revoked', 'refunded'), right('active')], now)).toMatchObject({
    isOpen: true,
  })
  expect(verdictOf([right('active'), right('active')], now).words).toContain('2 sources')
})

test('what has not begun, or whose end has come, opens nothing', () => {
  const later = { ...right('active'), startsAt: new Date('2026-12-01T00:00:00Z') }
  const over = { ...right('active'), endsAt: now }
  expect(verdictOf([later], now).words).toBe('They cannot open it: being prepared.')
  expect(verdictOf([over], now).words).toBe('They cannot open it: ended.')
  expect(
    verdictOf([over, { ...right('active'), endsAt: new Date('2026-11-25T00:00:01Z') }], now),
  ).toMatchObject({
    isOpen: true,
  })
})
