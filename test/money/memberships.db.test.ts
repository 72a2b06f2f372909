import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import type { PlanTerms, PlanWords } from '#modules/memberships/plan-form.ts'
import {
  cancelMine,
  cardPageOf,
  changePlan,
  changesOf,
  endNow,
  goOn,
  keepPlan,
  lookAtChange,
  lookAtMine,
  lookAtSubscribing,
  makePlan,
  membershipHistory,
  membershipRules,
  membershipsOf,
  owedBy,
  pauseNow,
  payWhatIsOwed,
  resumeMine,
  sendPlanNow,
  setMembershipRules,
  subscribe,
  sweepGrace,
  sweepPlans,
  sweepSubscribing,
  switchPlan,
} from '#modules/memberships/server/index.ts'
import { healSubscriptions } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
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
  aPlan as planOf,
  pressSubscribe,
  subscribed as subscribedWith,
  subscriptionsOf,
  theSubscription,
} from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
const day = 86_400_000
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

const aPlan = (over: Partial<PlanWords & PlanTerms> = {}) => planOf(owner, over)
const subscribed = (planId: string, card?: string) => subscribedWith(money, planId, card)

/** An expandable field's id. */
const idOf = (held: string | { readonly id: string } | null) =>
  typeof held === 'string' ? held : (held?.id ?? '')

const opens = (member: MemberActor, planId: string) => mayUse(db(), member.memberId, 'plan', planId)

const happened = async (subscriptionId: string) =>
  (
    await db()
      .selectFrom('subscription_event')
      .select('what')
      .where('subscription_id', '=', subscriptionId)
      .orderBy('id')
      .execute()
  ).map(({ what }) => what)

const allotmentsOf = (subscriptionId: string) =>
  db()
    .selectFrom('allotment')
    .select('tokens')
    .where('subscription_id', '=', subscriptionId)
    .orderBy('created_at')
    .execute()

describe('a plan at Stripe', () => {
  test('C20: made there and not heard of, it is found again and not made twice', async () => {
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/prices'], methods: ['POST'] },
    })
    const planId = await inTransaction(async (tx) => {
      const words = {
        title: 'Lost answer',
        description: '',
        tier: 1,
        trialDays: 0,
        tokenAllotment: 0,
      }
      const interval = { unit: 'year', count: 2 } as const
      const terms = { group: 'Other', amountMinor: 9_000, currency: 'EUR', interval }
      const made = await makePlan(tx, owner, words, terms)
      return made.ok ? made.planId : ''
    })
    await sendPlanNow(planId)
    await money.sandbox.control.setChaos({})
    await passTimeEverywhere(money, 2 * 3_600_000)
    await sweepPlans()
    const prices = await stripeItself().prices.list({ lookup_keys: [`plan_${planId}`] })
    expect(prices.data).toHaveLength(1)
    const known = await db()
      .selectFrom('plan_price')
      .select(['stripe_price_id', 'due_at'])
      .where('plan_id', '=', planId)
      .execute()
    expect(known).toEqual([{ stripe_price_id: prices.data[0]?.id, due_at: null }])
  })

  test('C21: all plans are prices of one product, and a process that died before asking is made up for', async () => {
    const first = await aPlan()
    const made = await inTransaction((tx) =>
      makePlan(
        tx,
        owner,
        { title: 'Died', description: '', tier: 1, trialDays: 0, tokenAllotment: 0 },
        { group: 'Other', amountMinor: 500, currency: 'EUR', interval: { unit: 'week', count: 1 } },
      ),
    )
    await sweepPlans()
    const ids = [first, made.ok ? made.planId : ''].map((id) => `plan_${id}`)
    const prices = await stripeItself().prices.list({ lookup_keys: ids })
    expect(prices.data).toHaveLength(2)
    expect(new Set(prices.data.map(({ product }) => product)).size).toBe(1)
  })

  test('C22: disabled, its open checkouts are closed and it is off at Stripe; who has it keeps it [commerce 48] [payments 49]', async () => {
    const planId = await aPlan()
    const { member } = await subscribed(planId)
    const late = await aMember()
    const open = await pressSubscribe(late, planId)
    await inTransaction((tx) => switchPlan(tx, owner, planId, false))
    await sweepSubscribing()
    await sweepPlans()
    const session = await stripeItself().checkout.sessions.retrieve(open.sessionId)
    expect(session.status).toBe('expired')
    const prices = await stripeItself().prices.list({ lookup_keys: [`plan_${planId}`] })
    expect(prices.data[0]?.active).toBe(false)
    expect(await subscribe(late, planId)).toEqual({ ok: false, reason: 'disabled' })
    await passTimeEverywhere(money, 32 * day)
    await untilInboxIsEmpty()
    expect(await opens(member, planId)).toBe(true)
    expect(await allotmentsOf((await theSubscription(member)).id)).toHaveLength(2)
  })
})

