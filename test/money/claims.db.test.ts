import { afterEach, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { orderOfCheckout, refundOrder } from '#modules/orders/server/index.ts'
import {
  disputeById,
  moneyOfCheckout,
  pollEvents,
  requestAnswer,
  sendAnswerNow,
  sendRefund,
  sweepDrift,
  sweepPayments,
  type Answer,
} from '#modules/payments/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import {
  accessOf,
  brokenInvariants,
  buy,
  makeProduct,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

let theOwner: OwnerActor | undefined
async function owner(): Promise<OwnerActor> {
  theOwner ??= (await setUpOwner()).actor
  return theOwner
}

async function sold(card = '4242424242424242') {
  await owner()
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.pay({ session: sessionId, card, email: 'ada@example.com' })
  await untilPaid(checkoutId)
  await untilInboxIsEmpty()
  const order = await orderOfCheckout(db(), checkoutId)
  const paid = await moneyOfCheckout(db(), checkoutId)
  if (!order || !paid?.paymentIntentId) throw new Error('not sold')
  return { order, checkoutId, intent: paid.paymentIntentId }
}

const ownerMails = async (template: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('subject')
      .where('template', '=', template)
      .orderBy('created_at')
      .execute()
  ).map((mail) => mail.subject)
const disputesNow = async (checkoutId: string) =>
  (await moneyOfCheckout(db(), checkoutId))?.disputes ?? []

async function disputed(card = '4000000000000259') {
  const sale = await sold(card)
  await until('it is disputed', async () => (await disputesNow(sale.checkoutId)).length === 1)
  await untilInboxIsEmpty()
  const [dispute] = await disputesNow(sale.checkoutId)
  if (!dispute) throw new Error('no dispute')
  return { ...sale, dispute }
}
const answering = async (disputeId: string, answer: Answer) => {
  const by = await owner()
  return inTransaction((tx) => requestAnswer(tx, disputeId, answer, by.memberId), 'money')
}

test('a dispute freezes; answered with evidence that wins, everything opens again, and the owner is told each time [commerce 42][payments 63]', async () => {
  const { checkoutId, dispute, order } = await disputed()
  expect(await accessOf(checkoutId)).toEqual([{ state: 'suspended', reason: 'disputed' }])
  const evidence = {
    kind: 'evidence',
    evidence: { uncategorized_text: 'winning_evidence' },
  } as const
  expect(await answering(dispute.id, evidence)).toEqual({ ok: true })
  expect(await answering(dispute.id, evidence)).toMatchObject({ reason: 'answered_already' })
  expect(await sendAnswerNow(dispute.id)).toBe('sent')
  await until('it is won', async () => (await disputesNow(checkoutId))[0]?.state === 'won')
  await untilInboxIsEmpty()
  expect(await accessOf(checkoutId)).toEqual([{ state: 'active', reason: null }])
  expect(await ownerMails('owner_dispute')).toEqual([
    expect.stringContaining(`Order ${order.number} is disputed`),
    expect.stringContaining('You won the dispute'),
  ])
  expect(await answering(dispute.id, evidence)).toMatchObject({ reason: 'not_waiting' })
})

test('a dispute the owner lets go is lost: what was bought ends, and the money is the buyer’s [commerce 42]', async () => {
  const { checkoutId, dispute } = await disputed()
  expect(await answering(dispute.id, { kind: 'acceptance' })).toEqual({ ok: true })
  expect(await sendAnswerNow(dispute.id)).toBe('sent')
  await until('it is lost', async () => (await disputesNow(checkoutId))[0]?.state === 'lost')
  await untilInboxIsEmpty()
  expect(await accessOf(checkoutId)).toEqual([{ state: 'revoked', reason: 'dispute_lost' }])
})

test('evidence whose answer was lost is sent by the sweep, once', async () => {
  const { checkoutId, dispute } = await disputed()
  await answering(dispute.id, {
    kind: 'evidence',
    evidence: { uncategorized_text: 'losing_evidence' },
  })
  await money.sandbox.control.setChaos({
    api: { methods: ['POST'], paths: ['/v1/disputes'], error_before: 1 },
  })
  expect(['later', 'sent']).toContain(await sendAnswerNow(dispute.id))
  await money.sandbox.control.setChaos({})
  await passTimeEverywhere(money, 2 * 60_000)
  await until('the sweep sent it', async () => {
    await sweepPayments()
    return (await disputeById(db(), dispute.id))?.answer?.state === 'sent'
  })
  await until('it is decided', async () => (await disputesNow(checkoutId))[0]?.state === 'lost')
  await untilInboxIsEmpty()
})

test('an early warning of fraud is shown and mailed; nothing happens by itself; a refund settles it [commerce 43]', async () => {
  const { checkoutId, order } = await sold('4000000000005423')
  await until(
    'the warning is here',
    async () => (await moneyOfCheckout(db(), checkoutId))?.warnings.length === 1,
  )
  expect(await accessOf(checkoutId)).toEqual([{ state: 'active', reason: null }])
  expect(await ownerMails('owner_fraud_warning')).toEqual([
    `A warning of fraud for order ${order.number}`,
  ])
  const by = await owner()
  const request = await inTransaction((tx) =>
    refundOrder(
      tx,
      by,
      order.id,
      { of: 'rest', keepsAccess: false },
      { reason: 'warned', expectedMinor: undefined },
    ),
  )
  if (!request.ok) throw new Error(request.reason)
  await sendRefund(request.refundId)
  await until(
    'it asks for nothing any more',
    async () => (await moneyOfCheckout(db(), checkoutId))?.warnings[0]?.isActionable === false,
  )
})

test('a refund that fails later: the order says so, access is back, the owner is told [commerce 39][payments 62]', async () => {
  const { checkoutId, order } = await sold('4000000000005126')
  const by = await owner()
  const request = await inTransaction((tx) =>
    refundOrder(
      tx,
      by,
      order.id,
      { of: 'rest', keepsAccess: false },
      { reason: 'asked', expectedMinor: undefined },
    ),
  )
  if (!request.ok) throw new Error(request.reason)
  await sendRefund(request.refundId)
  expect(await accessOf(checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
  await passTimeEverywhere(money, 2 * 3_600_000)
  await until(
    'it failed',
    async () => (await moneyOfCheckout(db(), checkoutId))?.refunds[0]?.state === 'failed',
  )
  await untilInboxIsEmpty()
  expect(await accessOf(checkoutId)).toEqual([{ state: 'active', reason: null }])
  expect(await ownerMails('owner_refund_failed')).toEqual([
    `A refund for order ${order.number} failed`,
  ])
})

test('a refund that no event told of is found by the daily comparison with Stripe [payments 61]', async () => {
  const { checkoutId, intent } = await sold()
  const other = await sold()
  await money.sandbox.control.trigger({
    event: 'refund.created',
    payment_intent: intent,
    silent: true,
  })
  await untilInboxIsEmpty()
  expect((await moneyOfCheckout(db(), checkoutId))?.refundedMinor).toBe(0)
  await db().updateTable('stripe_cursor').set({ drift_swept_at: null }).execute()
  const before = await calls()
  expect(await sweepDrift()).toBe(1)
  expect((await calls()) - before).toBeLessThanOrEqual(5)
  expect(await accessOf(checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
  expect(await accessOf(other.checkoutId)).toEqual([{ state: 'active', reason: null }])
  // Not again before a day is over.
  expect(await sweepDrift()).toBeUndefined()
})

test('a comparison that Stripe did not answer is made up for within the hour, not a day later', async () => {
  const { checkoutId, intent } = await sold()
  await pollEvents(await now(db()))
  await money.sandbox.control.trigger({
    event: 'refund.created',
    payment_intent: intent,
    silent: true,
  })
  await db().updateTable('stripe_cursor').set({ drift_swept_at: null }).execute()
  await money.sandbox.control.setChaos({
    api: { methods: ['GET'], paths: ['/v1/refunds'], reset_after: 1 },
  })
  expect(await sweepDrift()).toBe(0)
  await money.sandbox.control.setChaos({})
  await passTimeEverywhere(money, 3_601_000)
  expect(await sweepDrift()).toBe(1)
  expect(await accessOf(checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('evidence that Stripe refused is put right and sent again', async () => {
  const { checkoutId, dispute } = await disputed()
  const evidence = (text: string): Answer => ({
    kind: 'evidence',
    evidence: { uncategorized_text: text },
  })
  await answering(dispute.id, evidence('x'.repeat(150_001)))
  expect(await sendAnswerNow(dispute.id)).toBe('refused')
  expect(await answering(dispute.id, evidence('winning_evidence'))).toEqual({ ok: true })
  expect(await sendAnswerNow(dispute.id)).toBe('sent')
  await until('it is won', async () => (await disputesNow(checkoutId))[0]?.state === 'won')
  await untilInboxIsEmpty()
})

/** How often Stripe was asked so far. */
async function calls(): Promise<number> {
  return (await money.sandbox.control.stats()).requests
}

test('a refund made in Stripe’s dashboard is mirrored within one event, as a full refund would be [commerce 38]', async () => {
  const { checkoutId, intent } = await sold()
  await stripeItself().refunds.create({ payment_intent: intent })
  await until(
    'mirrored',
    async () => (await moneyOfCheckout(db(), checkoutId))?.refundedMinor === 1200,
  )
  await untilInboxIsEmpty()
  expect(await accessOf(checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})
