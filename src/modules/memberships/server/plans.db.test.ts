import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, seenMark } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { brokenInvariants } from '../../../../test/invariants.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { currentBackend, forgetBackend } from '#modules/payments/server/index.ts'
import type { PlanTerms, PlanWords } from '../plan-form.ts'
import { askForAll } from './store.plans.ts'
import {
  editPlan,
  listedPlan,
  makePlan,
  planById,
  plans,
  plansPage,
  shownPlan,
  switchPlan,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const words: PlanWords = {
  title: 'Quarterly supporter',
  description: '',
  tier: 1,
  trialDays: 7,
  tokenAllotment: 0,
}
const terms: PlanTerms = {
  group: 'Membership',
  amountMinor: 2_400,
  currency: 'EUR',
  interval: { unit: 'month', count: 3 },
}
let owner: OwnerActor

beforeEach(async () => {
  forgetBackend()
  owner = (await setUpOwner()).actor
})

const make = async (more: Partial<PlanWords> = {}, over: Partial<PlanTerms> = {}) => {
  const made = await inTransaction((tx) =>
    makePlan(tx, owner, { ...words, ...more }, { ...terms, ...over }),
  )
  if (!made.ok) throw new Error(made.reason)
  return made.planId
}
const refused = (statement: string) =>
  expect(inTransaction((tx) => sql.raw(statement).execute(tx))).rejects

/** A subscription as the mirror would write it. */
async function mirrored(planId: string, over: Record<string, unknown> = {}): Promise<void> {
  const backend = await currentBackend()
  await db()
    .insertInto('subscription')
    .values({
      id: newId(),
      backend_id: backend.id,
      stripe_subscription_id: `sub_${newId()}`,
      stripe_customer_id: 'cus_1',
      plan_id: planId,
      plan_group: 'Membership',
      status: 'active',
      amount_minor: 2_400,
      currency: 'EUR',
      interval_unit: 'month',
      interval_count: 3,
      started_at: sql<Date>`clock_now()`,
      digest: '',
      ...over,
    })
    .execute()
}

describe('I07: a plan', () => {
  test('is made once however often the button was pressed, is waiting for Stripe, and is on record [commerce 46]', async () => {
    const [first, again] = await Promise.all([make(), make()])
    expect(again).toBe(first)
    expect(await planById(db(), first)).toMatchObject({ ...words, ...terms, isEnabled: true })
    const due = await db().selectFrom('plan_price').select(['plan_id', 'due_at']).execute()
    expect(due).toMatchObject([{ plan_id: first }])
    const audited = await db().selectFrom('audit_entry').select('action').execute()
    expect(audited.filter(({ action }) => action === 'plan.created')).toHaveLength(1)
    await passTime(61_000)
    expect(await make()).not.toBe(first)
    expect(await plans(db())).toHaveLength(2)
    expect(await brokenInvariants()).toEqual([])
  })

  test.each([
    ['its price', `update plan set amount_minor = 1`],
    ['its currency', `update plan set currency = 'USD'`],
    ['its interval', `update plan set interval_unit = 'year'`],
    ['the count of its interval', `update plan set interval_count = 1`],
    ['its group', `update plan set plan_group = 'Other'`],
    ['what the owner made to an example', `update plan set is_example = true`],
  ])('never changes %s, whoever asks [commerce 47] [payments 50]', async (_what, statement) => {
    await make()
    await refused(statement).toMatchObject({ code: '23001' })
  })

  test('is never deleted; what the program brought and nobody took may go again [commerce 48]', async () => {
    const planId = await make()
    await refused(`delete from plan`).toMatchObject({ code: '23001' })
    await refused(`delete from plan_event`).toMatchObject({ code: '23001' })
    await refused(`update plan_event set what = 'enabled'`).toMatchObject({ code: '23001' })
    const example = await db()
      .insertInto('plan')
      .values({
        title: 'Example',
        amount_minor: 500,
        currency: 'EUR',
        interval_unit: 'month',
        interval_count: 1,
        is_example: true,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    // An account of the owner's own is not asked to hold an example.
    const { id: backendId } = await currentBackend()
    for (const mode of ['live', 'test', 'rehearsal'] as const)
      expect([mode, await askForAll(db(), { id: backendId, mode })]).toEqual([
        mode,
        mode === 'rehearsal' ? 1 : 0,
      ])
    await db().deleteFrom('plan').where('id', '=', example.id).execute()
    expect((await plans(db())).map(({ id }) => id)).toEqual([planId])
  })

  test.each([
    ['more than three years', { interval: { unit: 'month', count: 37 } }],
    ['no interval', { interval: { unit: 'day', count: 0 } }],
    ['nothing', { amountMinor: 0 }],
    ['more than Stripe takes', { amountMinor: 100_000_000 }],
  ] as const)('of %s is refused by the database too', async (_what, over) => {
    await expect(make({}, over)).rejects.toMatchObject({ code: '23514' })
  })

  test('changes its words, trial and allotment; what another tab saved is not overwritten [commerce 50] [payments 40]', async () => {
    const planId = await make()
    const seen = seenMark(shownPlan(words))
    const edit = (more: Partial<PlanWords>, mark?: string) =>
      inTransaction((tx) => editPlan(tx, owner, planId, { ...words, ...more }, mark))
    expect(await edit({ trialDays: 14 }, seen)).toEqual({ ok: true })
    expect(await edit({ title: 'Friend' }, seen)).toEqual({ ok: false, reason: 'changed' })
    expect(await planById(db(), planId)).toMatchObject({ title: words.title, trialDays: 14 })
    const missing = await inTransaction((tx) => editPlan(tx, owner, newId(), words))
    expect(missing).toEqual({ ok: false, reason: 'not_found' })
  })

  test('disabled takes nobody new, neither a checkout nor a subscription that began later, and takes them again once enabled [commerce 48] [payments 49]', async () => {
    const planId = await make()
    const { actor } = await signUp('ada@example.com')
    const backend = await currentBackend()
    const checkout = () =>
      db()
        .insertInto('subscription_checkout')
        .values({
          id: newId(),
          backend_id: backend.id,
          member_id: actor.memberId,
          plan_id: planId,
          trial_days: 0,
        })
        .execute()
    await checkout()
    await passTime(2_000)
    expect(await inTransaction((tx) => switchPlan(tx, owner, planId, false))).toBe(true)
    const open = await db().selectFrom('subscription_checkout').select('is_to_close').execute()
    expect(open).toEqual([{ is_to_close: true }])
    await passTime(2_000)
    await expect(checkout()).rejects.toMatchObject({ constraint: 'plan_is_offered' })
    await expect(mirrored(planId)).rejects.toMatchObject({ constraint: 'plan_is_offered' })
    // It began before: a copy of the shop that comes back takes it up.
    const customer = await aCustomer()
    await mirrored(planId, {
      customer_id: customer,
      started_at: sql`clock_now() - interval '3 seconds'`,
      status: 'canceled',
    })
    // It slipped through, and is kept apart until it is given back.
    await mirrored(planId, { customer_id: customer, surplus_reason: 'plan_disabled' })
    expect(await inTransaction((tx) => switchPlan(tx, owner, planId, true))).toBe(true)
    await checkout()
    expect((await brokenInvariants()).filter((words) => words.startsWith('I07'))).toEqual([])
    const events = await db().selectFrom('plan_event').select('what').orderBy('id').execute()
    expect(events.map(({ what }) => what)).toEqual(['created', 'disabled', 'enabled'])
  })

  test('of a group that is known is spelled as the group is', async () => {
    await make()
    const second = await make({ title: 'Gold' }, { group: 'MEMBERSHIP' })
    expect((await planById(db(), second))?.group).toBe('Membership')
  })
})

describe('the owner’s list', () => {
  test('has 25 plans a page, the enabled ones first, and leads down and up again', async () => {
    const ids: string[] = []
    for (let at = 0; at < 28; at++)
      ids.push(await make({ title: `Plan ${at}` }, { amountMinor: 1_000 + at }))
    await inTransaction((tx) => switchPlan(tx, owner, ids[0] ?? '', false))
    const first = await plansPage(db(), {})
    expect(first.rows.map(({ id }) => id)).toEqual(ids.slice(1, 26))
    expect(first.newer).toBeUndefined()
    const second = await plansPage(db(), { older: first.older ?? '' })
    expect(second.rows.map(({ id }) => id)).toEqual([...ids.slice(26), ids[0]])
    expect(second.older).toBeUndefined()
    const back = await plansPage(db(), { newer: second.newer ?? '' })
    expect(back.rows.map(({ id }) => id)).toEqual(ids.slice(1, 26))
    expect((await plansPage(db(), { older: 'nonsense' })).rows).toEqual([])
  })

  test('tells whom each plan has: who pays, tries, owes and is about to end; ended and surplus ones are not among them', async () => {
    const [planId, other] = [await make(), await make({ title: 'Other' })]
    const customers = []
    for (let at = 0; at < 4; at++) customers.push(await aCustomer(`ada${at}@example.com`))
    const [one, two, three, four] = customers
    await mirrored(planId, { customer_id: one })
    await mirrored(planId, {
      customer_id: two,
      status: 'trialing',
      cancels_at: sql`clock_now() + interval '3 days'`,
      cancels_by: 'period_end',
    })
    await mirrored(planId, { customer_id: three, status: 'past_due' })
    await mirrored(planId, { customer_id: four, status: 'canceled' })
    await mirrored(planId, { customer_id: one, surplus_reason: 'second' })
    expect(await listedPlan(db(), planId)).toMatchObject({
      counts: { paying: 1, trying: 1, owing: 1, ending: 1 },
      openCheckouts: 0,
      atStripe: { isThere: false, isDue: true, problem: undefined },
    })
    expect(await listedPlan(db(), other)).toMatchObject({
      counts: { paying: 0, trying: 0, owing: 0, ending: 0 },
    })
    expect(await listedPlan(db(), newId())).toBeUndefined()
    expect(await listedPlan(db(), 'none')).toBeUndefined()
  })
})

const aCustomer = async (email = 'ada@example.com') =>
  (await db().insertInto('customer').values({ email }).returning('id').executeTakeFirstOrThrow()).id

describe('I06: a customer', () => {
  test('has one live subscription of a group, another one of another group, and a new one when the first has ended', async () => {
    const planId = await make()
    const customer_id = await aCustomer()
    await mirrored(planId, { customer_id })
    for (const status of ['active', 'trialing', 'past_due', 'unpaid', 'paused'])
      await expect(mirrored(planId, { customer_id, status })).rejects.toMatchObject({
        constraint: 'subscription_one_live',
      })
    await expect(mirrored(planId, { customer_id, plan_group: 'membership' })).rejects.toMatchObject(
      { constraint: 'subscription_one_live' },
    )
    await mirrored(planId, { customer_id, plan_group: 'Coaching' })
    await mirrored(planId, { customer_id, surplus_reason: 'second' })
    await mirrored(planId, { customer_id, status: 'canceled' })
    await db()
      .updateTable('subscription')
      .set({ status: 'canceled' })
      .where('customer_id', '=', customer_id)
      .execute()
    await mirrored(planId, { customer_id })
  })

  test('keeps every subscription and what happened to it', async () => {
    const planId = await make()
    await mirrored(planId, { customer_id: await aCustomer() })
    await refused(`delete from subscription`).toMatchObject({ code: '23001' })
    await refused(`update subscription set stripe_subscription_id = 'sub_other'`).toMatchObject({
      code: '23001',
    })
    await sql`insert into subscription_event (subscription_id, what, status, cause, currency)
      select id, 'begun', status, 'test', 'EUR' from subscription`.execute(db())
    await refused(`delete from subscription_event`).toMatchObject({ code: '23001' })
    await refused(`update subscription_event set what = 'status'`).toMatchObject({ code: '23001' })
  })
})