describe('subscribing', () => {
  test('paid on the hosted page it opens the plan, gives one allotment and is on record [payments 24]', async () => {
    const planId = await aPlan()
    const { member, checkoutId, one } = await subscribed(planId)
    expect(one).toMatchObject({ status: 'active', plan_id: planId, amount_minor: 1_000 })
    expect(await opens(member, planId)).toBe(true)
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }])
    expect(await happened(one.id)).toEqual(['begun'])
    const checkout = await db()
      .selectFrom('subscription_checkout')
      .select('state')
      .where('id', '=', checkoutId)
      .executeTakeFirstOrThrow()
    expect(checkout.state).toBe('complete')
  })

  test('pressed twice and in two tabs it is one session and one customer [payments 32, 35]', async () => {
    const planId = await aPlan()
    const member = await aMember()
    const led = await Promise.all([1, 2].map(() => subscribe(member, planId)))
    expect(new Set(led.map((one) => (one.ok ? one.url : one.reason))).size).toBe(1)
    const customers = await db()
      .selectFrom('stripe_customer')
      .select('stripe_customer_id')
      .where('member_id', '=', member.memberId)
      .execute()
    expect(customers).toHaveLength(1)
  })

  test('another plan chosen closes the first session; who has one is stopped [commerce 55] [payments 34]', async () => {
    const [planId, otherId] = [await aPlan(), await aPlan({ amountMinor: 2_000 })]
    const member = await aMember()
    const first = await pressSubscribe(member, planId)
    const second = await pressSubscribe(member, otherId)
    const closed = await stripeItself().checkout.sessions.retrieve(first.sessionId)
    expect(closed.status).toBe('expired')
    await money.sandbox.control.pay({ session: second.sessionId })
    await until('it is mirrored', async () => (await subscriptionsOf(member)).length > 0)
    await untilInboxIsEmpty()
    expect(await subscribe(member, planId)).toEqual({ ok: false, reason: 'already' })
  })

  test('a second one that was paid all the same is cancelled and given back, the first stays [commerce 55] [payments 33]', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    await passTimeEverywhere(money, 60_000)
    const stripe = stripeItself()
    const former = await stripe.subscriptions.retrieve(one.stripe_subscription_id)
    const second = await stripe.subscriptions.create({
      customer: one.stripe_customer_id,
      default_payment_method: idOf(former.default_payment_method),
      items: [{ price: former.items.data[0]?.price.id ?? '' }],
    })
    await until('both are mirrored', async () => (await subscriptionsOf(member)).length === 2)
    await untilInboxIsEmpty()
    await sweepSubscribing()
    await untilInboxIsEmpty()
    const [first, surplus] = await subscriptionsOf(member)
    expect(first).toMatchObject({ id: one.id, status: 'active', surplus_reason: null })
    expect(surplus).toMatchObject({
      stripe_subscription_id: second.id,
      status: 'canceled',
      surplus_reason: 'second',
    })
    expect(await opens(member, planId)).toBe(true)
    const refunds = await stripe.refunds.list({ limit: 1 })
    expect(refunds.data[0]).toMatchObject({ amount: 1_000, status: 'succeeded' })
  })

  test('a trial is free, keeps its length when the plan’s changes, and comes once for a person [commerce 50, 54] [payments 36, 39, 40]', async () => {
    const planId = await aPlan({ trialDays: 7 })
    const { member, one } = await subscribed(planId)
    expect(one.status).toBe('trialing')
    expect(await opens(member, planId)).toBe(true)
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }])
    await stripeItself().subscriptions.cancel(one.stripe_subscription_id)
    await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
    expect(await opens(member, planId)).toBe(false)
    const again = await pressSubscribe(member, planId)
    const { trial_days: days } = await db()
      .selectFrom('subscription_checkout')
      .select('trial_days')
      .where('id', '=', again.checkoutId)
      .executeTakeFirstOrThrow()
    expect(days).toBe(0)
  })
})

