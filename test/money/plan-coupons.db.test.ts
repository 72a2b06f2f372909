import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { couponFields, readCoupon, type CouponFields } from '#modules/coupons/coupon-form.ts'
import { couponById, couponUses, createCoupon, editCoupon } from '#modules/coupons/server/index.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  changePlan,
  codeOffers,
  lookAtChange,
  plans,
  subscribe,
  sweepSubscribing,
} from '#modules/memberships/server/index.ts'
import { membershipFiguresOf } from '#modules/numbers/server/index.ts'
import { healSubscriptions } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner, signUp } from '../people.ts'
import { aMember, aPlan as planOf, subscriptionsOf, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
const day = 86_400_000
const shop = { currency: 'EUR', zone: 'UTC' }
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
afterEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty()
  expect(await brokenInvariants()).toEqual([])
})

const aPlan = (over: Parameters<typeof planOf>[1] = {}) =>
  planOf(owner, { group: `Group ${newId()}`, ...over })

function typed(more: Partial<CouponFields>) {
  const fields = { ...couponFields(undefined, shop), covers: 'all_plans', ...more }
  const read = readCoupon(fields, shop, { code: `C-${newId()}`.toUpperCase(), isActive: true })
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.coupon
}

async function aCoupon(more: Partial<CouponFields> = {}) {
  const coupon = typed({ percent: '50', ...more })
  const made = await inTransaction((tx) => createCoupon(tx, owner, coupon))
  if (!made.ok) throw new Error(made.reason)
  return { id: made.couponId, code: coupon.code }
}

/** What a code makes of a plan for somebody, as the page shows it. */
async function shown(member: MemberActor | undefined, planId: string, code: string) {
  const own = (await plans(db())).filter(({ id }) => id === planId)
  const offer = (await codeOffers(db(), { code, plans: own, member })).get(planId)
  if (!offer) throw new Error('There is no such plan.')
  return offer
}

async function press(member: MemberActor, planId: string, code: string) {
  const offer = await shown(member, planId, code)
  const seen = offer.ok ? offer.mark : ''
  return subscribe(member, planId, { typed: code, seen, network: newId() })
}

async function begin(planId: string, code: string, member?: MemberActor) {
  const who = member ?? (await aMember())
  const led = await press(who, planId, code)
  if (!led.ok) throw new Error(led.reason)
  const session = await sessionOf(led.checkoutId)
  await money.sandbox.control.pay({ session: session.id, card: '4242424242424242' })
  await until('it is mirrored', async () => (await subscriptionsOf(who)).length > 0)
  await untilInboxIsEmpty()
  return { member: who, session, one: await theSubscription(who) }
}

