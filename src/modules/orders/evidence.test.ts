import { expect, test } from 'vitest'
import { evidenceOf, type SaleRecord } from './evidence.ts'

const record: SaleRecord = {
  shopName: 'Tide & Type',
  order: {
    id: 'o',
    number: 1001,
    checkoutId: 'c',
    customerId: 'u',
    email: 'ada@example.com',
    buyerName: 'Ada Winter',
    country: 'DE',
    currency: 'EUR',
    totalMinor: 900,
    discountMinor: 0,
    couponCode: undefined,
    taxMinor: 0,
    refundedMinor: 0,
    isDisputed: true,
    isDisputeLost: false,
    mode: 'live',
    placedAt: new Date('2026-11-22T10:00:00Z'),
    linkVersion: 0,
    lines: [
      {
        id: 'l',
        productId: 'p',
        kind: 'download',
        title: 'Tidemarks',
        quantity: 1,
        unitMinor: 900,
        discountMinor: 0,
        totalMinor: 900,
        tax: undefined,
        bundle: undefined,
        refundedMinor: 0,
        refundedQuantity: 0,
      },
    ],
  },
  consents: [
    {
      words: 'I want it at once',
      at: new Date('2026-11-22T09:59:00Z'),
      network: '192.0.2.0/24',
    },
  ],
  answers: [],
  policies: [{ title: 'Refunds', url: 'https://shop.example/pages/refunds' }],
  fetches: [
    {
      at: new Date('2026-11-22T10:05:00Z'),
      what: 'Tidemarks.zip',
      act: 'fetched',
      isComplete: true,
      network: '192.0.2.0/24',
      device: 'Firefox on Linux',
    },
    {
      at: new Date('2026-11-22T10:01:00Z'),
      what: 'Tidemarks.pdf',
      act: 'fetched',
      isComplete: false,
      network: undefined,
      device: undefined,
    },
  ],
  mails: [
    {
      subject: 'Your receipt',
      to: 'ada@example.com',
      sentAt: new Date('2026-11-22T10:00:30Z'),
    },
  ],
}

test('the evidence has the order, the policy that was seen, the consent, and what was fetched when, oldest first [commerce 44]', () => {
  const evidence = evidenceOf(record, 'Ada wrote to us twice.')
  expect(evidence.product_description).toContain('order 1001 of 2026-11-22 10:00 UTC')
  expect(evidence.customer_name).toBe('Ada Winter')
  expect(evidence.refund_policy_disclosure).toBe(
    'Refunds: https://shop.example/pages/refunds\nAgreed to at 2026-11-22 09:59 UTC from 192.0.2.0/24: “I want it at once”',
  )
  expect(evidence.access_activity_log?.split('\n').slice(1)).toEqual([
    '2026-11-22 10:01 UTC, fetched Tidemarks.pdf, in part',
    '2026-11-22 10:05 UTC, fetched Tidemarks.zip, whole, network 192.0.2.0/24, Firefox on Linux',
  ])
  expect(evidence.uncategorized_text).toMatch(/^Ada wrote to us twice\.\n\nMail we sent/)
})

test('what is not known is left out, and no text is longer than Stripe takes', () => {
  const bare = evidenceOf(
    {
      ...record,
      consents: [],
      policies: [],
      fetches: [],
      mails: [],
      order: { ...record.order, buyerName: undefined },
    },
    'x'.repeat(50_000),
  )
  expect(Object.keys(bare).toSorted()).toEqual([
    'customer_email_address',
    'product_description',
    'service_date',
    'uncategorized_text',
  ])
  expect(bare.uncategorized_text).toHaveLength(20_000)
})