describe('what the member sees and is told', () => {
  const mailsTo = async (member: MemberActor) =>
    (
      await db()
        .selectFrom('email_message')
        .select('template')
        .where('to_address', '=', member.email)
        .where('template', '<>', 'sign_in_code')
        .orderBy('created_at')
        .execute()
    ).map(({ template }) => template)
  const whenTold = async (member: MemberActor, template: string, times = 1) => {
    await until(
      `${times} × ${template}`,
      async () => (await mailsTo(member)).filter((one) => one === template).length >= times,
    )
    await untilInboxIsEmpty()
  }

  test('the whole way: a trial, its end told three days before, the first charge, a renewal, cancelled, resumed, cancelled, shut when the period ends [commerce 50, 51, 52] [payments 36, 41, 52]', async () => {
    const planId = await aPlan({ trialDays: 7 })
    const { member, one } = await subscribed(planId)
    expect(await mailsTo(member)).toEqual([])
    await passTimeEverywhere(money, 4 * day + 3_600_000)
    await whenTold(member, 'trial_ending')
    await passTimeEverywhere(money, 3 * day)
    await passTimeEverywhere(money, 2 * 3_600_000)
    await whenTold(member, 'membership_receipt')
    expect(await opens(member, planId)).toBe(true)
    await passTimeEverywhere(money, 31 * day + 3 * 3_600_000)
    await whenTold(member, 'membership_receipt', 2)
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }, { tokens: 4 }, { tokens: 4 }])

    expect(await cancelMine(member, one.id, 'Too many letters')).toEqual({ ok: true })
    await whenTold(member, 'membership_cancelled')
    const there = await stripeItself().subscriptions.retrieve(one.stripe_subscription_id)
    expect(there.cancellation_details?.comment).toBe('Too many letters')
    expect(await resumeMine(member, one.id)).toEqual({ ok: true })
    await whenTold(member, 'membership_resumed')
    expect(await cancelMine(member, one.id, '')).toEqual({ ok: true })
    await whenTold(member, 'membership_cancelled', 2)
    await passTimeEverywhere(money, 32 * day)
    await whenTold(member, 'membership_ended')
    expect(await opens(member, planId)).toBe(false)
    expect(await mailsTo(member)).toEqual([
      'trial_ending',
      'membership_receipt',
      'membership_receipt',
      'membership_cancelled',
      'membership_resumed',
      'membership_cancelled',
      'membership_ended',
    ])
  })

  test('the way back looks at Stripe itself, for whoever it belongs to; nobody else sees it [payments 78]', async () => {
    const planId = await aPlan()
    const [member, stranger] = [await aMember(), await aMember()]
    const { checkoutId, sessionId } = await pressSubscribe(member, planId)
    expect(await lookAtSubscribing(stranger, checkoutId)).toBeUndefined()
    expect(await lookAtSubscribing(member, newId())).toBeUndefined()
    expect(await lookAtSubscribing(member, 'x')).toBeUndefined()
    expect(await lookAtSubscribing(member, checkoutId)).toMatchObject({ state: 'open' })
    await money.sandbox.control.hold()
    await money.sandbox.control.pay({ session: sessionId })
    expect(await lookAtSubscribing(member, checkoutId)).toMatchObject({ state: 'complete' })
    expect(await opens(member, planId)).toBe(true)
    expect(await mailsTo(member)).toEqual(['membership_receipt'])
    await money.sandbox.control.release()
    await untilInboxIsEmpty()
    expect(await mailsTo(member)).toEqual(['membership_receipt'])
  })

  test('the account shows plan, card and invoices without asking Stripe; the card is changed on Stripe’s page and seen afterwards', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    const seen = await membershipsOf(db(), member.memberId)
    expect(seen.subscriptions).toMatchObject([
      { planId, isLive: true, card: { brand: 'visa', last4: '4242' }, access: { why: 'paid' } },
    ])
    expect(seen.invoices).toMatchObject([{ status: 'paid', totalMinor: 1_000, currency: 'EUR' }])
    expect(seen.invoices[0]?.pdfUrl).toMatch(/^http/)
    const stranger = await aMember()
    expect(await membershipsOf(db(), stranger.memberId)).toEqual({
      subscriptions: [],
      invoices: [],
    })
    expect(await cardPageOf(stranger, one.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await cardPageOf(member, one.id)).toMatchObject({ ok: true })
    const stripe = stripeItself()
    const method = await stripe.paymentMethods.attach('pm_card_mastercard', {
      customer: one.stripe_customer_id,
    })
    await money.sandbox.control.hold()
    await stripe.subscriptions.update(one.stripe_subscription_id, {
      default_payment_method: method.id,
    })
    await lookAtMine(member)
    const now = await membershipsOf(db(), member.memberId)
    expect(now.subscriptions[0]?.card?.brand).toBe('mastercard')
  })
})

