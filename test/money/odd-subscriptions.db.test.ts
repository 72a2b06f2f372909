import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  listedPlan,
  sendPlanNow,
  subscribe,
  sweepPlans,
  switchPlan,
} from '#modules/memberships/server/index.ts'
import {
  healSubscriptions,
  pollEvents,
  sweepSubscriptions,
} from '#modules/payments/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import {
  aMember,
  aPlan,
  pressSubscribe,
  subscribed,
  subscriptionsOf,
  theSubscription,
} from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney({ stripeCallsPerSecond: 10_000 })
const day = 86_400_000
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty(60_000)
})
afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

const unheard = () => money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
const here = async () =>
  (
    await db()
      .selectFrom('subscription')
      .select((select) => select.fn.countAll<number>().as('all'))
      .executeTakeFirstOrThrow()
  ).all

/** As the owner makes them in Stripe's own dashboard. */
async function madeAtStripe(
  stripeCustomerId: string,
  planId: string,
  times = 1,
): Promise<string[]> {
  const { stripe_price_id: price } = await db()
    .selectFrom('plan_price')
    .select('stripe_price_id')
    .where('plan_id', '=', planId)
    .executeTakeFirstOrThrow()
  const made: string[] = []
  for (let at = 0; at < times; at++)
    made.push(
      (
        await stripeItself().subscriptions.create({
          customer: stripeCustomerId,
          items: [{ price: price ?? '' }],
        })
      ).id,
    )
  return made
}

async function aPayerAtStripe(): Promise<string> {
  const stripe = stripeItself()
  const { id } = await stripe.customers.create({ email: 'by-hand@example.com' })
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: id })
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } })
  return id
}