async function sessionOf(checkoutId: string) {
  const { stripe_session_id: id } = await db()
    .selectFrom('subscription_checkout')
    .select('stripe_session_id')
    .where('id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  return stripeItself().checkout.sessions.retrieve(id ?? '')
}

const invoicesOf = async (subscriptionId: string) =>
  (
    await db()
      .selectFrom('subscription_invoice')
      .select(['paid_minor', 'discount_minor'])
      .where('subscription_id', '=', subscriptionId)
      .orderBy('made_at')
      .execute()
  ).map((row) => [row.paid_minor, row.discount_minor])

const usesOfCoupon = async (id: string) => {
  const { rows } = await couponUses(db(), id, {})
  const { uses } = (await couponById(db(), id)) ?? { uses: -1 }
  return { counted: uses, states: rows.map(({ state }) => state).toSorted() }
}

async function revenue() {
  const at = (await now(db())).toISOString().slice(0, 10)
  const { plans: rows } = await membershipFiguresOf(db(), {
    from: at,
    to: at,
    zone: 'UTC',
    currency: 'EUR',
    money: 'play',
  })
  return rows
}

describe('a coupon of plans', () => {
  test('[commerce 27] all of the first payment off still collects a card, and the second is charged whole; all of it for ever asks for none', async () => {
    const planId = await aPlan()
    const first = await aCoupon({ percent: '100' })
    const forever = await aCoupon({ percent: '100', duration: 'forever' })

    const begun = await begin(planId, first.code)
    expect(begun.session).toMatchObject({ payment_method_collection: 'always', amount_total: 0 })
    expect(begun.one).toMatchObject({
      status: 'active',
      card_last4: '4242',
      recurring_off_minor: 0,
    })
    expect(await usesOfCoupon(first.id)).toEqual({ counted: 1, states: ['used'] })
    await passTimeEverywhere(money, 32 * day)
    await until('it is renewed', async () => (await invoicesOf(begun.one.id)).length === 2)
    await until('it is paid', async () => ((await invoicesOf(begun.one.id))[1]?.[0] ?? 0) > 0)
    expect(await invoicesOf(begun.one.id)).toEqual([
      [0, 1_000],
      [1_000, 0],
    ])

    const free = await begin(planId, forever.code)
    expect(free.session).toMatchObject({
      payment_method_collection: 'if_required',
      payment_status: 'no_payment_required',
    })
    expect(free.one).toMatchObject({
      status: 'active',
      card_last4: null,
      recurring_off_minor: 1_000,
    })
    expect(await mayUse(db(), free.member.memberId, 'plan', planId)).toBe(true)
  })

  test('for some months it comes off their payments and no longer; it is one coupon at Stripe however many use it', async () => {
    const planId = await aPlan()
    const coupon = await aCoupon({ duration: 'repeating', months: '2' })
    const [one, other] = [await begin(planId, coupon.code), await begin(planId, coupon.code)]
    expect(one.one).toMatchObject({
      discount_name: coupon.code,
      discount_basis_points: 5_000,
      recurring_off_minor: 500,
    })
    expect(
      await db()
        .selectFrom('coupon_at_stripe')
        .select('id')
        .where('coupon_id', '=', coupon.id)
        .execute(),
    ).toHaveLength(1)
    for (let month = 1; month <= 2; month++) {
      await passTimeEverywhere(money, 32 * day)
      await until(
        `renewal ${month}`,
        async () =>
          (await invoicesOf(one.one.id)).length === month + 1 &&
          ((await invoicesOf(one.one.id))[month]?.[0] ?? 0) > 0,
      )
      await untilInboxIsEmpty()
    }
    expect(await invoicesOf(one.one.id)).toEqual([
      [500, 500],
      [500, 500],
      [1_000, 0],
    ])
    expect(await theSubscription(one.member)).toMatchObject({
      discount_name: null,
      recurring_off_minor: 0,
    })
    const { rows } = await couponUses(db(), coupon.id, {})
    expect(rows.map(({ discountMinor }) => discountMinor)).toEqual([1_000, 1_000])
    expect(await subscriptionsOf(other.member)).toHaveLength(1)
    expect(await healSubscriptions()).toMatchObject({ differing: [] })
  })

  test('[commerce 28] of many who want the last use one gets it; given up it goes to somebody else', async () => {
    const planId = await aPlan()
    const coupon = await aCoupon({ mostUses: '1' })
    const members = await Promise.all(Array.from({ length: 8 }, () => aMember()))
    const offers = await Promise.all(members.map((member) => shown(member, planId, coupon.code)))
    const results = await Promise.all(
      members.map((member, at) => {
        const offer = offers[at]
        return subscribe(member, planId, {
          typed: coupon.code,
          seen: offer?.ok ? offer.mark : '',
          network: newId(),
        })
      }),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(results.filter((one) => !one.ok).map((one) => !one.ok && one.reason)).toEqual(
      Array.from({ length: 7 }, () => 'code'),
    )
    expect(await shown(members[0], planId, coupon.code)).toBeDefined()
    expect(await usesOfCoupon(coupon.id)).toEqual({ counted: 1, states: ['held'] })
    const winner = results.findIndex(({ ok }) => ok)
    // Without the code: the session that held the use is closed, and the use goes back.
    const held = members[winner]
    if (!held) throw new Error('Nobody won.')
    expect((await subscribe(held, planId)).ok).toBe(true)
    await sweepSubscribing()
    expect(await usesOfCoupon(coupon.id)).toEqual({ counted: 0, states: ['freed'] })
    const loser = members[(winner + 1) % members.length]
    if (!loser) throw new Error('Nobody lost.')
    await begin(planId, coupon.code, loser)
    expect(await usesOfCoupon(coupon.id)).toEqual({ counted: 1, states: ['freed', 'used'] })
    expect(await shown(await aMember(), planId, coupon.code)).toEqual({
      ok: false,
      refusal: { reason: 'used_up' },
    })
  })

  test('[commerce 29] once for each customer: another name of the same mailbox is refused, also for another plan', async () => {
    const [planId, otherPlan] = [await aPlan(), await aPlan()]
    const coupon = await aCoupon({ mostUsesPerCustomer: '1' })
    const name = newId()
    const one = (await signUp(`${name}@example.com`)).actor
    const alias = (await signUp(`${name}+again@example.com`)).actor
    expect((await press(one, planId, coupon.code)).ok).toBe(true)
    // Two tabs, and another plan: what this person holds for a checkout that is left moves along.
    expect((await press(one, planId, coupon.code)).ok).toBe(true)
    expect((await press(one, otherPlan, coupon.code)).ok).toBe(true)
    expect(await usesOfCoupon(coupon.id)).toMatchObject({ counted: 1 })
    expect(await press(alias, planId, coupon.code)).toEqual({ ok: false, reason: 'code' })
    await begin(otherPlan, coupon.code, one)
    expect(await shown(alias, planId, coupon.code)).toEqual({
      ok: false,
      refusal: { reason: 'once_per_customer', most: 1 },
    })
  })

  test('[commerce 30] each refusal says why; nothing is charged otherwise than was shown', async () => {
    const planId = await aPlan({ trialDays: 40 })
    const member = await aMember()
    const why = async (more: Partial<CouponFields>) => {
      const offer = await shown(member, planId, (await aCoupon(more)).code)
      return offer.ok ? 'ok' : offer.refusal.reason
    }
    expect(await why({ until: '2020-01-01' })).toBe('ended')
    expect(await why({ from: '2090-01-01' })).toBe('not_started')
    expect(await why({ minimum: '20.00' })).toBe('minimum')
    expect(await why({ covers: 'all' })).toBe('for_products')
    expect(await why({ covers: 'chosen_plans', plans: [await aPlan()] })).toBe('wrong_plan')
    expect(await why({ percent: '97' })).toBe('too_little_left')
    expect(await why({ duration: 'repeating', months: '1' })).toBe('outlasted')
    expect(await why({ takesOff: 'amount', amount: '50.00' })).toBe('ok')
    expect((await shown(member, planId, 'NO-SUCH-CODE')).ok).toBe(false)

    const coupon = await aCoupon()
    const offer = await shown(member, planId, coupon.code)
    const other = typed({ code: coupon.code, percent: '20' })
    await inTransaction((tx) => editCoupon(tx, owner, coupon.id, other))
    expect(
      await subscribe(member, planId, {
        typed: coupon.code,
        seen: offer.ok ? offer.mark : '',
        network: 'here',
      }),
    ).toEqual({ ok: false, reason: 'code' })
    // Used once, it stays for plans.
    await begin(planId, coupon.code)
    const forProducts = typed({ code: coupon.code, percent: '20', covers: 'all' })
    expect(await inTransaction((tx) => editCoupon(tx, owner, coupon.id, forProducts))).toEqual({
      ok: false,
      reason: 'other_kind',
    })
  })

  test('lost answers make nothing twice, and a coupon deleted at Stripe is made anew', async () => {
    const planId = await aPlan()
    const coupon = await aCoupon({ duration: 'forever' })
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/coupons'], methods: ['POST'] },
    })
    const member = await aMember()
    await press(member, planId, coupon.code)
    await money.sandbox.control.setChaos({})
    const { one } = await begin(planId, coupon.code, member)
    expect(one.recurring_off_minor).toBe(500)
    const rows = () =>
      db()
        .selectFrom('coupon_at_stripe')
        .select(['id', 'gone_at'])
        .where('coupon_id', '=', coupon.id)
        .execute()
    const [first] = await rows()
    await stripeItself().coupons.del(`sundry_plan_${first?.id}`)
    const second = await begin(planId, coupon.code)
    expect(second.one.recurring_off_minor).toBe(500)
    expect(await rows()).toHaveLength(2)
    expect((await theSubscription(member)).recurring_off_minor).toBe(500)
  })

  test('[commerce 56] up: a coupon for the other plan goes on, one that is not ends, and what is charged is what was shown', async () => {
    const group = `Group ${newId()}`
    const basic = await aPlan({ group })
    const gold = await aPlan({ group, tier: 2, amountMinor: 3_000 })
    const everywhere = await aCoupon({ duration: 'forever' })
    const onlyBasic = await aCoupon({
      duration: 'forever',
      covers: 'chosen_plans',
      plans: [basic],
    })
    for (const { coupon, goesOn, off } of [
      { coupon: everywhere, goesOn: true, off: 1_500 },
      { coupon: onlyBasic, goesOn: false, off: 0 },
    ]) {
      const { member, one } = await begin(basic, coupon.code)
      const look = await lookAtChange(member, one.id, gold)
      if (!look.ok) throw new Error(look.reason)
      expect(look.discount).toMatchObject({ goesOn })
      const { todayMinor } = look.cost
      expect(await changePlan(member, one.id, gold, { at: look.at, todayMinor })).toEqual({
        ok: true,
        when: 'now',
      })
      await untilInboxIsEmpty()
      expect(await theSubscription(member)).toMatchObject({
        plan_id: gold,
        amount_minor: 3_000,
        recurring_off_minor: off,
      })
      expect((await invoicesOf(one.id)).map(([paid]) => paid)).toContainEqual(todayMinor)
    }
  })

  test('[commerce 76] the month’s revenue is what is really paid: for ever and for months count less, the first payment alone does not', async () => {
    const planId = await aPlan({ amountMinor: 12_000, interval: { unit: 'year', count: 1 } })
    const [forever, once] = [await aCoupon({ duration: 'forever' }), await aCoupon()]
    await begin(planId, forever.code)
    await begin(planId, once.code)
    const events = await db()
      .selectFrom('subscription_event')
      .innerJoin('subscription', 'subscription.id', 'subscription_event.subscription_id')
      .select('revenue_delta_minor')
      .where('subscription.plan_id', '=', planId)
      .where('revenue_delta_minor', '<>', 0)
      .orderBy('subscription_event.id')
      .execute()
    expect(events.map((row) => row.revenue_delta_minor)).toEqual([500, 1_000])
    const row = (await revenue()).find((one) => one.planId === planId)
    expect(row).toMatchObject({ monthlyMinor: 1_500 })
  })
})