describe('the mirror', () => {
  const settle = async (
    member: MemberActor,
    is: (one: Awaited<ReturnType<typeof theSubscription>>) => boolean,
  ) => {
    await until('the mirror has heard', async () => is(await theSubscription(member)))
    await untilInboxIsEmpty()
    return theSubscription(member)
  }

  test('cancelled it is open until the paid period ends, to the moment, and can be resumed until then, however it was cancelled [commerce 51] [payments 41, 42, 43]', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    const stripe = stripeItself()
    const id = one.stripe_subscription_id
    for (const [cancel, resume] of [
      [{ cancel_at_period_end: true }, { cancel_at_period_end: false }],
      [{ cancel_at: 'min_period_end' }, { cancel_at: '' }],
    ] as const) {
      await stripe.subscriptions.update(id, cancel)
      const ending = await settle(member, ({ cancels_at }) => cancels_at !== null)
      expect(ending.cancels_at).toEqual(one.period_ends_at)
      await stripe.subscriptions.update(id, resume)
      await settle(member, ({ cancels_at }) => cancels_at === null)
    }
    await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })
    const ending = await settle(member, ({ cancels_at }) => cancels_at !== null)
    await money.sandbox.control.hold()
    const { now_ms: at } = await money.sandbox.control.clock()
    const left = (ending.cancels_at?.getTime() ?? 0) - at
    await passTimeEverywhere(money, left - 60_000)
    expect(await opens(member, planId)).toBe(true)
    // Nobody has told of the end yet.
    await passTimeEverywhere(money, 60_000)
    expect(await opens(member, planId)).toBe(false)
    await money.sandbox.control.release()
    await settle(member, ({ status }) => status === 'canceled')
    expect(await opens(member, planId)).toBe(false)
  })

  test('C16: the member cancels and resumes by themselves, twice and fast; nobody else can, and the owner can end it at once [commerce 53] [payments 44]', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    const stranger = await aMember()
    expect(await cancelMine(stranger, one.id, '')).toEqual({ ok: false, reason: 'not_found' })
    expect(await cancelMine(member, one.id, 'Too much')).toEqual({ ok: true })
    expect(await cancelMine(member, one.id, 'Too much')).toEqual({ ok: true })
    await settle(member, ({ cancels_at }) => cancels_at !== null)
    expect(await resumeMine(member, one.id)).toEqual({ ok: true })
    expect(await resumeMine(member, one.id)).toEqual({ ok: true })
    await settle(member, ({ cancels_at }) => cancels_at === null)
    const there = await stripeItself().subscriptions.retrieve(one.stripe_subscription_id)
    expect(there.cancel_at).toBe(null)
    // The answer of Stripe is lost: the event brings it.
    await money.sandbox.control.setChaos({ api: { reset_after: 1, paths: ['/v1/subscriptions'] } })
    expect(await cancelMine(member, one.id, '')).toEqual({ ok: false, reason: 'unreachable' })
    await money.sandbox.control.setChaos({})
    await settle(member, ({ cancels_at }) => cancels_at !== null)
    expect(await endNow(owner, one.id)).toEqual({ ok: true })
    await settle(member, ({ status }) => status === 'canceled')
    expect(await opens(member, planId)).toBe(false)
    expect(await resumeMine(member, one.id)).toEqual({ ok: false, reason: 'not_possible' })
  })

  test('a renewal that fails keeps access for the grace and no longer; paid later, the same right opens again [commerce 58] [payments 37, 53, 54]', async () => {
    const planId = await aPlan({ trialDays: 1 })
    const { member, one } = await subscribed(planId, '4000000000000341')
    await passTimeEverywhere(money, 2 * day)
    const owing = await settle(member, ({ status }) => status === 'past_due')
    expect(await opens(member, planId)).toBe(true)
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }])
    await passTimeEverywhere(money, 7 * day)
    expect(await opens(member, planId)).toBe(false)
    const stripe = stripeItself()
    const method = await stripe.paymentMethods.attach('pm_card_visa', {
      customer: owing.stripe_customer_id,
    })
    await stripe.subscriptions.update(one.stripe_subscription_id, {
      default_payment_method: method.id,
    })
    const invoices = await stripe.invoices.list({ subscription: one.stripe_subscription_id })
    await stripe.invoices.pay(invoices.data[0]?.id ?? '')
    await settle(member, ({ status }) => status === 'active')
    expect(await opens(member, planId)).toBe(true)
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }, { tokens: 4 }])
    const rights = await db()
      .selectFrom('entitlement')
      .select('id')
      .where('source_id', '=', one.id)
      .execute()
    expect(rights).toHaveLength(1)
  })

  test('events doubled, late and in any order leave it as Stripe has it, one allotment for each paid invoice [commerce 59, 63] [payments 21, 22, 23, 26]', async () => {
    const planId = await aPlan()
    await money.sandbox.control.setChaos({
      seed: 7,
      deliveries: {
        duplicate: 0.5,
        reorder_window_ms: 300,
        late_duplicate: 0.2,
        late_duplicate_after_ms: 200,
      },
    })
    const members = await Promise.all(Array.from({ length: 6 }, aMember))
    await Promise.all(
      members.map(async (member) =>
        money.sandbox.control.pay({ session: (await pressSubscribe(member, planId)).sessionId }),
      ),
    )
    await until('all are mirrored', async () =>
      (await Promise.all(members.map(subscriptionsOf))).every((all) => all.length === 1),
    )
    await Promise.all(
      members.slice(0, 3).map(async (member) => {
        const { stripe_subscription_id: id } = await theSubscription(member)
        await stripeItself().subscriptions.update(id, { cancel_at_period_end: true })
        await stripeItself().subscriptions.cancel(id)
      }),
    )
    await until('the ends are heard of', async () =>
      (await Promise.all(members.slice(0, 3).map(theSubscription))).every(
        (one) => one.status === 'canceled',
      ),
    )
    await untilInboxIsEmpty()
    for (const [at, member] of members.entries()) {
      const one = await theSubscription(member)
      expect(one.status).toBe(at < 3 ? 'canceled' : 'active')
      expect(await allotmentsOf(one.id)).toHaveLength(1)
      expect(await opens(member, planId)).toBe(at >= 3)
    }
    expect((await healSubscriptions()).differing).toEqual([])
  })

  test('what changed without an event is found and healed, one call for a hundred and one for each that differs [payments 73]', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    await subscribed(planId)
    expect((await healSubscriptions()).differing).toEqual([])
    await money.sandbox.control.drift(one.stripe_subscription_id, {
      status: 'canceled',
      ended_at: Math.floor(one.started_at.getTime() / 1000) + 60,
    })
    const { differing } = await healSubscriptions()
    expect(differing).toEqual([one.stripe_subscription_id])
    expect((await theSubscription(member)).status).toBe('canceled')
    expect(await opens(member, planId)).toBe(false)
    expect((await healSubscriptions()).differing).toEqual([])
  })
})

