import { expect, test } from 'vitest'
import { timelineOf, type OrderRecord } from './timeline.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute))
const quiet: OrderRecord = {
  order: { placedAt: at(0), totalMinor: 1200, currency: 'EUR', email: 'ann@example.com' },
  paidBy: 'Visa ending in 4242',
  refunds: [],
  disputes: [],
  entitlements: [],
  mails: [],
}
const opened = {
  entitlementId: 'e',
  title: 'Field Notes',
  at: at(0),
  state: 'active',
  reason: undefined,
  actor: 'stripe',
  cause: 'evt_1',
} as const
const receipt = {
  template: 'receipt',
  to: 'ann@example.com',
  state: 'sent',
  createdAt: at(0),
  sentAt: at(0),
  lastError: undefined,
}
const told = (record: OrderRecord) =>
  timelineOf(record, 'en').map((one) => (one.detail ? `${one.words}: ${one.detail}` : one.words))

test('a plain sale reads: paid, opens, mailed, although all of it is one instant', () => {
  expect(told({ ...quiet, entitlements: [opened], mails: [receipt] })).toEqual([
    '€12.00 paid: Visa ending in 4242',
    'Field Notes opens: as Stripe reported (evt_1)',
    'Receipt mailed: ann@example.com',
  ])
})

test('a refund is told from the wish to the money, with why and by whom things closed', () => {
  const words = told({
    ...quiet,
    entitlements: [
      opened,
      { ...opened, at: at(6), state: 'revoked', reason: 'refunded', cause: 'refund 1' },
    ],
    refunds: [
      {
        amountMinor: 1200,
        currency: 'EUR',
        state: 'succeeded',
        reason: 'Bought twice',
        failure: undefined,
        createdAt: at(5),
        updatedAt: at(7),
      },
    ],
    mails: [receipt, { ...receipt, template: 'refund', sentAt: at(8) }],
  })
  expect(words.slice(3)).toEqual([
    'Refund of €12.00 noted: Bought twice',
    'Field Notes no longer opens: Refunded, as Stripe reported to your refund',
    '€12.00 returned',
    'Notice of the refund mailed: ann@example.com',
  ])
})

test('what went wrong says so: a failed refund, a mail that did not arrive, a dispute and its end', () => {
  const happenings = timelineOf(
    {
      ...quiet,
      refunds: [
        {
          amountMinor: 1200,
          currency: 'EUR',
          state: 'failed',
          reason: 'Asked for',
          failure: 'expired_or_canceled_card',
          createdAt: at(2),
          updatedAt: at(3),
        },
      ],
      disputes: [
        { state: 'lost', reason: 'product_not_received', createdAt: at(4), updatedAt: at(9) },
      ],
      mails: [{ ...receipt, state: 'failed', sentAt: undefined, lastError: '550 unknown' }],
    },
    'en',
  )
  const bad = happenings.filter((one) => one.tone === 'bad')
  expect(bad.map((one) => `${one.words}: ${one.detail}`)).toEqual([
    'Receipt could not be delivered to ann@example.com: 550 unknown',
    'Refund of €12.00 failed: expired_or_canceled_card',
    'The buyer disputes the payment: Not received, says the buyer',
    'The dispute was lost: undefined',
  ])
})

test('a bank’s question is not told as a dispute, and a locked purchase not as a lost one', () => {
  const words = told({
    ...quiet,
    entitlements: [{ ...opened, at: at(5), state: 'suspended', reason: 'disputed' }],
    disputes: [
      { state: 'warning_needs_response', reason: 'general', createdAt: at(4), updatedAt: at(4) },
    ],
  })
  expect(words.slice(1)).toEqual([
    'The buyer’s bank asks about the payment: No particular reason given',
    'Field Notes is locked for now: Under review, as Stripe reported (evt_1)',
  ])
})

test('what opened because the buyer came back, or because the shop asked, says so', () => {
  expect(told({ ...quiet, entitlements: [{ ...opened, cause: 'return page' }] })[1]).toBe(
    'Field Notes opens: as Stripe reported when the buyer came back from paying',
  )
  expect(told({ ...quiet, entitlements: [{ ...opened, cause: 'sweep' }] })[1]).toBe(
    'Field Notes opens: as Stripe reported when the shop asked by itself',
  )
})
