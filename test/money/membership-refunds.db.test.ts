import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  keepAccess,
  membershipHistory,
  membershipsOf,
  refundableInvoice,
  refundInvoice,
  sweepMembershipMoney,
} from '#modules/memberships/server/index.ts'
import { sendInvoiceRefund } from '#modules/memberships/server/refunding.ts'
import { pollEvents, sweepDrift } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, now } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import * as page from '../../src/routes/(admin)/admin/customers/[id]/refund/[invoice]/+page.server.ts'
import { setUpOwner } from '../people.ts'
import { given, ledTo } from '../routes.ts'
import { aMember, aPlan, pressSubscribe, subscribed, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

/** An expandable field's id. */
const idOf = (held: string | { readonly id?: string } | null | undefined) =>
  typeof held === 'string' ? held : (held?.id ?? '')

const money = useMoney({ stripeCallsPerSecond: 10_000 })
const dayMs = 86_400_000
let owner: OwnerActor
let planId: string

beforeAll(async () => {
  owner = (await setUpOwner()).actor
  planId = await aPlan(owner)
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty(60_000)
})
afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

type Holder = Awaited<ReturnType<typeof subscribed>>

const invoicesOf = (subscriptionId: string) =>
  db()
    .selectFrom('subscription_invoice')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .where('paid_minor', '>', 0)
    .orderBy('made_at')
    .execute()

async function paid({ one }: Holder, at = 0) {
  const invoice = (await invoicesOf(one.id))[at]
  if (!invoice?.stripe_payment_intent_id) throw new Error('It was not paid.')
  return { ...invoice, intent: invoice.stripe_payment_intent_id }
}

const refundsOf = (invoiceId: string) =>
  db().selectFrom('subscription_refund').selectAll().where('invoice_id', '=', invoiceId).execute()

const opens = ({ member }: Holder) => mayUse(db(), member.memberId, 'plan', planId)

const mailsOf = async (template: string, key: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('id')
      .where('template', '=', template)
      .where('entity_key', 'like', `${key}%`)
      .execute()
  ).length

const wish = (invoiceId: string, over: Partial<Parameters<typeof refundInvoice>[1]> = {}) => ({
  refundId: newId(),
  invoiceId,
  amountMinor: 'rest' as const,
  seenLeftMinor: undefined,
  after: 'keep' as const,
  reason: 'They asked',
  ...over,
})

const atStripe = async (intent: string) =>
  (await stripeItself().refunds.list({ payment_intent: intent })).data

async function openDispute(intent: string): Promise<string> {
  const { latest_charge: charge } = await stripeItself().paymentIntents.retrieve(intent)
  const dispute = await money.sandbox.control.trigger({ event: 'charge.dispute.created', charge })
  return String(dispute.id)
}
const closeDispute = (dispute: string, outcome: 'won' | 'lost') =>
  money.sandbox.control.trigger({ event: 'charge.dispute.closed', dispute, outcome })

const historyOf = async (subscriptionId: string) =>
  (await membershipHistory(db(), [subscriptionId])).map(({ what }) => what)

// First: later the clock has moved, and the owner would have to prove anew who they are.
describe('the owner’s page of a refund', () => {
  test('is the owner’s alone, and of this customer’s payments; it leads back when it is done', async () => {
    const holder = await subscribed(money, planId)
    const other = await subscribed(money, planId)
    const { id: invoice } = await paid(holder)
    const door = (customer: Holder, actor = owner as Parameters<typeof given>[1]['actor']) => {
      const params = { id: customer.one.customer_id ?? '', invoice }
      return { actor, params, path: `/admin/customers/${params.id}/refund/${invoice}` } as const
    }
    const good = { amount: '10.00', after: 'end', reason: 'They asked', key: newId(), left: '1000' }
    // Somebody else's customer, a member, nobody.
    expect(await ledTo(page.load, door(other))).toBe(404)
    expect(await ledTo(page.actions.default, { ...door(other), form: good })).toBe(404)
    const theirs = door(holder, holder.member)
    expect(await ledTo(page.load, theirs)).toBe(404)
    expect(await ledTo(page.actions.default, { ...theirs, form: good })).toBe(404)
    expect(await refundsOf(invoice)).toEqual([])

    expect(await given(page.load, door(holder))).toMatchObject({ left: '10.00', isLive: true })
    for (const form of [{ amount: '10.01' }, { amount: '1e1' }, { after: '' }, { reason: ' ' }])
      expect(
        await ledTo(page.actions.default, { ...door(holder), form: { ...good, ...form } }),
      ).toBe(400)
    const preview = { ...good, step: 'preview' }
    expect(await ledTo(page.actions.default, { ...door(holder), form: preview })).toBe(200)
    expect(await refundsOf(invoice)).toEqual([])
    for (let times = 0; times < 2; times++)
      expect(await ledTo(page.actions.default, { ...door(holder), form: good })).toMatch(
        /notice=refunded-ended#membership$/,
      )
    expect(await refundsOf(invoice)).toHaveLength(1)
    expect(await ledTo(page.load, door(holder))).toMatch(/notice=refund-nothing-left/)
  })
})

describe('the owner gives a payment of a subscription back', () => {
  test('whole, and ends it: closed at once, cancelled at Stripe, one refund, one mail [payments 44]', async () => {
    const holder = await subscribed(money, planId)
    const invoice = await paid(holder)
    const given = await refundInvoice(owner, wish(invoice.id, { after: 'end' }))
    expect(given).toEqual({ ok: true, outcome: 'sent' })
    expect(await opens(holder)).toBe(false)
    const one = await theSubscription(holder.member)
    expect(one).toMatchObject({ status: 'canceled', money: 'refunded', is_to_end: true })
    expect((await atStripe(invoice.intent)).map(({ amount }) => amount)).toEqual([1_000])
    await untilInboxIsEmpty()
    expect(await paid(holder)).toMatchObject({ refunded_minor: 1_000 })
    expect(await mailsOf('membership_refund', invoice.id)).toBe(1)
    expect(await historyOf(one.id)).toEqual(expect.arrayContaining(['refunded', 'status']))
    // Nothing more is ever charged.
    await passTimeEverywhere(money, 32 * dayMs)
    await untilInboxIsEmpty()
    expect(await invoicesOf(one.id)).toHaveLength(1)
  })

  test('whole or in part, and leaves it: it stays open, the sums are right, more than is left is refused [payments 60]', async () => {
    const holder = await subscribed(money, planId)
    const { id } = await paid(holder)
    expect(await refundInvoice(owner, wish(id, { amountMinor: 300 }))).toMatchObject({ ok: true })
    expect(await refundableInvoice(db(), id)).toMatchObject({
      leftMinor: 700,
      isUnderWay: false,
      isOfPresentPeriod: true,
    })
    expect(await refundInvoice(owner, wish(id, { amountMinor: 701 }))).toEqual({
      ok: false,
      reason: 'too_much',
    })
    expect(await refundInvoice(owner, wish(id, { amountMinor: 0 }))).toEqual({
      ok: false,
      reason: 'too_much',
    })
    expect(await refundInvoice(owner, wish(id, { seenLeftMinor: 1_000 }))).toEqual({
      ok: false,
      reason: 'changed',
    })
    expect(await refundInvoice(owner, wish(id))).toMatchObject({ ok: true })
    expect(await refundInvoice(owner, wish(id))).toEqual({ ok: false, reason: 'nothing_left' })
    await untilInboxIsEmpty()
    expect(await opens(holder)).toBe(true)
    expect(await theSubscription(holder.member)).toMatchObject({ status: 'active', money: 'kept' })
    expect(
      (await refundsOf(id))
        .map((refund) => refund.amount_minor)
        .toSorted((one, other) => one - other),
    ).toEqual([300, 700])
    expect(await mailsOf('membership_refund', id)).toBe(2)
    const { invoices } = await membershipsOf(db(), holder.member.memberId)
    expect(invoices[0]).toMatchObject({ refundedMinor: 1_000, isRefundable: false })
  })

  test('pressed twice at once it goes back once; of two windows the second is refused', async () => {
    const holder = await subscribed(money, planId)
    const { id, intent } = await paid(holder)
    const once = wish(id, { amountMinor: 400, seenLeftMinor: 1_000 })
    const other = wish(id, { amountMinor: 400, seenLeftMinor: 1_000 })
    const answers = await Promise.all([
      ...[once, once, once].map((one) => refundInvoice(owner, one)),
      refundInvoice(owner, other),
    ])
    expect(answers.filter((answer) => answer.ok).length).toBeGreaterThan(0)
    await untilInboxIsEmpty()
    expect((await atStripe(intent)).map(({ amount }) => amount)).toEqual([400])
    const [made, ...more] = await refundsOf(id)
    expect([made?.amount_minor, more]).toEqual([400, []])
    // Whoever was first is told the same when asked once more; the other window is refused.
    const [first, second] = made?.id === once.refundId ? [once, other] : [other, once]
    expect(await refundInvoice(owner, first)).toEqual({ ok: true, outcome: 'sent' })
    expect(await refundInvoice(owner, second)).toEqual({ ok: false, reason: 'changed' })
    expect(await mailsOf('membership_refund', id)).toBe(1)
  })

  test('is refused while Stripe cannot be reached, and nothing has changed', async () => {
    const holder = await subscribed(money, planId)
    const { id } = await paid(holder)
    await money.sandbox.control.setChaos({ api: { error_before: 1 } })
    expect(await refundInvoice(owner, wish(id, { after: 'end' }))).toEqual({
      ok: false,
      reason: 'unreachable',
    })
    expect(await refundsOf(id)).toEqual([])
    expect(await opens(holder)).toBe(true)
  })

  test('whose answer is lost is sent again with the same key: one refund, and the end that was chosen', async () => {
    const holder = await subscribed(money, planId)
    const { id, intent } = await paid(holder)
    await money.sandbox.control.setChaos({
      api: { methods: ['POST'], paths: ['/v1/refunds'], reset_after: 1 },
    })
    const asked = wish(id, { after: 'end' })
    expect(await refundInvoice(owner, asked)).toMatchObject({ ok: true })
    await money.sandbox.control.setChaos({})
    await untilInboxIsEmpty()
    await sendInvoiceRefund(asked.refundId)
    await sweepMembershipMoney()
    expect((await atStripe(intent)).map(({ amount }) => amount)).toEqual([1_000])
    await until(
      'it is cancelled',
      async () => (await theSubscription(holder.member)).status === 'canceled',
    )
    expect(await opens(holder)).toBe(false)
    expect(await mailsOf('membership_refund', id)).toBe(1)
  })

  test('that the bank later refuses is told to both, and what it closed opens again', async () => {
    const holder = await subscribed(money, planId, '4000000000005126')
    const { id, intent } = await paid(holder)
    await stripeItself().refunds.create({ payment_intent: intent })
    await until('it is closed', async () => !(await opens(holder)))
    await passTimeEverywhere(money, 2 * dayMs)
    await until('it is open again', () => opens(holder))
    await untilInboxIsEmpty()
    expect((await paid(holder)).refunded_minor).toBe(0)
    expect(await mailsOf('membership_refund_failed', id)).toBe(1)
    expect(await mailsOf('owner_membership_refund_failed', id)).toBe(1)
    expect(await historyOf(holder.one.id)).toContain('refund_failed')
  })

  test('of an invoice there is not, or that was never paid, is refused', async () => {
    for (const invoiceId of [newId(), 'x'])
      expect(await refundInvoice(owner, wish(invoiceId))).toEqual({ ok: false, reason: 'unknown' })
  })
})

describe('money that went back at Stripe’s side', () => {
  test('all of the present period closes what it opened; the owner is told and may open it again', async () => {
    const holder = await subscribed(money, planId)
    const { id, intent } = await paid(holder)
    await stripeItself().refunds.create({ payment_intent: intent })
    await until('it is closed', async () => !(await opens(holder)))
    await untilInboxIsEmpty()
    expect(await theSubscription(holder.member)).toMatchObject({
      status: 'active',
      money: 'refunded',
      is_to_end: false,
    })
    expect(await mailsOf('owner_membership_closed', id)).toBe(1)
    expect(await mailsOf('membership_refund', id)).toBe(1)
    expect(await keepAccess(owner, holder.one.id)).toEqual({ ok: true })
    expect(await opens(holder)).toBe(true)
    expect(await keepAccess(owner, holder.one.id)).toEqual({ ok: false, reason: 'not_possible' })
  })

  test('opens again with the next payment; a part, or an earlier period, closes nothing', async () => {
    const holder = await subscribed(money, planId)
    const first = await paid(holder)
    const stripe = stripeItself()
    await stripe.refunds.create({ payment_intent: first.intent, amount: 999 })
    await until('it is heard', async () => (await paid(holder)).refunded_minor === 999)
    expect(await opens(holder)).toBe(true)
    await stripe.refunds.create({ payment_intent: first.intent })
    await until('it is closed', async () => !(await opens(holder)))
    await passTimeEverywhere(money, 32 * dayMs)
    await until('the next payment opens it', () => opens(holder))
    const second = await paid(holder, 1)
    await stripe.refunds.create({ payment_intent: second.intent })
    await until('it is closed again', async () => !(await opens(holder)))
  })

  test('is not lost when it is heard of before its invoice', async () => {
    await money.closeWebhook()
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    const member = await aMember()
    const { sessionId } = await pressSubscribe(member, planId)
    await money.sandbox.control.pay({ session: sessionId })
    const stripe = stripeItself()
    const session = await stripe.checkout.sessions.retrieve(sessionId)
    const invoice = idOf(session.invoice)
    const [payment] = (await stripe.invoicePayments.list({ invoice })).data
    const intent = idOf(payment?.payment.payment_intent)
    await money.sandbox.control.setChaos({})
    await money.openWebhook()
    await stripe.refunds.create({ payment_intent: intent })
    await until('both are here', async () => {
      const [one] = await db()
        .selectFrom('subscription_invoice')
        .select('refunded_minor')
        .where('stripe_payment_intent_id', '=', intent)
        .execute()
      return one?.refunded_minor === 1_000
    })
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(false)
    await pollEvents(await now(db()))
    await untilInboxIsEmpty()
    expect(await mailsOf('membership_refund', '')).toBeGreaterThan(0)
  })

  test('is found by the daily comparison when no event told of it [payments 61]', async () => {
    const holder = await subscribed(money, planId)
    const { intent } = await paid(holder)
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    await stripeItself().refunds.create({ payment_intent: intent })
    await passTimeEverywhere(money, 25 * 3_600_000)
    expect(await sweepDrift()).toBe(1)
    expect((await paid(holder)).refunded_minor).toBe(1_000)
    expect(await opens(holder)).toBe(false)
  })

  test('is written once, however often and in which order its events come', async () => {
    const holder = await subscribed(money, planId)
    const { id, intent } = await paid(holder)
    await money.sandbox.control.setChaos({ deliveries: { duplicate: 1, reorder_window_ms: 300 } })
    const stripe = stripeItself()
    await stripe.refunds.create({ payment_intent: intent, amount: 100 })
    await stripe.refunds.create({ payment_intent: intent, amount: 200 })
    await until('both are here', async () => (await paid(holder)).refunded_minor === 300)
    await untilInboxIsEmpty()
    expect(await refundsOf(id)).toHaveLength(2)
    const told = await mailsOf('membership_refund', id)
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThanOrEqual(2)
  })
})

describe('a disputed payment of a subscription', () => {
  test('closes it; won, it opens again [payments 63]', async () => {
    const holder = await subscribed(money, planId)
    const { intent } = await paid(holder)
    const dispute = await openDispute(intent)
    await until('it is closed', async () => !(await opens(holder)))
    await untilInboxIsEmpty()
    expect(await theSubscription(holder.member)).toMatchObject({
      status: 'active',
      money: 'disputed',
    })
    await closeDispute(dispute, 'won')
    await until('it is open again', () => opens(holder))
    await untilInboxIsEmpty()
    expect((await historyOf(holder.one.id)).filter((what) => what === 'dispute')).toHaveLength(2)
    const row = await db()
      .selectFrom('subscription_dispute')
      .select(['id', 'state'])
      .where('stripe_dispute_id', '=', dispute)
      .executeTakeFirstOrThrow()
    expect(row.state).toBe('won')
    expect(await mailsOf('owner_membership_dispute', row.id)).toBe(2)
  })

  test('lost, it is cancelled at Stripe, stays closed, and is never charged again [payments 63]', async () => {
    const holder = await subscribed(money, planId)
    const { intent } = await paid(holder)
    const dispute = await openDispute(intent)
    await closeDispute(dispute, 'lost')
    await until('it is lost', async () => (await theSubscription(holder.member)).is_to_end)
    await untilInboxIsEmpty()
    expect(await opens(holder)).toBe(false)
    await Promise.all([sweepMembershipMoney(), sweepMembershipMoney()])
    await untilInboxIsEmpty()
    const one = await theSubscription(holder.member)
    expect(one).toMatchObject({ status: 'canceled', money: 'dispute_lost' })
    expect((await stripeItself().subscriptions.retrieve(one.stripe_subscription_id)).status).toBe(
      'canceled',
    )
    expect(await sweepMembershipMoney()).toBe(0)
    await passTimeEverywhere(money, 32 * dayMs)
    await untilInboxIsEmpty()
    expect(await invoicesOf(one.id)).toHaveLength(1)
  })
})