describe('a change of plan', () => {
  /** What a member sees before they change. */
  async function look(member: MemberActor, subscriptionId: string, planId: string) {
    const seen = await lookAtChange(member, subscriptionId, planId)
    if (!seen.ok) throw new Error(`There is no change to look at: ${seen.reason}`)
    return { ...seen, shown: { at: seen.at, todayMinor: seen.cost.todayMinor } }
  }
  const tokens = async (subscriptionId: string) =>
    (await allotmentsOf(subscriptionId)).map((one) => one.tokens)
  const silverAndGold = async () => ({
    silver: await aPlan({ tier: 1, amountMinor: 1_000, tokenAllotment: 4 }),
    gold: await aPlan({ tier: 2, amountMinor: 3_000, tokenAllotment: 10 }),
  })

  test('up: what is charged is what was shown, the new plan opens at once, pressed twice it is paid once [commerce 56] [payments 45]', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(silver)
    await passTimeEverywhere(money, 10 * day)
    const seen = await look(member, one.id, gold)
    expect(seen.change).toEqual({ ok: true, direction: 'upgrade', when: 'now' })
    expect(seen.cost.todayMinor).toBeGreaterThan(0)
    const invoiced = async () =>
      (await stripeItself().invoices.list({ subscription: one.stripe_subscription_id })).data
    const before = (await invoiced()).length
    const pressed = await Promise.all(
      [1, 2].map(() => changePlan(member, one.id, gold, seen.shown)),
    )
    expect(pressed).toEqual([
      { ok: true, when: 'now' },
      { ok: true, when: 'now' },
    ])
    expect(await changePlan(member, one.id, gold, seen.shown)).toEqual({ ok: true, when: 'now' })
    const [paid, ...others] = await invoiced()
    expect(others).toHaveLength(before)
    expect(paid).toMatchObject({ status: 'paid', amount_paid: seen.cost.todayMinor })
    expect([await opens(member, silver), await opens(member, gold)]).toEqual([false, true])
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({ plan_id: gold, amount_minor: 3_000 })
    expect(await happened(one.id)).toEqual(['begun', 'plan'])
    expect(await tokens(one.id)).toEqual([4, 6])
  })

  test('up with a card that fails: the old plan stays exactly as it was [commerce 56] [payments 46]', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(silver)
    const stripe = stripeItself()
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: one.stripe_customer_id,
    })
    await stripe.subscriptions.update(one.stripe_subscription_id, {
      default_payment_method: failing.id,
    })
    await untilInboxIsEmpty()
    const before = await theSubscription(member)
    const seen = await look(member, one.id, gold)
    expect(await changePlan(member, one.id, gold, seen.shown)).toEqual({
      ok: false,
      reason: 'payment_failed',
    })
    await untilInboxIsEmpty()
    const after = await theSubscription(member)
    for (const column of ['plan_id', 'status', 'amount_minor', 'next_plan_id', 'digest'] as const)
      expect(after[column]).toEqual(before[column])
    expect([await opens(member, silver), await opens(member, gold)]).toEqual([true, false])
    expect(await happened(one.id)).toEqual(['begun'])
    const there = await stripe.subscriptions.retrieve(one.stripe_subscription_id)
    expect(there.status).toBe('active')
  })

  test('down: planned and seen, the tier drops when the paid period ends and not before, whoever tells of it first [commerce 57] [payments 25, 47]', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(gold)
    const seen = await look(member, one.id, silver)
    expect(seen).toMatchObject({
      change: { direction: 'downgrade', when: 'period_end' },
      cost: { todayMinor: 0, nextAt: one.period_ends_at },
      isForGood: false,
    })
    const pressed = await Promise.all(
      [1, 2].map(() => changePlan(member, one.id, silver, seen.shown)),
    )
    expect(pressed).toEqual([
      { ok: true, when: 'period_end' },
      { ok: true, when: 'period_end' },
    ])
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({
      plan_id: gold,
      next_plan_id: silver,
      amount_minor: 3_000,
    })
    expect([await opens(member, silver), await opens(member, gold)]).toEqual([false, true])
    // What waits has to be taken back before anything else is chosen.
    const dearer = await aPlan({ tier: 3, amountMinor: 5_000 })
    expect(await lookAtChange(member, one.id, dearer)).toEqual({
      ok: false,
      reason: 'change_planned',
    })
    expect((await healSubscriptions()).differing).toEqual([])
    await passTimeEverywhere(money, 32 * day)
    await until(
      'the plan has changed',
      async () => (await theSubscription(member)).plan_id === silver,
    )
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({
      next_plan_id: null,
      noted_plan_id: null,
      amount_minor: 1_000,
    })
    expect([await opens(member, silver), await opens(member, gold)]).toEqual([true, false])
    expect(await happened(one.id)).toEqual(['begun', 'change_set', 'plan'])
    expect(await tokens(one.id)).toEqual([10, 4])
  })

  test('a planned change is taken back, twice and fast, and can be planned again [commerce 57]', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(gold)
    const stranger = await aMember()
    const seen = await look(member, one.id, silver)
    await changePlan(member, one.id, silver, seen.shown)
    expect(await keepPlan(stranger, one.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await Promise.all([1, 2].map(() => keepPlan(member, one.id)))).toEqual([
      { ok: true },
      { ok: true },
    ])
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({ plan_id: gold, next_plan_id: null })
    expect(await happened(one.id)).toEqual(['begun', 'change_set', 'change_unset'])
    const again = await look(member, one.id, silver)
    expect(await changePlan(member, one.id, silver, again.shown)).toMatchObject({ ok: true })
    expect(await keepPlan(member, one.id)).toEqual({ ok: true })
    await passTimeEverywhere(money, 32 * day)
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({ plan_id: gold, status: 'active' })
    expect(await opens(member, gold)).toBe(true)
    expect(
      (await stripeItself().invoices.list({ subscription: one.stripe_subscription_id })).data[0],
    ).toMatchObject({ amount_paid: 3_000 })
  })

  test('the answer of Stripe is lost: what was done is seen, asked again it is done once', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(silver)
    const up = await look(member, one.id, gold)
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/subscriptions'], methods: ['POST'] },
    })
    expect(await changePlan(member, one.id, gold, up.shown)).toEqual({
      ok: false,
      reason: 'unreachable',
    })
    await money.sandbox.control.setChaos({})
    expect(await changePlan(member, one.id, gold, up.shown)).toEqual({ ok: true, when: 'now' })
    await untilInboxIsEmpty()
    const down = await look(member, one.id, silver)
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/subscriptions'], methods: ['POST'] },
    })
    await changePlan(member, one.id, silver, down.shown)
    await money.sandbox.control.setChaos({})
    await until(
      'it is heard of',
      async () => (await theSubscription(member)).next_plan_id === silver,
    )
    await untilInboxIsEmpty()
    expect(await opens(member, gold)).toBe(true)
    const invoices = await stripeItself().invoices.list({
      subscription: one.stripe_subscription_id,
    })
    expect(invoices.data).toHaveLength(2)
  })

  test('nobody changes another’s, what was cancelled or ended meanwhile stays, and an old or a wrong sum is not charged', async () => {
    const { silver, gold } = await silverAndGold()
    const { member, one } = await subscribed(silver)
    const stranger = await aMember()
    const seen = await look(member, one.id, gold)
    const refusal = (reason: string) => ({ ok: false, reason })
    expect(await lookAtChange(stranger, one.id, gold)).toEqual(refusal('not_found'))
    expect(await changePlan(stranger, one.id, gold, seen.shown)).toEqual(refusal('not_found'))
    expect(await changesOf(db(), stranger, one.id)).toBeUndefined()
    expect(await lookAtChange(member, one.id, newId())).toEqual(refusal('not_found'))
    expect(await lookAtChange(member, 'x', 'x')).toEqual(refusal('not_found'))
    const less = { ...seen.shown, todayMinor: seen.shown.todayMinor - 1 }
    expect(await changePlan(member, one.id, gold, less)).toEqual(refusal('cost_changed'))
    const early = { ...seen.shown, at: new Date(seen.at.getTime() + day) }
    expect(await changePlan(member, one.id, gold, early)).toEqual(refusal('cost_changed'))
    await passTimeEverywhere(money, 40 * 60_000)
    expect(await changePlan(member, one.id, gold, seen.shown)).toEqual(refusal('cost_changed'))
    const fresh = await look(member, one.id, gold)
    await inTransaction((tx) => switchPlan(tx, owner, gold, false))
    expect(await changePlan(member, one.id, gold, fresh.shown)).toEqual(refusal('disabled'))
    await inTransaction((tx) => switchPlan(tx, owner, gold, true))
    await cancelMine(member, one.id, '')
    expect(await changePlan(member, one.id, gold, fresh.shown)).toEqual(refusal('ending'))
    await endNow(owner, one.id)
    await untilInboxIsEmpty()
    expect(await changePlan(member, one.id, gold, fresh.shown)).toEqual(refusal('not_found'))
    expect(await happened(one.id)).not.toContain('plan')
  })

  test('monthly to yearly begins a new period and costs what was shown; the other way is refused in words [payments 48]', async () => {
    const monthly = await aPlan()
    const yearly = await aPlan({ amountMinor: 10_000, interval: { unit: 'year', count: 1 } })
    const { member, one } = await subscribed(monthly)
    await passTimeEverywhere(money, 10 * day)
    const seen = await look(member, one.id, yearly)
    expect(await changePlan(member, one.id, yearly, seen.shown)).toEqual({ ok: true, when: 'now' })
    const after = await theSubscription(member)
    expect(after.plan_id).toBe(yearly)
    // The new period begins at the second of the change, some after that of the look.
    const later = (after.period_ends_at?.getTime() ?? 0) - seen.cost.nextAt.getTime()
    expect(later).toBeGreaterThanOrEqual(0)
    expect(later).toBeLessThan(day)
    expect(await lookAtChange(member, one.id, monthly)).toEqual({
      ok: false,
      reason: 'other_interval',
    })
    const offered = await changesOf(db(), member, one.id)
    expect(offered?.plans.find(({ plan }) => plan.id === monthly)?.change).toMatchObject({
      ok: false,
    })
  })
})

