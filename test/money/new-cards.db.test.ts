import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import {
  membershipsOf,
  owedBy,
  payWhatIsOwed,
  endNow,
  lookAtMine,
  sweepCards,
} from '#modules/memberships/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aMember, aPlan, subscribed, subscriptionsOf, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
const day = 86_400_000
const minute = 60_000
const good = 'pm_card_visa'
const bad = 'pm_card_chargeCustomerFail'
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
afterEach(async () => {
  await money.sandbox.control.setChaos({})
  await money.sandbox.control.release()
  await untilInboxIsEmpty()
  expect(await brokenInvariants()).toEqual([])
})

type Subscription = Awaited<ReturnType<typeof theSubscription>>

/** A member whose first renewal was refused, seen by the sweep once: the card they have was Stripe's to try. */
async function owing() {
  const planId = await aPlan(owner, { trialDays: 1 })
  const { member } = await subscribed(money, planId, '4000000000000341')
  await passTimeEverywhere(money, 2 * day)
  await until('it owes', async () => (await theSubscription(member)).status === 'past_due')
  await untilInboxIsEmpty()
  expect(await sweepCards()).toBe(1)
  expect(await triesOf(member)).toEqual(['known'])
  expect(await chargesOf(await theSubscription(member))).toEqual(['failed'])
  return { member, one: await theSubscription(member) }
}

/** The card becomes what everything of its customer is paid with, as Stripe's own page does it. */
async function putOnFile(one: Subscription, card: string): Promise<string> {
  const stripe = stripeItself()
  const customer = one.stripe_customer_id
  const method = await stripe.paymentMethods.attach(card, { customer })
  await stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: method.id },
  })
  await stripe.subscriptions.update(one.stripe_subscription_id, {
    default_payment_method: method.id,
  })
  return method.id
}

const triesOf = async (member: MemberActor) =>
  (
    await db()
      .selectFrom('card_try')
      .innerJoin('subscription_invoice', 'subscription_invoice.id', 'card_try.invoice_id')
      .innerJoin('subscription', 'subscription.id', 'subscription_invoice.subscription_id')
      .select('card_try.state')
      .where('subscription.member_id', '=', member.memberId)
      .orderBy('card_try.created_at')
      .execute()
  ).map(({ state }) => state)

/** How each charge of a customer ended, the oldest first. */
const chargesOf = async (one: Subscription) =>
  (await stripeItself().charges.list({ customer: one.stripe_customer_id, limit: 100 })).data
    .map(({ status }) => status)
    .toReversed()

const mailsOf = async (member: MemberActor, template: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('subject')
      .where('to_address', '=', member.email)
      .where('template', '=', template)
      .execute()
  ).length

