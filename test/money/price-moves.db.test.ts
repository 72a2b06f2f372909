import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import {
  callMoveOff,
  cancelMine,
  changePlan,
  keepPlan,
  lookAtChange,
  membershipsOf,
  moveById,
  movePersons,
  pauseNow,
  previewMove,
  resumeMine,
  retryMove,
  startMove,
  sweepMoves,
  switchPlan,
  tellMoves,
} from '#modules/memberships/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aPlan, subscribed, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney({ stripeCallsPerSecond: 10_000 })
const day = 86_400_000
let owner: OwnerActor
let group = ''

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty(60_000)
  group = `Group ${newId()}`
})
afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
  // What a test leaves open is no work of the next one.
  await sql`update price_move_person set state = 'kept', settled_at = clock_now()
    where state in ('waiting', 'told', 'setting', 'set')`.execute(db())
  await tellMoves()
})

const cheap = (over = {}) => aPlan(owner, { group, amountMinor: 900, ...over })
const dear = (over = {}) => aPlan(owner, { group, amountMinor: 1_200, ...over })
type Held = Awaited<ReturnType<typeof subscribed>>

function begin(
  fromPlanId: string,
  toPlanId: string,
  over: Partial<Parameters<typeof startMove>[2]> = {},
) {
  const wish = { id: newId(), fromPlanId, toPlanId, noticeDays: 14, shown: 1, ...over }
  return inTransaction((tx) => startMove(tx, owner, wish), 'money')
}
async function begun(fromPlanId: string, toPlanId: string, over = {}): Promise<string> {
  const started = await begin(fromPlanId, toPlanId, over)
  if (!started.ok) throw new Error(started.reason)
  return started.moveId
}
/** Steps are paced; nobody waits for that here. */
async function tell(times = 1) {
  await sql`update price_move set next_at = machine_now() - interval '1 second' where finished_at is null`.execute(
    db(),
  )
  return Promise.all(Array.from({ length: times }, () => tellMoves()))
}
const told = async (fromPlanId: string, toPlanId: string, over = {}) => {
  const id = await begun(fromPlanId, toPlanId, over)
  await tell()
  return id
}
const mails = async (one: Held['one'], template: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('subject')
      .where('template', '=', template)
      .where('entity_key', 'like', `%${one.id}%`)
      .execute()
  ).length
const happened = async (one: Held['one']) =>
  (
    await db()
      .selectFrom('subscription_event')
      .select('what')
      .where('subscription_id', '=', one.id)
      .orderBy('id')
      .execute()
  ).map(({ what }) => what)
const person = (one: Held['one']) =>
  db()
    .selectFrom('price_move_person')
    .selectAll()
    .where('subscription_id', '=', one.id)
    .executeTakeFirstOrThrow()
const states = async (moveId: string) => (await moveById(db(), moveId))?.progress.states
/** To so long before the present period of somebody ends. */
async function toBeforeRenewal({ member }: Held, before: number) {
  const { period_ends_at: ends } = await theSubscription(member)
  await passTimeEverywhere(money, (ends?.getTime() ?? 0) - before - (await now(db())).getTime())
  await untilInboxIsEmpty()
}
async function renewed({ member, one }: Held, times = 1) {
  const was = (await theSubscription(member)).period_ends_at
  await toBeforeRenewal({ member, one } as Held, -2 * 3_600_000)
  await until('it has renewed', async () => {
    const { period_ends_at: ends } = await theSubscription(member)
    return (ends?.getTime() ?? 0) > (was?.getTime() ?? 0)
  })
  await untilInboxIsEmpty()
  expect(times).toBe(1)
}
const paid = async ({ one }: Held) =>
  (await stripeItself().invoices.list({ subscription: one.stripe_subscription_id })).data
    .map(({ amount_paid: minor }) => minor)
    .toReversed()
const swaps = async () => {
  const { endpoints } = await money.sandbox.control.stats()
  return Object.entries(endpoints)
    .filter(([name]) => name.startsWith('POST /v1/subscriptions/'))
    .reduce((sum, [, { calls }]) => sum + calls, 0)
}
const callsOfStripe = async () =>
  Object.values((await money.sandbox.control.stats()).endpoints).reduce(
    (sum, { calls }) => sum + calls,
    0,
  )