describe('a payment that is owed', () => {
  const toldOf = async (member: MemberActor) =>
    (
      await db()
        .selectFrom('email_message')
        .select('template')
        .where('to_address', '=', member.email)
        .where('template', 'in', [
          'membership_payment_failed',
          'membership_grace_ending',
          'membership_grace_over',
        ])
        .orderBy('created_at')
        .execute()
    ).map(({ template }) => template.replace('membership_', ''))
  const owing = async () => {
    const planId = await aPlan({ trialDays: 1 })
    const { member } = await subscribed(planId, '4000000000000341')
    await passTimeEverywhere(money, 2 * day)
    await until('it owes', async () => (await theSubscription(member)).status === 'past_due')
    await untilInboxIsEmpty()
    return { planId, member, one: await theSubscription(member) }
  }
  const otherCard = async (customer: string, subscriptionId: string, card: string) => {
    const stripe = stripeItself()
    const method = await stripe.paymentMethods.attach(card, { customer })
    await stripe.subscriptions.update(subscriptionId, { default_payment_method: method.id })
    await untilInboxIsEmpty()
  }

  test('is told at once, once more before the grace ends, and when it has ended; the banner says until when [commerce 58] [payments 53]', async () => {
    const { planId, member, one } = await owing()
    const stranger = await aMember()
    const graceEnds = new Date((one.past_due_since?.getTime() ?? 0) + 7 * day)
    expect(await owedBy(db(), stranger.memberId)).toBeUndefined()
    expect(await owedBy(db(), member.memberId)).toMatchObject({
      subscriptionId: one.id,
      until: graceEnds,
    })
    expect(await toldOf(member)).toEqual(['payment_failed'])
    await sweepGrace()
    expect(await toldOf(member)).not.toContain('grace_ending')
    const { now_ms: at } = await money.sandbox.control.clock()
    await passTimeEverywhere(money, graceEnds.getTime() - at - day + 60_000)
    await untilInboxIsEmpty()
    for (let times = 0; times < 2; times++) await sweepGrace()
    expect((await toldOf(member)).filter((one) => one === 'grace_ending')).toHaveLength(1)
    expect(await opens(member, planId)).toBe(true)
    await passTimeEverywhere(money, day)
    // Shut by the time alone, before anybody swept.
    expect(await opens(member, planId)).toBe(false)
    await untilInboxIsEmpty()
    await Promise.all([sweepGrace(), sweepGrace()])
    expect((await toldOf(member)).filter((one) => one === 'grace_over')).toHaveLength(1)
    expect(await owedBy(db(), member.memberId)).toMatchObject({ until: undefined })
    expect((await happened(one.id)).slice(-2)).toEqual(['grace_ending', 'grace_over'])
    // Each failed try was told once.
    const tries = (await stripeItself().invoices.list({ subscription: one.stripe_subscription_id }))
      .data[0]?.attempt_count
    expect((await toldOf(member)).filter((one) => one === 'payment_failed').length).toBe(tries)
  })

  test('another card is tried at once: refused it stays owed, accepted it is paid once and the same opens again [commerce 58] [payments 54]', async () => {
    const { planId, member, one } = await owing()
    await passTimeEverywhere(money, 8 * day)
    await untilInboxIsEmpty()
    expect(await opens(member, planId)).toBe(false)
    expect(await payWhatIsOwed(member)).toEqual({ ok: false, reason: 'payment_failed' })
    await otherCard(one.stripe_customer_id, one.stripe_subscription_id, 'pm_card_visa')
    await money.sandbox.control.hold()
    expect(await payWhatIsOwed(member)).toEqual({ ok: true, paid: 1 })
    expect(await theSubscription(member)).toMatchObject({ status: 'active', past_due_since: null })
    expect(await opens(member, planId)).toBe(true)
    expect(await owedBy(db(), member.memberId)).toBeUndefined()
    expect(await payWhatIsOwed(member)).toEqual({ ok: true, paid: 0 })
    await money.sandbox.control.release()
    await untilInboxIsEmpty()
    expect(await allotmentsOf(one.id)).toEqual([{ tokens: 4 }, { tokens: 4 }])
    const rights = await db()
      .selectFrom('entitlement')
      .select('id')
      .where('source_id', '=', one.id)
      .execute()
    expect(rights).toHaveLength(1)
    await money.sandbox.control.setChaos({ api: { reset_after: 1, paths: ['/v1/invoices'] } })
    expect(await payWhatIsOwed(await aMember())).toEqual({ ok: true, paid: 0 })
  })

  test('the days of grace are the owner’s: changed, they hold for whoever owes right now, on record', async () => {
    const { planId, member } = await owing()
    const set = (graceDays: number, seen?: string) =>
      inTransaction((tx) =>
        setMembershipRules(tx, owner, { graceDays, pauseKeepsAccess: false }, seen),
      )
    expect(await set(0)).toEqual({ ok: true })
    expect(await opens(member, planId)).toBe(false)
    expect(await brokenInvariants()).toEqual([])
    expect(await set(30)).toEqual({ ok: true })
    expect(await opens(member, planId)).toBe(true)
    expect(await set(7, 'an old mark')).toEqual({ ok: false, reason: 'changed' })
    expect(await set(7)).toEqual({ ok: true })
    expect(await membershipRules(db())).toEqual({ graceDays: 7, pauseKeepsAccess: false })
    const written = await db()
      .selectFrom('audit_entry')
      .select('detail')
      .where('action', '=', 'membership.rules')
      .execute()
    expect(written).toHaveLength(3)
  })
})