describe('a new card is tried by itself for what is owed', () => {
  test('its holder never comes back: paid once, from the event alone [payments 54]', async () => {
    const { member, one } = await owing()
    await putOnFile(one, good)
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(1)
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({ status: 'active', past_due_since: null })
    expect(await triesOf(member)).toEqual(['known', 'paid'])
    expect(await sweepCards()).toBe(0)
    expect(await chargesOf(one)).toEqual(['failed', 'succeeded'])
    await untilInboxIsEmpty()
    expect(await mailsOf(member, 'membership_receipt')).toBe(1)
    expect(await mailsOf(member, 'membership_card_refused')).toBe(0)
    // Whoever comes back only now is told that it is paid.
    expect(await payWhatIsOwed(member, 'back')).toEqual({ ok: true, paid: 1 })
    await passTimeEverywhere(money, 11 * minute)
    expect(await payWhatIsOwed(member, 'back')).toEqual({ ok: true, paid: 0 })
  })

  test('the customer’s own card counts where the subscription has none, and the account shows it', async () => {
    const stripe = stripeItself()
    const ended = await subscribed(money, await aPlan(owner))
    const { member } = ended
    const customer = ended.one.stripe_customer_id
    expect(await endNow(owner, ended.one.id)).toEqual({ ok: true })
    const failing = await stripe.paymentMethods.attach(bad, { customer })
    await stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: failing.id },
    })
    const { stripe_price_id: price } = await db()
      .selectFrom('plan_price')
      .select('stripe_price_id')
      .where('plan_id', '=', await aPlan(owner))
      .executeTakeFirstOrThrow()
    // Begun at Stripe's side: it has no card of its own.
    const begun = await stripe.subscriptions.create({
      customer,
      items: [{ price: price ?? '' }],
      trial_period_days: 1,
    })
    expect(begun.default_payment_method).toBeNull()
    await passTimeEverywhere(money, 2 * day)
    const statuses = async () =>
      (await subscriptionsOf(member)).map(({ status }) => status).toSorted()
    await until('it owes', async () => (await statuses()).includes('past_due'))
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(1)
    expect(await triesOf(member)).toEqual(['known'])
    const method = await stripe.paymentMethods.attach('pm_card_mastercard', {
      customer,
    })
    await untilInboxIsEmpty()
    // It lies there and pays nothing yet.
    expect(await sweepCards()).toBe(0)
    await stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: method.id },
    })
    await untilInboxIsEmpty()
    expect((await membershipsOf(db(), member.memberId)).subscriptions[0]?.card?.brand).toBe(
      'mastercard',
    )
    expect(await sweepCards()).toBe(1)
    await untilInboxIsEmpty()
    expect(await statuses()).toEqual(['active', 'canceled'])
  })

  test('its holder comes back while it is swept, and twice at once: one charge', async () => {
    const { member, one } = await owing()
    await money.sandbox.control.hold()
    await putOnFile(one, good)
    await lookAtMine(member)
    const [back, again] = await Promise.all([
      payWhatIsOwed(member, 'back'),
      payWhatIsOwed(member, 'back'),
      sweepCards(),
      sweepCards(),
    ])
    for (const told of [back, again]) expect(told).toMatchObject({ ok: true })
    expect((await theSubscription(member)).status).toBe('active')
    await money.sandbox.control.release()
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(0)
    expect(await chargesOf(one)).toEqual(['failed', 'succeeded'])
    expect(await triesOf(member)).toEqual(['known', 'paid'])
    expect(await mailsOf(member, 'membership_receipt')).toBe(1)
  })

  test('a refused card: told once, said in the banner, never tried again by itself; the next one pays', async () => {
    const { member, one } = await owing()
    expect((await owedBy(db(), member.memberId))?.refused).toBeUndefined()
    await putOnFile(one, bad)
    await untilInboxIsEmpty()
    await Promise.all([sweepCards(), sweepCards(), payWhatIsOwed(member, 'back')])
    await untilInboxIsEmpty()
    for (let times = 0; times < 3; times++) {
      await passTimeEverywhere(money, 20 * minute)
      expect(await sweepCards()).toBe(0)
    }
    expect(await payWhatIsOwed(member, 'back')).toEqual({ ok: false, reason: 'payment_failed' })
    expect(await triesOf(member)).toEqual(['known', 'refused'])
    expect(await chargesOf(one)).toEqual(['failed', 'failed'])
    expect(await mailsOf(member, 'membership_card_refused')).toBe(1)
    expect((await owedBy(db(), member.memberId))?.refused).toEqual({ last4: '0341' })
    // Asked for by hand it is tried once more, like any card.
    expect(await payWhatIsOwed(member)).toEqual({ ok: false, reason: 'payment_failed' })
    expect(await chargesOf(one)).toEqual(['failed', 'failed', 'failed'])
    expect(await mailsOf(member, 'membership_card_refused')).toBe(1)
    await putOnFile(one, good)
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(1)
    await untilInboxIsEmpty()
    expect(await owedBy(db(), member.memberId)).toBeUndefined()
    expect((await chargesOf(one)).filter((status) => status === 'succeeded')).toHaveLength(1)
    await expect(
      db()
        .updateTable('card_try')
        .set({ state: 'needless' })
        .where('state', '=', 'refused')
        .execute(),
    ).rejects.toThrow('a card is tried once for an invoice')
  })

  test('heard of after it was paid, or after the subscription ended: nothing is asked', async () => {
    const { member, one } = await owing()
    await money.sandbox.control.hold()
    await putOnFile(one, good)
    expect(await payWhatIsOwed(member)).toEqual({ ok: true, paid: 1 })
    await money.sandbox.control.release()
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(0)
    expect(await chargesOf(one)).toEqual(['failed', 'succeeded'])

    const gone = await owing()
    await putOnFile(gone.one, good)
    await untilInboxIsEmpty()
    expect(await endNow(owner, gone.one.id)).toEqual({ ok: true })
    await untilInboxIsEmpty()
    expect(await sweepCards()).toBe(1)
    expect(await triesOf(gone.member)).toEqual(['known', 'needless'])
    expect(await chargesOf(gone.one)).toEqual(['failed'])
  })

  test('a stranger’s return and a stranger’s card pay nothing of another’s', async () => {
    const { member, one } = await owing()
    const stranger = await aMember()
    const other = await subscribed(money, await aPlan(owner))
    await putOnFile(one, good)
    await untilInboxIsEmpty()
    expect(await payWhatIsOwed(stranger, 'back')).toEqual({ ok: true, paid: 0 })
    await putOnFile(other.one, good)
    await untilInboxIsEmpty()
    expect(await payWhatIsOwed(other.member)).toEqual({ ok: true, paid: 0 })
    expect((await theSubscription(member)).status).toBe('past_due')
    expect(await triesOf(other.member)).toEqual([])
    expect(await chargesOf(one)).toEqual(['failed'])
    expect(await sweepCards()).toBe(1)
    await untilInboxIsEmpty()
    expect((await theSubscription(member)).status).toBe('active')
  })

  test('Stripe cannot be reached, or its answer is lost: tried again, later each time and not for ever; charged once', async () => {
    const { member, one } = await owing()
    await putOnFile(one, good)
    await untilInboxIsEmpty()
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/invoices'], methods: ['POST'] },
    })
    expect(await sweepCards()).toBe(1)
    expect(await triesOf(member)).toEqual(['known', 'due'])
    expect(await sweepCards()).toBe(0)
    await money.sandbox.control.setChaos({})
    await passTimeEverywhere(money, minute)
    expect(await sweepCards()).toBe(1)
    expect(await triesOf(member)).toEqual(['known', 'paid'])
    await untilInboxIsEmpty()
    expect(await chargesOf(one)).toEqual(['failed', 'succeeded'])

    const away = await owing()
    await putOnFile(away.one, good)
    await untilInboxIsEmpty()
    await money.sandbox.control.setChaos({ api: { reset_after: 1, paths: ['/v1/invoices'] } })
    let times = 0
    for (; (await triesOf(away.member)).at(-1) === 'due' && times < 20; times++) {
      await sweepCards()
      await db()
        .updateTable('card_try')
        .set({ due_at: new Date(0) })
        .where('state', '=', 'due')
        .execute()
    }
    expect(times).toBe(7)
    expect(await triesOf(away.member)).toEqual(['known', 'given_up'])
    // Stripe’s own days of trying go on, and so does the button.
    await money.sandbox.control.setChaos({})
    expect(await payWhatIsOwed(away.member)).toEqual({ ok: true, paid: 1 })
  })
})
