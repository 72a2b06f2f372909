import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  assignSubscription,
  differingPage,
  liveCounts,
  membershipHistory,
  unheldPage,
} from '#modules/memberships/server/index.ts'
import {
  askForComparison,
  healDifferences,
  healSubscriptions,
  mirrorStanding,
  sweepComparisons,
} from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner, signUp } from '../people.ts'
import { aMember, aPlan, subscribed, subscriptionsOf, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney({ stripeCallsPerSecond: 10_000 })
let owner: OwnerActor
let planId: string

beforeAll(async () => {
  owner = (await setUpOwner()).actor
  planId = await aPlan(owner)
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty(60_000)
  await healSubscriptions()
})
afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

const compare = () => inTransaction((tx) => askForComparison(tx, owner), 'money')
const heal = (which: string) => inTransaction((tx) => healDifferences(tx, owner, which), 'money')
const differing = async () => (await differingPage(db(), {})).rows
const callsOfStripe = async () =>
  Object.values((await money.sandbox.control.stats()).endpoints).reduce(
    (sum, { calls }) => sum + calls,
    0,
  )
const audited = async (action: string) =>
  (
    await db()
      .selectFrom('audit_entry')
      .select((select) => select.fn.countAll<number>().as('all'))
      .where('action', '=', action)
      .executeTakeFirstOrThrow()
  ).all

/** Somebody whose subscription has ended at Stripe, of which no event told. */
async function drifted() {
  const { member, one } = await subscribed(money, planId)
  await money.sandbox.control.drift(one.stripe_subscription_id, {
    status: 'canceled',
    ended_at: Math.floor(one.started_at.getTime() / 1_000) + 60,
  })
  return { member, one, id: one.stripe_subscription_id }
}

describe('the mirror beside Stripe', () => {
  test('shows what differs before it is healed, and heals one or all, without a call to Stripe in what the owner presses [payments 73]', async () => {
    const [first, second, third] = [await drifted(), await drifted(), await drifted()]
    await untilInboxIsEmpty()
    const before = await callsOfStripe()
    expect(await compare()).toBe(true)
    expect(await callsOfStripe()).toBe(before)
    expect((await mirrorStanding(db())).last).toMatchObject({ state: 'running', told: 0 })
    await sweepComparisons()
    expect((await theSubscription(first.member)).status).toBe('active')
    const found = await differing()
    expect(new Set(found.map((one) => one.stripeSubscriptionId))).toEqual(
      new Set([first.id, second.id, third.id]),
    )
    expect(found[0]?.here?.status).toBe('active')
    expect(found[0]?.there?.status).toBe('canceled')
    const compared = await mirrorStanding(db())
    expect(compared).toMatchObject({ differing: 3, healing: 0, last: { state: 'done' } })

    await untilInboxIsEmpty()
    const asked = await callsOfStripe()
    const row = found.find((one) => one.stripeSubscriptionId === second.id)
    expect(await heal(row?.id ?? '')).toBe(1)
    expect(await heal(row?.id ?? '')).toBe(0)
    expect(await callsOfStripe()).toBe(asked)
    expect(await mirrorStanding(db())).toMatchObject({ differing: 3, healing: 1 })
    await sweepComparisons()
    expect((await theSubscription(second.member)).status).toBe('canceled')
    expect((await theSubscription(first.member)).status).toBe('active')
    expect(await mayUse(db(), second.member.memberId, 'plan', planId)).toBe(false)
    expect(await mirrorStanding(db())).toMatchObject({ differing: 2, healing: 0 })

    expect(await heal('all')).toBe(2)
    await sweepComparisons()
    expect(await differing()).toEqual([])
    expect((await theSubscription(third.member)).status).toBe('canceled')
    const causes = (await membershipHistory(db(), [third.one.id])).map(({ cause }) => cause)
    expect(causes[0]).toBe('comparison with Stripe')
    expect([
      await audited('subscriptions.compared'),
      await audited('subscriptions.healed'),
    ]).toEqual([1, 2])
  })

  test('has nothing to heal any more where an event told of it meanwhile', async () => {
    const { id, member } = await drifted()
    await compare()
    await sweepComparisons()
    expect(await differing()).toHaveLength(1)
    await stripeItself().subscriptions.update(id, { metadata: { told: 'now' } })
    await until(
      'it is looked up',
      async () => (await theSubscription(member)).status === 'canceled',
    )
    await untilInboxIsEmpty()
    expect(await differing()).toEqual([])
    expect(await heal('all')).toBe(0)
  })

  test('tells that Stripe could not be asked, changes nothing, and goes on by itself afterwards', async () => {
    const { member } = await drifted()
    const away = { api: { methods: ['GET'], paths: ['/v1/subscriptions'], reset_after: 1 } }
    await money.sandbox.control.setChaos(away)
    await compare()
    await sweepComparisons()
    const { last } = await mirrorStanding(db())
    expect(last?.state).toBe('failed')
    expect(last?.failure).not.toBe('')
    expect(await differing()).toEqual([])

    await money.sandbox.control.setChaos({})
    expect(await compare()).toBe(true)
    await sweepComparisons()
    expect(await heal('all')).toBe(1)
    await money.sandbox.control.setChaos(away)
    await sweepComparisons()
    expect((await theSubscription(member)).status).toBe('active')
    expect((await differing())[0]?.failure).toBeTruthy()

    await money.sandbox.control.setChaos({})
    await passTimeEverywhere(money, 20_000)
    await sweepComparisons()
    expect((await theSubscription(member)).status).toBe('canceled')
    expect(await differing()).toEqual([])
  })

  test('is compared once, however many ask for it and work on it at once, and a comparison whose process died is begun anew', async () => {
    const { member } = await drifted()
    expect((await Promise.all([compare(), compare(), compare()])).filter(Boolean)).toHaveLength(1)
    await untilInboxIsEmpty()
    const before = await callsOfStripe()
    await Promise.all([sweepComparisons(), sweepComparisons(), sweepComparisons()])
    expect((await mirrorStanding(db())).last?.state).toBe('done')
    expect(await differing()).toHaveLength(1)
    const { live } = await liveCounts(db())
    expect((await callsOfStripe()) - before).toBeLessThanOrEqual(1 + Math.ceil(live / 100) + 1)
    await heal('all')
    await Promise.all([sweepComparisons(), sweepComparisons()])
    expect((await theSubscription(member)).status).toBe('canceled')

    const late = await drifted()
    await compare()
    await sql`update mirror_comparison set holder = ${newId()}::uuid, told = 7, held_until = machine_now() + interval '1 minute'
      where state = 'running'`.execute(db())
    await sweepComparisons()
    expect((await mirrorStanding(db())).last).toMatchObject({ state: 'running', told: 7 })
    await sql`update mirror_comparison set held_until = machine_now() where state = 'running'`.execute(
      db(),
    )
    await sweepComparisons()
    expect((await mirrorStanding(db())).last).toMatchObject({ state: 'done', differing: 1 })
    expect((await differing()).map((one) => one.stripeSubscriptionId)).toEqual([late.id])
  })

  test('finds what the shop never heard of, and what Stripe does not list any more', async () => {
    const { member, one } = await subscribedWithout()
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    const [foreign] = await madeAtStripe()
    await compare()
    await sweepComparisons()
    const found = new Map((await differing()).map((row) => [row.stripeSubscriptionId, row]))
    expect(found.get(foreign ?? '')).toMatchObject({ here: undefined, there: { status: 'active' } })
    expect(found.get(one.stripe_subscription_id)).toMatchObject({
      here: { status: 'active' },
      there: undefined,
    })
    await heal('all')
    await sweepComparisons()
    expect((await theSubscription(member)).status).toBe('canceled')
    const unheld = (await unheldPage(db(), {})).rows
    expect(unheld.map((row) => row.stripeSubscriptionId)).toContain(foreign)
    expect(await differing()).toEqual([])
  })
})

/** One that stands here, and that Stripe has never heard of. */
async function subscribedWithout() {
  const { member, one } = await subscribed(money, planId)
  await stripeItself().subscriptions.cancel(one.stripe_subscription_id)
  await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
  await untilInboxIsEmpty()
  const unknown = await aMember()
  await sql`
    insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, customer_id, member_id, plan_id, plan_group,
      status, amount_minor, currency, interval_unit, interval_count, started_at, digest)
    select gen_random_uuid(), backend_id, 'sub_never_there', 'cus_never_there', null, ${unknown.memberId}::uuid, plan_id, plan_group,
      'active', amount_minor, currency, interval_unit, interval_count, clock_now(), '' from subscription where id = ${one.id}`.execute(
    db(),
  )
  return { member: unknown, one: await theSubscription(unknown) }
}

/** As the owner makes them in Stripe's own dashboard, for somebody new. */
async function madeAtStripe(): Promise<string[]> {
  const stripe = stripeItself()
  const { id } = await stripe.customers.create({ email: 'by-hand@example.com' })
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: id })
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } })
  const { stripe_price_id: price } = await db()
    .selectFrom('plan_price')
    .select('stripe_price_id')
    .where('plan_id', '=', planId)
    .executeTakeFirstOrThrow()
  const made = await stripe.subscriptions.create({ customer: id, items: [{ price: price ?? '' }] })
  return [made.id, id]
}

