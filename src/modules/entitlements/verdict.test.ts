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
})

test('any active right opens; none at all, or what ended, says why not', () => {
  expect(verdictOf([])).toEqual({
    isOpen: false,
    words: 'They never bought it and were never given it.',
  })
  expect(verdictOf([right('revoked', 'refunded')]).words).toBe('They cannot open it: refunded.')
  expect(verdictOf([right('suspended', 'disputed')]).words).toBe(
    'They cannot open it: under review.',
  )
  expect(verdictOf([right('revoked', 'refunded'), right('active')])).toMatchObject({ isOpen: true })
  expect(verdictOf([right('active'), right('active')]).words).toContain('2 sources')
})