describe('subscriptions', () => {
  test('keep their price when a dearer plan is made: the next invoice is what it was [commerce 49]', async () => {
    const planId = await aPlan(owner, { title: 'Letters', amountMinor: 1_000 })
    const { member, one } = await subscribed(money, planId)
    const dearer = await aPlan(owner, { title: 'Letters, from now on', amountMinor: 1_500 })
    const later = await subscribed(money, dearer)
    await passTimeEverywhere(money, 32 * day)
    await untilInboxIsEmpty(60_000)
    const paid = async (subscriptionId: string) =>
      (
        await db()
          .selectFrom('subscription_invoice')
          .select('paid_minor')
          .where('subscription_id', '=', subscriptionId)
          .orderBy('made_at')
          .execute()
      ).map((invoice) => invoice.paid_minor)
    await until('both have renewed', async () => (await paid(later.one.id)).length === 2)
    expect(await paid(one.id)).toEqual([1_000, 1_000])
    expect(await paid(later.one.id)).toEqual([1_500, 1_500])
    expect((await theSubscription(member)).plan_id).toBe(planId)
  })

  test('end with the customer who is deleted at Stripe; who subscribes again is a new customer there [payments 67]', async () => {
    const planId = await aPlan(owner)
    const { member, one } = await subscribed(money, planId)
    await stripeItself().customers.del(one.stripe_customer_id)
    await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(false)
    const { sessionId } = await pressSubscribe(member, planId)
    await money.sandbox.control.pay({ session: sessionId })
    await until('there is another', async () => (await subscriptionsOf(member)).length === 2)
    const customers = new Set(
      (await subscriptionsOf(member)).map((each) => each.stripe_customer_id),
    )
    expect(customers.size).toBe(2)
    const { rows } = await sql<{ gone: number; live: number }>`
      select count(*) filter (where gone_at is not null) as gone, count(*) filter (where gone_at is null) as live
      from stripe_customer where member_id = ${member.memberId}::uuid`.execute(db())
    expect(rows).toEqual([{ gone: 1, live: 1 }])
  })

  test('are offered no more when their price or the product is archived at Stripe; the plan says so, and can be offered again [payments 68]', async () => {
    const planId = await aPlan(owner)
    const { member } = await subscribed(money, planId)
    const stripe = stripeItself()
    const { stripe_price_id: priceId } = await db()
      .selectFrom('plan_price')
      .select('stripe_price_id')
      .where('plan_id', '=', planId)
      .executeTakeFirstOrThrow()
    const price = await stripe.prices.retrieve(priceId ?? '')
    const product = typeof price.product === 'string' ? price.product : price.product.id
    const isOffered = async () => {
      await untilInboxIsEmpty()
      await sweepPlans()
      const plan = await listedPlan(db(), planId)
      return { isEnabled: plan?.isEnabled, isArchived: plan?.atStripe?.closedThereAt !== undefined }
    }
    const offerAgain = async () => {
      await inTransaction((tx) => switchPlan(tx, owner, planId, true))
      expect(await sendPlanNow(planId)).toBe(true)
      await untilInboxIsEmpty()
      expect(await isOffered()).toEqual({ isEnabled: true, isArchived: false })
      expect(await stripe.prices.retrieve(priceId ?? '')).toMatchObject({ active: true })
      expect(await stripe.products.retrieve(product)).toMatchObject({ active: true })
    }
    // A new name there is ours to say.
    await stripe.prices.update(priceId ?? '', { nickname: 'Renamed there' })
    await until('it is named again', async () => {
      await isOffered()
      return (await stripe.prices.retrieve(priceId ?? '')).nickname !== 'Renamed there'
    })
    expect(await isOffered()).toEqual({ isEnabled: true, isArchived: false })
    for (const archive of [
      () => stripe.prices.update(priceId ?? '', { active: false }),
      () => stripe.products.update(product, { active: false }),
    ]) {
      await archive()
      await until('it is offered no more', async () => (await isOffered()).isEnabled === false)
      expect(await isOffered()).toEqual({ isEnabled: false, isArchived: true })
      expect(await subscribe(await aMember(), planId)).toEqual({ ok: false, reason: 'disabled' })
      expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(true)
      await offerAgain()
    }
    // What was done here itself is told back by Stripe, and changes nothing.
    const allIsHeard = () =>
      until('Stripe has told everything and no plan is due', async () => {
        await untilInboxIsEmpty()
        return (await sweepPlans()) === 0
      })
    const changes = async () =>
      (await money.sandbox.control.stats()).endpoints['POST /v1/prices/{price}']?.calls ?? 0
    await allIsHeard()
    const before = await changes()
    await inTransaction((tx) => switchPlan(tx, owner, planId, false))
    expect(await sendPlanNow(planId)).toBe(true)
    await allIsHeard()
    expect(await isOffered()).toEqual({ isEnabled: false, isArchived: false })
    expect(await changes()).toBe(before + 1)
  })

  test('that are made at Stripe’s side appear: with their member where the customer is known, and with nobody where not [payments 69]', async () => {
    const planId = await aPlan(owner)
    const { member, one } = await subscribed(money, planId)
    await stripeItself().subscriptions.cancel(one.stripe_subscription_id)
    await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(false)
    const method = await stripeItself().paymentMethods.attach('pm_card_visa', {
      customer: one.stripe_customer_id,
    })
    await stripeItself().customers.update(one.stripe_customer_id, {
      invoice_settings: { default_payment_method: method.id },
    })
    await madeAtStripe(one.stripe_customer_id, planId)
    await until('it is here', async () => (await subscriptionsOf(member)).length === 2)
    await untilInboxIsEmpty()
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(true)
    const [foreign] = await madeAtStripe(await aPayerAtStripe(), planId)
    const found = await until('it is here, too', async () =>
      db()
        .selectFrom('subscription')
        .select(['member_id', 'customer_id', 'status'])
        .where('stripe_subscription_id', '=', foreign ?? '')
        .executeTakeFirst(),
    )
    expect(found).toEqual({ member_id: null, customer_id: null, status: 'active' })
  })

  test('of which nothing was heard for longer than Stripe keeps events are found all the same [payments 71]', async () => {
    const planId = await aPlan(owner)
    await unheard()
    const before = await here()
    await madeAtStripe(await aPayerAtStripe(), planId, 3)
    await passTimeEverywhere(money, 40 * day)
    await pollEvents(await now(db('money')))
    await sweepSubscriptions()
    await untilInboxIsEmpty(60_000)
    expect(await here()).toBe(before + 3)
    expect((await healSubscriptions()).differing).toEqual([])
  })

  test('that are being compared when Stripe goes away at the third page are compared again, and come out the same [payments 72]', async () => {
    const planId = await aPlan(owner)
    await unheard()
    await madeAtStripe(await aPayerAtStripe(), planId, 230)
    const before = await here()
    await money.sandbox.control.setChaos({
      deliveries: { drop: 1 },
      api: { methods: ['GET'], paths: ['/v1/subscriptions'], reset_after: 0.4 },
      seed: 72,
    })
    await healSubscriptions().catch(() => undefined)
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    await healSubscriptions()
    expect(await here()).toBe(before + 230)
    expect((await healSubscriptions()).differing).toEqual([])
    const after =
      await sql`select digest from subscription order by stripe_subscription_id`.execute(db())
    await healSubscriptions()
    expect(
      (await sql`select digest from subscription order by stripe_subscription_id`.execute(db()))
        .rows,
    ).toEqual(after.rows)
  }, 120_000)
})