/** Its row here, once it was heard of. */
const unheldOf = (stripeId: string | undefined) =>
  until('it is here', async () =>
    (await unheldPage(db(), {})).rows.find((row) => row.stripeSubscriptionId === stripeId),
  )

describe('a subscription that nobody here is known to hold', () => {
  test('is listed, and is its member’s once the owner says so: it opens at once, and so does the next of that customer [payments 69]', async () => {
    const [stripeId, stripeCustomerId] = await madeAtStripe()
    const row = await unheldOf(stripeId)
    const { unheld } = await liveCounts(db())
    const email = `${newId()}@example.com`
    const member = (await signUp(email)).actor
    const assign = (to: string) =>
      inTransaction((tx) => assignSubscription(tx, owner, row.id, to), 'money')
    expect(await assign('nobody-at-all@example.com')).toEqual({ ok: false, reason: 'no_member' })
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(false)
    const twice = await Promise.all([assign(email), assign(email)])
    expect(twice.filter(({ ok }) => ok)).toHaveLength(1)
    expect(twice.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'held_already' })
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(true)
    expect((await liveCounts(db())).unheld).toBe(unheld - 1)
    expect((await membershipHistory(db(), [row.id]))[0]).toMatchObject({
      what: 'assigned',
      cause: 'named by the owner',
    })

    await stripeItself().subscriptions.cancel(stripeId ?? '')
    await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(false)
    const price = await db()
      .selectFrom('plan_price')
      .select('stripe_price_id')
      .where('plan_id', '=', planId)
      .executeTakeFirstOrThrow()
    await stripeItself().subscriptions.create({
      customer: stripeCustomerId ?? '',
      items: [{ price: price.stripe_price_id ?? '' }],
    })
    await until('the next is theirs', async () => (await subscriptionsOf(member)).length === 2)
    await untilInboxIsEmpty()
    expect(await mayUse(db(), member.memberId, 'plan', planId)).toBe(true)
  })

  test('is nobody’s second one: who subscribes to a plan of its group is not named', async () => {
    const [stripeId] = await madeAtStripe()
    const row = await unheldOf(stripeId)
    const { member } = await subscribed(money, planId)
    const { email } = await db()
      .selectFrom('member')
      .select('email')
      .where('id', '=', member.memberId)
      .executeTakeFirstOrThrow()
    const assign = (id: string) =>
      inTransaction((tx) => assignSubscription(tx, owner, id, email), 'money')
    expect(await assign(row.id)).toEqual({ ok: false, reason: 'has_one' })
    expect(await assign(newId())).toEqual({ ok: false, reason: 'not_found' })
    expect(await assign('nonsense')).toEqual({ ok: false, reason: 'not_found' })
    expect((await unheldOf(stripeId)).id).toBe(row.id)
  })
})
