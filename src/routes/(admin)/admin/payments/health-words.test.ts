import { expect, test } from 'vitest'
import type { PaymentsHealth } from '#modules/payments/server/index.ts'
import { healthFindings, healthHeadline } from './health-words.ts'

const now = new Date('2026-11-21T12:00:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const at = {
  now,
  webhookUrl: 'https://shop.test/webhooks/stripe',
  words: { zone: 'UTC', locale: 'en-GB' },
}

const healthy: PaymentsHealth = {
  mode: 'live',
  isPollingOnly: false,
  cursor: {
    lastEventId: 'evt_1',
    lastEventAt: ago(10),
    polledAt: ago(2),
    lastWebhookAt: ago(10),
    webhookMissed: 0,
    lastMissedAt: undefined,
    refusedSignatures: 0,
    lastRefusedAt: undefined,
    lastError: undefined,
    lastErrorAt: undefined,
  },
  counts: {
    pending: 0,
    parked: 0,
    quarantined: 0,
    oldestPendingAt: undefined,
    openCheckouts: 0,
    unansweredRefunds: 0,
  },
}
const counts = (change: Partial<PaymentsHealth['counts']>): PaymentsHealth => ({
  ...healthy,
  counts: { ...healthy.counts, ...change },
})
const cursor = (change: Partial<PaymentsHealth['cursor']>): PaymentsHealth => ({
  ...healthy,
  cursor: { ...healthy.cursor, ...change },
})
const marked = (health: PaymentsHealth) =>
  healthFindings(health, at).map((one) => `${one.tone}: ${one.title}`)

test('a shop whose webhook arrives and whose inbox is empty is in order', () => {
  expect(marked(healthy)).toEqual([
    'good: No event waits',
    'good: The webhook arrives',
    'good: Stripe is asked as well',
  ])
  expect(healthHeadline(healthFindings(healthy, at)).tone).toBe('good')
})

test('what needs somebody stands first', () => {
  expect(marked(counts({ parked: 2, quarantined: 1, unansweredRefunds: 1 })).slice(0, 3)).toEqual([
    'bad: 2 events could not be worked on',
    'bad: 1 event put aside',
    'warn: 1 refund not answered yet',
  ])
  expect(healthHeadline(healthFindings(counts({ parked: 1 }), at)).title).toBe(
    'Something needs you',
  )
  expect(healthHeadline(healthFindings(counts({ unansweredRefunds: 1 }), at)).tone).toBe('warn')
})

test('an event that waits for seconds is nothing to worry about, one that waits for long is', () => {
  expect(marked(counts({ pending: 1, oldestPendingAt: ago(1) }))).toContain('quiet: 1 event waits')
  expect(marked(counts({ pending: 3, oldestPendingAt: ago(6) }))[0]).toBe('warn: 3 events wait')
})

test('M17: [payments 70] a webhook that does not arrive is told with the address it should go to, for a day', () => {
  const [first] = healthFindings(cursor({ webhookMissed: 5, lastMissedAt: ago(30) }), at)
  expect(first).toMatchObject({ tone: 'bad', title: 'Your webhook is not arriving' })
  expect(first?.words).toContain('https://shop.test/webhooks/stripe')
  const later = marked(cursor({ webhookMissed: 5, lastMissedAt: ago(25 * 60) }))
  expect(later).toContain('good: The webhook arrives')
})

test('a shop without a webhook secret is told how to have one, and one that never heard anything that this is normal', () => {
  expect(marked({ ...healthy, isPollingOnly: true })[0]).toBe('warn: No webhook is set up')
  expect(marked(cursor({ lastWebhookAt: undefined }))).toContain('quiet: No webhook has come yet')
})

test('[commerce 10] refused signatures are told with what they mean, and calm down after a day', () => {
  expect(marked(cursor({ refusedSignatures: 4, lastRefusedAt: ago(60) }))[0]).toBe(
    'warn: 4 deliveries had a wrong signature',
  )
  expect(marked(cursor({ refusedSignatures: 1, lastRefusedAt: ago(2 * 24 * 60) }))).toContain(
    'quiet: 1 delivery had a wrong signature',
  )
})

test('[payments 79] a refused key is told in Stripe’s own words', () => {
  const [first] = healthFindings(
    cursor({ lastError: 'Invalid API Key provided.', lastErrorAt: ago(3) }),
    at,
  )
  expect(first).toMatchObject({ tone: 'bad', title: 'Stripe could not be asked' })
  expect(first?.words).toContain('Invalid API Key provided.')
})
