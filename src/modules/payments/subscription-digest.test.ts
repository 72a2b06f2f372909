import { expect, test } from 'vitest'
import { subscriptionDigest } from './subscription-digest.ts'
import type { SubscriptionView } from './types.ts'

const item = {
  stripeItemId: 'si_1',
  stripePriceId: 'price_1',
  planId: undefined,
  quantity: 1,
  amountMinor: 1_000,
  interval: { unit: 'month', count: 1 },
  periodStartsAt: new Date(0),
  periodEndsAt: new Date(2_678_400_000),
} as const
const view: SubscriptionView = {
  stripeSubscriptionId: 'sub_1',
  stripeCustomerId: 'cus_1',
  note: {},
  status: 'active',
  currency: 'EUR',
  startedAt: new Date(0),
  items: [item, { ...item, stripeItemId: 'si_2' }],
  trialEndsAt: undefined,
  discount: undefined,
  cancelsAt: undefined,
  cancelsBy: undefined,
  endedAt: undefined,
  isPaused: false,
  resumesAt: undefined,
  card: undefined,
  cardFingerprint: undefined,
  methodId: undefined,
  latestInvoice: undefined,
}

test('what a list does not tell is not compared, and neither is the order of items', () => {
  const digest = subscriptionDigest(view)
  expect(subscriptionDigest({ ...view, cardFingerprint: 'abc', note: { any: 'thing' } })).toBe(
    digest,
  )
  expect(subscriptionDigest({ ...view, methodId: 'pm_1' })).toBe(digest)
  expect(subscriptionDigest({ ...view, items: view.items.toReversed() })).toBe(digest)
})

test.each([
  ['its status', { status: 'past_due' }],
  ['a planned end', { cancelsAt: new Date(5), cancelsBy: 'date' }],
  ['a pause', { isPaused: true }],
  ['its price', { items: [{ ...item, stripePriceId: 'price_2' }] }],
  ['its period', { items: [{ ...item, periodEndsAt: new Date(9) }] }],
  ['its holder', { stripeCustomerId: 'cus_2' }],
] as const)('another digest tells of a change of %s', (_what, over) => {
  expect(subscriptionDigest({ ...view, ...over })).not.toBe(subscriptionDigest(view))
})
