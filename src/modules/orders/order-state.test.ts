import { expect, test } from 'vitest'
import { keptMinor, orderState } from './order-state.ts'

const paid = { totalMinor: 1200, refundedMinor: 0, isDisputed: false, isDisputeLost: false }

test('an order is told by what needs somebody first: an open dispute, a lost one, then its refunds', () => {
  expect(orderState(paid)).toBe('paid')
  expect(orderState({ ...paid, refundedMinor: 500 })).toBe('partly_refunded')
  expect(orderState({ ...paid, refundedMinor: 1200 })).toBe('refunded')
  expect(orderState({ ...paid, isDisputed: true, refundedMinor: 500 })).toBe('disputed')
  expect(orderState({ ...paid, isDisputeLost: true, refundedMinor: 500 })).toBe('dispute_lost')
})

test('what was refunded or taken back by the bank is not kept; an open dispute has decided nothing', () => {
  expect(keptMinor(paid)).toBe(1200)
  expect(keptMinor({ ...paid, refundedMinor: 500 })).toBe(700)
  expect(keptMinor({ ...paid, isDisputeLost: true })).toBe(0)
  expect(keptMinor({ ...paid, refundedMinor: 500, isDisputeLost: true })).toBe(0)
})