describe('moving subscribers to another price', () => {
  test('is shown, told once, and charged at the first renewal after the notice, by two presses and two processes once each', async () => {
    const [from, to] = [await cheap(), await dear()]
    const held = await subscribed(money, from)
    const { member, one } = held
    await untilInboxIsEmpty()
    const before = await callsOfStripe()
    const wish = { fromPlanId: from, toPlanId: to, noticeDays: 14 }
    const shown = await previewMove(db(), wish, {})
    if (!shown.ok) throw new Error(shown.reason)
    expect(shown.preview.counts).toEqual({ toMove: 1, leftOut: {} })
    expect(shown.preview.page.rows[0]?.firstAt).toEqual(one.period_ends_at)
    const id = newId()
    expect(await Promise.all([1, 2].map(() => begin(from, to, { id })))).toEqual([
      { ok: true, moveId: id },
      { ok: true, moveId: id },
    ])
    expect(await begin(from, to)).toEqual({ ok: false, reason: 'nobody' })
    await Promise.all([tell(2), tell(2)])
    expect(await callsOfStripe()).toBe(before)
    expect(await mails(one, 'membership_price_to_come')).toBe(1)
    expect((await person(one)).first_at).toEqual(one.period_ends_at)
    const [seen] = (await membershipsOf(db(), member.memberId)).subscriptions
    expect(seen?.toCome).toEqual({ amountMinor: 1_200, firstAt: one.period_ends_at })

    await toBeforeRenewal(held, 3 * day)
    expect(await sweepMoves()).toBe(0)
    await toBeforeRenewal(held, day / 2)
    const asked = await swaps()
    await Promise.all([sweepMoves(), sweepMoves(), sweepMoves()])
    expect(await swaps()).toBe(asked + 1)
    await untilInboxIsEmpty()
    expect(await theSubscription(member)).toMatchObject({ plan_id: from, next_plan_id: to })
    const [card] = (await membershipsOf(db(), member.memberId)).subscriptions
    expect([card?.next, card?.toCome?.amountMinor]).toEqual([undefined, 1_200])
    // What the owner has announced is not taken back by its holder; they cancel, or stay.
    expect(await keepPlan(member, one.id)).toEqual({ ok: false, reason: 'not_possible' })
    expect(await paid(held)).toEqual([900])

    await renewed(held)
    await tell()
    expect(await paid(held)).toEqual([900, 1_200])
    expect(await theSubscription(member)).toMatchObject({ plan_id: to, amount_minor: 1_200 })
    expect(await moveById(db(), id)).toMatchObject({
      move: { state: 'done' },
      progress: { states: { moved: 1 } },
    })
    expect(await happened(one)).toEqual(['begun', 'price_told', 'change_set', 'plan'])
    expect([
      await mails(one, 'membership_price_to_come'),
      await mails(one, 'membership_change_planned'),
      await mails(one, 'membership_plan_changed'),
    ]).toEqual([1, 0, 0])
  })

  test('a renewal within the notice is charged as before, the next one at the new price', async () => {
    const [from, to] = [await cheap(), await dear()]
    const held = await subscribed(money, from)
    await told(from, to, { noticeDays: 40 })
    await toBeforeRenewal(held, day / 2)
    expect(await sweepMoves()).toBe(0)
    await renewed(held)
    await toBeforeRenewal(held, day / 2)
    expect(await sweepMoves()).toBe(1)
    await untilInboxIsEmpty()
    await renewed(held)
    await tell()
    expect(await paid(held)).toEqual([900, 900, 1_200])
    expect((await person(held.one)).first_at).toEqual((await person(held.one)).first_at)
    expect((await person(held.one)).state).toBe('moved')
  })

  test('who cancels or ends meanwhile is not moved; who resumes in time is; a pause holds it up', async () => {
    const [from, to] = [await cheap(), await dear()]
    const [leaver, back, paused] = [
      await subscribed(money, from),
      await subscribed(money, from),
      await subscribed(money, from),
    ]
    const id = await told(from, to, { shown: 3 })
    await cancelMine(leaver.member, leaver.one.id, '')
    await cancelMine(back.member, back.one.id, '')
    await pauseNow(owner, paused.one.id)
    await untilInboxIsEmpty()
    await toBeforeRenewal(leaver, day / 2)
    expect(await sweepMoves()).toBe(0)
    await resumeMine(back.member, back.one.id)
    await untilInboxIsEmpty()
    expect(await sweepMoves()).toBe(1)
    await untilInboxIsEmpty()
    await renewed(back)
    await until(
      'it has ended',
      async () => (await theSubscription(leaver.member)).status === 'canceled',
    )
    await untilInboxIsEmpty()
    await tell()
    expect(await states(id)).toEqual({ moved: 1, left: 1, told: 1 })
    expect(await paid(back)).toEqual([900, 1_200])
    expect(await paid(leaver)).toEqual([900])
  })

  test('leaves out, with the reason, who cancelled, is paused, or owes, and tells nobody of them', async () => {
    const [from, to] = [await cheap(), await dear()]
    const [cancelled, paused, owes, moved] = [
      await subscribed(money, from),
      await subscribed(money, from),
      await subscribed(money, from),
      await subscribed(money, from),
    ]
    await cancelMine(cancelled.member, cancelled.one.id, '')
    await pauseNow(owner, paused.one.id)
    await untilInboxIsEmpty()
    await db()
      .updateTable('subscription')
      .set({ status: 'past_due' })
      .where('id', '=', owes.one.id)
      .execute()
    const id = await told(from, to)
    await db()
      .updateTable('subscription')
      .set({ status: 'active' })
      .where('id', '=', owes.one.id)
      .execute()
    const view = await moveById(db(), id)
    expect(view?.progress.leftOut).toEqual({ ending: 1, paused: 1, owing: 1 })
    expect(await mails(moved.one, 'membership_price_to_come')).toBe(1)
    for (const { one } of [cancelled, paused, owes])
      expect(await mails(one, 'membership_price_to_come')).toBe(0)
    expect((await movePersons(db(), id, 'staying', {})).rows).toHaveLength(3)
    await inTransaction((tx) => callMoveOff(tx, owner, id))
    await tell()
  })

  test('called off: whoever was told is told once that it does not come, also where Stripe had the price already and the old plan is closed', async () => {
    const [from, to] = [await cheap(), await dear()]
    const [near, far] = [await subscribed(money, from), await subscribed(money, from)]
    const id = await told(from, to, { shown: 2 })
    // One renews later than the other.
    await db()
      .updateTable('price_move_person')
      .set({ first_at: new Date(Date.now() + 900 * day) })
      .where('subscription_id', '=', far.one.id)
      .execute()
    await toBeforeRenewal(near, day / 2)
    expect(await sweepMoves()).toBe(1)
    await untilInboxIsEmpty()
    expect((await theSubscription(near.member)).next_plan_id).toBe(to)
    await inTransaction((tx) => switchPlan(tx, owner, from, false))
    expect(
      await Promise.all([1, 2].map(() => inTransaction((tx) => callMoveOff(tx, owner, id)))),
    ).toEqual([true, true])
    await sql`update price_move_person set due_at = machine_now() - interval '1 second'`.execute(
      db(),
    )
    await Promise.all([sweepMoves(), sweepMoves(), tell(2)])
    await tell()
    await untilInboxIsEmpty()
    await tell()
    for (const { one } of [near, far]) expect(await mails(one, 'membership_price_kept')).toBe(1)
    expect(await mails(near.one, 'membership_change_taken_back')).toBe(0)
    expect(await theSubscription(near.member)).toMatchObject({ plan_id: from, next_plan_id: null })
    expect(await moveById(db(), id)).toMatchObject({
      move: { state: 'called_off' },
      progress: { states: { kept: 2 } },
    })
    expect((await moveById(db(), id))?.move.finishedAt).toBeDefined()
    await renewed(near)
    expect(await paid(near)).toEqual([900, 900])
  })

  test('Stripe away or its answer lost: nothing is charged twice, the owner sees it, and it is set when Stripe is back', async () => {
    const [from, to] = [await cheap(), await dear()]
    const held = await subscribed(money, from)
    const id = await told(from, to)
    await toBeforeRenewal(held, day / 2)
    await money.sandbox.control.setChaos({
      api: { reset_after: 1, paths: ['/v1/subscriptions'], methods: ['POST'] },
    })
    expect(await sweepMoves()).toBe(1)
    await money.sandbox.control.setChaos({})
    expect((await moveById(db(), id))?.progress.failed).toBe(1)
    expect((await movePersons(db(), id, 'failed', {})).rows).toHaveLength(1)
    expect(await sweepMoves()).toBe(0)
    expect(await inTransaction((tx) => retryMove(tx, id))).toBe(1)
    expect(await sweepMoves()).toBe(1)
    await untilInboxIsEmpty()
    expect((await moveById(db(), id))?.progress.failed).toBe(0)
    await renewed(held)
    await tell()
    expect(await paid(held)).toEqual([900, 1_200])
    expect(await states(id)).toEqual({ moved: 1 })
  })

  test('a process that dies before or after Stripe was asked is made up for', async () => {
    const [from, to] = [await cheap(), await dear()]
    const [before, after] = [await subscribed(money, from), await subscribed(money, from)]
    const id = await told(from, to, { shown: 2 })
    await toBeforeRenewal(before, day / 2)
    // Taken, and never asked for: due again when its time is over.
    await db()
      .updateTable('price_move_person')
      .set({ state: 'setting', due_at: sql<Date>`machine_now() + interval '2 minutes'` })
      .where('subscription_id', '=', before.one.id)
      .execute()
    expect(await sweepMoves()).toBe(1)
    // Asked for, and never noted.
    await db()
      .updateTable('price_move_person')
      .set({ state: 'setting', due_at: sql<Date>`machine_now() - interval '1 second'` })
      .where('move_id', '=', id)
      .execute()
    await untilInboxIsEmpty()
    expect(await sweepMoves()).toBe(2)
    await untilInboxIsEmpty()
    await renewed(before)
    await untilInboxIsEmpty()
    await until(
      'the other one has renewed',
      async () => (await theSubscription(after.member)).plan_id === to,
    )
    await untilInboxIsEmpty()
    await tell()
    expect(await states(id)).toEqual({ moved: 2 })
    expect([await paid(before), await paid(after)]).toEqual([
      [900, 1_200],
      [900, 1_200],
    ])
  })

  test('an upgrade of one’s own goes before, and waits for the renewal once Stripe has the new price', async () => {
    const [from, to] = [await cheap(), await dear()]
    const gold = await aPlan(owner, { group, tier: 2, amountMinor: 3_000 })
    const [early, late] = [await subscribed(money, from), await subscribed(money, from)]
    const id = await told(from, to, { shown: 2 })
    const look = await lookAtChange(early.member, early.one.id, gold)
    if (!look.ok) throw new Error(look.reason)
    const shown = { at: look.at, todayMinor: look.cost.todayMinor }
    expect(await changePlan(early.member, early.one.id, gold, shown)).toEqual({
      ok: true,
      when: 'now',
    })
    await untilInboxIsEmpty()
    await tell()
    expect(await states(id)).toEqual({ left: 1, told: 1 })
    await toBeforeRenewal(late, day / 2)
    expect(await sweepMoves()).toBe(1)
    await untilInboxIsEmpty()
    expect(await lookAtChange(late.member, late.one.id, gold)).toEqual({
      ok: false,
      reason: 'price_changing',
    })
    await renewed(late)
    await tell()
    expect(await states(id)).toEqual({ left: 1, moved: 1 })
  })

  test('is refused in words where something else than the price would change, or something else was shown', async () => {
    const from = await cheap()
    await subscribed(money, from)
    const to = await dear()
    const no = (reason: string) => ({ ok: false, reason })
    expect(await begin(from, await dear({ interval: { unit: 'year', count: 1 } }))).toEqual(
      no('other_interval'),
    )
    expect(
      await begin(from, await aPlan(owner, { group: `${group} else`, amountMinor: 1_200 })),
    ).toEqual(no('other_group'))
    expect(await begin(from, newId())).toEqual(no('not_found'))
    expect(await begin(from, to, { noticeDays: 13 })).toEqual(no('notice'))
    expect(await begin(from, to, { noticeDays: 91 })).toEqual(no('notice'))
    expect(await begin(from, to, { shown: 2 })).toEqual(no('changed'))
    await expect(
      db()
        .insertInto('price_move')
        .values({
          id: newId(),
          backend_id: 1,
          from_plan_id: from,
          to_plan_id: from,
          notice_days: 30,
        })
        .execute(),
    ).rejects.toThrow()
    const id = await begun(from, to)
    expect(await begin(from, await dear({ amountMinor: 1_500 }))).toEqual(no('nobody'))
    await subscribed(money, from)
    expect(await begin(from, to)).toEqual(no('running'))
    await inTransaction((tx) => callMoveOff(tx, owner, id))
    await tell()
    // Nobody had been told: nobody is told of it.
    expect(await states(id)).toEqual({ kept: 1 })
    await inTransaction((tx) => switchPlan(tx, owner, to, false))
    expect(await begin(from, to)).toEqual(no('disabled'))
  })
})
