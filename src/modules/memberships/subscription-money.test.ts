import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  moneyOfSubscription,
  refundedWord,
  type InvoiceRefund,
  type PaidInvoice,
} from './subscription-money.ts'

const end = (month: number) => new Date(Date.UTC(2026, month, 1))
const invoice = (id: string, month: number, paidMinor = 1_000): PaidInvoice => ({
  id,
  paidMinor,
  periodEndsAt: end(month),
})
const refund = (invoiceId: string, over: Partial<InvoiceRefund> = {}): InvoiceRefund => ({
  invoiceId,
  amountMinor: 1_000,
  counts: true,
  doesThen: undefined,
  ...over,
})
const two = [invoice('second', 3), invoice('first', 2)]

describe('where the money of a subscription stands', () => {
  test('the whole of the last period that went back closes what it opened; a part of it, or an earlier one, does not', () => {
    expect(moneyOfSubscription(two, [refund('second')], [])).toEqual({
      money: 'refunded',
      isToEnd: false,
    })
    for (const refunds of [
      [],
      [refund('second', { amountMinor: 999 })],
      [refund('first')],
      [refund('second', { counts: false })],
      [refund('second', { doesThen: 'keep' })],
      // The rest at Stripe's side, after the owner chose to keep.
      [
        refund('second', { doesThen: 'keep', amountMinor: 300 }),
        refund('second', { amountMinor: 700 }),
      ],
    ])
      expect(moneyOfSubscription(two, refunds, [])).toEqual({ money: 'kept', isToEnd: false })
  })

  test('another period that is paid opens it again, also one that cost nothing', () => {
    for (const paidMinor of [1_000, 0])
      expect(
        moneyOfSubscription([invoice('third', 4, paidMinor), ...two], [refund('second')], []),
      ).toEqual({ money: 'kept', isToEnd: false })
  })

  test('of a change within a period both payments count', () => {
    const changed = [invoice('change', 3, 500), ...two]
    expect(moneyOfSubscription(changed, [refund('second')], []).money).toBe('kept')
    expect(
      moneyOfSubscription(changed, [refund('second'), refund('change', { amountMinor: 500 })], [])
        .money,
    ).toBe('refunded')
  })

  test('what the owner chose ends it, whatever part went back; not when the refund failed', () => {
    const part = { amountMinor: 1, doesThen: 'end' } as const
    expect(moneyOfSubscription(two, [refund('first', part)], [])).toEqual({
      money: 'refunded',
      isToEnd: true,
    })
    expect(moneyOfSubscription(two, [refund('first', { ...part, counts: false })], [])).toEqual({
      money: 'kept',
      isToEnd: false,
    })
  })

  test('an open dispute closes, a lost one ends, a won one gives back; a question closes nothing', () => {
    expect(moneyOfSubscription(two, [], ['open', 'won']).money).toBe('disputed')
    expect(moneyOfSubscription(two, [], ['won', 'lost', 'open'])).toEqual({
      money: 'dispute_lost',
      isToEnd: true,
    })
    expect(moneyOfSubscription(two, [], ['won', 'inquiry']).money).toBe('kept')
  })

  test('it makes no difference in which order disputes came', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('inquiry' as const, 'open' as const, 'won' as const, 'lost' as const),
        ),
        (disputes) => {
          expect(moneyOfSubscription(two, [], disputes)).toEqual(
            moneyOfSubscription(two, [], disputes.toReversed()),
          )
        },
      ),
    )
  })
})

test('an invoice says what of it went back', () => {
  expect(refundedWord({ paidMinor: 1_000, refundedMinor: 0 })).toBeUndefined()
  expect(refundedWord({ paidMinor: 1_000, refundedMinor: 1 })).toBe('Partly refunded')
  expect(refundedWord({ paidMinor: 1_000, refundedMinor: 1_000 })).toBe('Refunded')
})