describe('the owner’s hand', () => {
  test('pauses: no invoice, shut unless the rules say otherwise; goes on with what was paid, or is charged today when that is over [commerce 61]', async () => {
    const planId = await aPlan()
    const { member, one } = await subscribed(planId)
    const paid = async () =>
      (await stripeItself().invoices.list({ subscription: one.stripe_subscription_id })).data
        .filter(({ status }) => status === 'paid')
        .reduce((sum, invoice) => sum + invoice.amount_paid, 0)
    expect(await pauseNow(owner, newId())).toEqual({ ok: false, reason: 'not_found' })
    expect(await pauseNow(owner, one.id)).toEqual({ ok: true })
    expect(await pauseNow(owner, one.id)).toEqual({ ok: true })
    await untilInboxIsEmpty()
    expect(await opens(member, planId)).toBe(false)
    await inTransaction((tx) =>
      setMembershipRules(tx, owner, { graceDays: 7, pauseKeepsAccess: true }),
    )
    expect(await opens(member, planId)).toBe(true)
    await inTransaction((tx) =>
      setMembershipRules(tx, owner, { graceDays: 7, pauseKeepsAccess: false }),
    )
    // The month that is paid goes on; nothing is charged for going on within it.
    await passTimeEverywhere(money, 2 * day)
    expect(await goOn(owner, one.id)).toEqual({ ok: true })
    expect(await opens(member, planId)).toBe(true)
    expect(await paid()).toBe(1_000)
    expect((await theSubscription(member)).period_ends_at).toEqual(one.period_ends_at)
    // Two months later nothing of it is left: a period begins today and is paid today.
    expect(await pauseNow(owner, one.id)).toEqual({ ok: true })
    await passTimeEverywhere(money, 62 * day)
    await untilInboxIsEmpty()
    expect(await paid()).toBe(1_000)
    expect(await goOn(owner, one.id)).toEqual({ ok: true })
    await untilInboxIsEmpty()
    expect(await paid()).toBe(2_000)
    expect(await theSubscription(member)).toMatchObject({ status: 'active', is_paused: false })
    expect(await opens(member, planId)).toBe(true)
    const history = await membershipHistory(db(), [one.id])
    expect(history.map(({ what, cause }) => `${what}: ${cause}`)).toEqual(
      expect.arrayContaining(['paused: paused by the owner', 'resumed: resumed by the owner']),
    )
  })
})
