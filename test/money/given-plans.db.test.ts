import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { claimPurchases } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { mayUse, mayUseAny } from '#modules/entitlements/server/index.ts'
import type { TypedGiven } from '#modules/memberships/given-form.ts'
import { addMonths } from '#modules/memberships/given-time.ts'
import type { PlanTerms, PlanWords } from '#modules/memberships/plan-form.ts'
import {
  cancelMine,
  endGivenOf,
  endNow,
  givenToCustomers,
  givenToMember,
  givePlan,
  listedPlan,
  pauseNow,
  resumeMine,
  setMembershipRules,
  subscribe,
  sweepGiven,
  takePlanBack,
} from '#modules/memberships/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { brokenInvariants, passTimeEverywhere, untilInboxIsEmpty, useMoney } from '../money.ts'
import { mailsTo, setUpOwner, signUp } from '../people.ts'
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
const minute = 60_000
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
afterEach(async () => {
  await untilInboxIsEmpty()
  expect(await brokenInvariants()).toEqual([])
})

const aPlan = (over: Partial<PlanWords & PlanTerms> = {}) => planOf(owner, over)
const subscribed = (planId: string) => subscribedWith(money, planId)
const opens = async (member: MemberActor, planId: string) => {
  const [one, any] = await Promise.all([
    mayUse(db(), member.memberId, 'plan', planId),
    mayUseAny(db(), member.memberId, [{ benefit: 'plan', subjectIds: [planId] }]),
  ])
  expect(one).toBe(any)
  return one
}

const endless = { kind: 'comp', endsAt: undefined } as const
const comp = (endsAt: Date) => ({ kind: 'comp', endsAt }) as const
const gift = (months: number) => ({ kind: 'gift', months }) as const
const inDays = async (days: number) => new Date((await now(db())).getTime() + days * day)

async function give(
  to: MemberActor | string,
  planId: string,
  what: TypedGiven['what'],
  id: string = newId(),
) {
  const email = typeof to === 'string' ? to : to.email
  const result = await inTransaction((tx) =>
    givePlan(tx, owner, email, { id, planId, what, reason: 'For the workshop' }),
  )
  return { id, result }
}

const givenTo = (member: MemberActor) => givenToMember(db(), member.memberId)
const oneGiven = async (member: MemberActor, id: string) => {
  const one = (await givenTo(member)).find((given) => given.id === id)
  if (!one) throw new Error('It was not given.')
  return one
}
const subjectsTo = async (member: MemberActor) =>
  (await mailsTo(member.email)).map(({ subject }) => subject)

/** Lets the sweep look at everything that is due. */
async function sweep(): Promise<void> {
  while ((await sweepGiven()) >= 100);
}

describe('a comp [commerce 60]', () => {
  test('opens at once, is told, costs nothing; a press that is sent twice gives it once', async () => {
    const planId = await aPlan({ title: 'Gold' })
    const member = await aMember()
    expect(await opens(member, planId)).toBe(false)
    const id = newId()
    const both = await Promise.all([
      give(member, planId, endless, id),
      give(member, planId, endless, id),
    ])
    expect(both.map(({ result }) => result.ok)).toEqual([true, true])
    expect(await opens(member, planId)).toBe(true)
    expect(await givenTo(member)).toMatchObject([{ id, kind: 'comp', until: undefined }])
    expect(
      (await subjectsTo(member)).filter((subject) => subject === 'Gold is yours'),
    ).toHaveLength(1)
    expect(await subscriptionsOf(member)).toEqual([])
    expect((await listedPlan(db(), planId))?.counts).toMatchObject({ paying: 0, given: 1 })
    // Another form with the same thing, and the same form with another: refused in words.
    expect((await give(member, planId, endless)).result).toEqual({
      ok: false,
      reason: 'given_already',
    })
    expect((await give(member, planId, gift(2), id)).result).toEqual({
      ok: false,
      reason: 'sent_already',
    })
    expect((await give(member, newId(), endless)).result).toEqual({ ok: false, reason: 'no_plan' })
  })

  test('ends to the minute without anybody’s doing, and then nothing is open', async () => {
    const planId = await aPlan({ title: 'Silver' })
    const member = await aMember()
    const endsAt = await inDays(3)
    const { id } = await give(member, planId, comp(endsAt))
    await passTimeEverywhere(money, 3 * day - minute)
    expect(await opens(member, planId)).toBe(true)
    await passTimeEverywhere(money, minute)
    expect(await opens(member, planId)).toBe(false)
    await sweep()
    await sweep()
    expect(await oneGiven(member, id)).toMatchObject({ endedAt: endsAt, isTakenBack: false })
    expect((await subjectsTo(member)).filter((one) => one === 'Silver has ended')).toHaveLength(1)
    expect((await listedPlan(db(), planId))?.counts.given).toBe(0)
  })

  test('never hides what is paid: the payer cancels and falls back to it; it ends, and none is left', async () => {
    const gold = await aPlan({ title: 'Gold', tier: 2 })
    const silver = await aPlan({ title: 'Silver', tier: 1 })
    const { member, one } = await subscribed(gold)
    const { id } = await give(member, silver, comp(await inDays(60)))
    expect([await opens(member, gold), await opens(member, silver)]).toEqual([true, true])
    expect((await theSubscription(member)).status).toBe('active')
    expect(await endNow(owner, one.id)).toEqual({ ok: true })
    expect([await opens(member, gold), await opens(member, silver)]).toEqual([false, true])
    await passTimeEverywhere(money, 60 * day)
    expect([await opens(member, gold), await opens(member, silver)]).toEqual([false, false])
    await sweep()
    expect((await oneGiven(member, id)).endedAt).toBeDefined()
  })

  test('never stands in the way of subscribing, also to the very same plan', async () => {
    const planId = await aPlan()
    const member = await aMember()
    await give(member, planId, endless)
    const { sessionId } = await pressSubscribe(member, planId)
    await money.sandbox.control.pay({ session: sessionId, card: '4242424242424242' })
    await until('it is mirrored', async () => (await subscriptionsOf(member)).length > 0)
    await untilInboxIsEmpty()
    expect((await theSubscription(member)).status).toBe('active')
    expect(await subscribe(member, planId)).toEqual({ ok: false, reason: 'already' })
  })

  test('is taken back with a reason, on record; what is paid stays', async () => {
    const planId = await aPlan()
    const { member } = await subscribed(planId)
    const other = await aPlan({ group: 'Other' })
    const { id } = await give(member, other, endless)
    expect(await opens(member, other)).toBe(true)
    const takeBack = (which: string) =>
      inTransaction((tx) => takePlanBack(tx, owner, which, 'A slip of the hand'))
    expect(await takeBack(newId())).toBe(false)
    expect(await takeBack('nothing')).toBe(false)
    expect(await takeBack(id)).toBe(true)
    expect(await takeBack(id)).toBe(false)
    expect([await opens(member, planId), await opens(member, other)]).toEqual([true, false])
    expect(await oneGiven(member, id)).toMatchObject({
      isTakenBack: true,
      endedReason: 'A slip of the hand',
    })
    await expect(
      db().deleteFrom('given_plan').where('id', '=', id).execute(),
    ).rejects.toMatchObject({ code: '23001' })
  })
})

describe('a gift of months [commerce 33]', () => {
  test('runs at once for who has nothing, ends to the minute, and says so', async () => {
    const planId = await aPlan({ title: 'Gold' })
    const member = await aMember()
    const at = await now(db())
    const { id } = await give(member, planId, gift(2))
    const one = await oneGiven(member, id)
    expect(one.until).toEqual(addMonths(one.from ?? at, 2))
    expect(await subjectsTo(member)).toContain('A gift for you: 2 months of Gold')
    const left = (one.until?.getTime() ?? 0) - (await now(db())).getTime()
    await passTimeEverywhere(money, left - minute)
    expect(await opens(member, planId)).toBe(true)
    await passTimeEverywhere(money, minute)
    expect(await opens(member, planId)).toBe(false)
    await sweep()
    const subjects = await subjectsTo(member)
    expect(subjects.filter((subject) => subject === 'Gold has ended')).toHaveLength(1)
    expect(subjects.filter((subject) => subject.includes('has begun'))).toEqual([])
  })

  test('for who pays for the plan already waits, begins when that ends, without a gap, and is told; gifts add up', async () => {
    const planId = await aPlan({ title: 'Gold' })
    const { member, one } = await subscribed(planId)
    const first = await give(member, planId, gift(1))
    const second = await give(member, planId, gift(3))
    expect(await oneGiven(member, first.id)).toMatchObject({ from: undefined, until: undefined })
    // Two renewals later all of it is still there.
    await passTimeEverywhere(money, 62 * day)
    await untilInboxIsEmpty()
    await sweep()
    expect(await oneGiven(member, second.id)).toMatchObject({ from: undefined, leftMs: undefined })
    expect(await cancelMine(member, one.id, '')).toEqual({ ok: true })
    const paidUntil = (await theSubscription(member)).period_ends_at ?? new Date(0)
    const firstEnds = addMonths(paidUntil, 1)
    expect(await oneGiven(member, first.id)).toMatchObject({ from: paidUntil, until: firstEnds })
    expect(await oneGiven(member, second.id)).toMatchObject({
      from: firstEnds,
      until: addMonths(firstEnds, 3),
    })
    // Resumed it waits again, cancelled again it has its day again.
    expect(await resumeMine(member, one.id)).toEqual({ ok: true })
    expect((await oneGiven(member, first.id)).from).toBeUndefined()
    expect(await cancelMine(member, one.id, '')).toEqual({ ok: true })
    expect((await oneGiven(member, first.id)).from).toEqual(paidUntil)
    await passTimeEverywhere(money, paidUntil.getTime() - (await now(db())).getTime())
    expect(await opens(member, planId)).toBe(true)
    await untilInboxIsEmpty()
    await sweep()
    expect(await opens(member, planId)).toBe(true)
    expect((await theSubscription(member)).status).toBe('canceled')
    const begun = (await subjectsTo(member)).filter((subject) => subject.includes('has begun'))
    expect(begun).toEqual(['Your gift of Gold has begun'])
    // Four months in all, to the minute.
    const end = addMonths(firstEnds, 3).getTime()
    await passTimeEverywhere(money, end - minute - (await now(db())).getTime())
    await sweep()
    expect(await opens(member, planId)).toBe(true)
    await passTimeEverywhere(money, minute)
    expect(await opens(member, planId)).toBe(false)
  })

  test('that runs waits again with what is left when its holder subscribes meanwhile', async () => {
    const planId = await aPlan()
    const member = await aMember()
    const { id } = await give(member, planId, gift(2))
    const whole = await oneGiven(member, id)
    await passTimeEverywhere(money, 10 * day)
    const { sessionId } = await pressSubscribe(member, planId)
    await money.sandbox.control.pay({ session: sessionId, card: '4242424242424242' })
    await until('it is mirrored', async () => (await subscriptionsOf(member)).length > 0)
    await untilInboxIsEmpty()
    const waiting = await oneGiven(member, id)
    expect(waiting.from).toBeUndefined()
    const leftBefore = (whole.until?.getTime() ?? 0) - (await now(db())).getTime()
    expect(Math.abs((waiting.leftMs ?? 0) - leftBefore)).toBeLessThan(minute)
    await passTimeEverywhere(money, 40 * day)
    await untilInboxIsEmpty()
    expect(await endNow(owner, (await theSubscription(member)).id)).toEqual({ ok: true })
    const again = await oneGiven(member, id)
    expect((again.until?.getTime() ?? 0) - (again.from?.getTime() ?? 0)).toBe(waiting.leftMs)
    expect(await opens(member, planId)).toBe(true)
    await sweep()
    expect((await subjectsTo(member)).filter((one) => one.includes('has begun'))).toHaveLength(1)
  })

  test('keeps waiting through a pause; a payment that never comes lets it open what the debt has shut', async () => {
    const planId = await aPlan()
    const paused = await subscribed(planId)
    expect(await pauseNow(owner, paused.one.id)).toEqual({ ok: true })
    const waits = await give(paused.member, planId, gift(1))
    expect((await oneGiven(paused.member, waits.id)).from).toBeUndefined()
    expect(await opens(paused.member, planId)).toBe(false)

    const owing = await subscribed(planId)
    const opened = await give(owing.member, planId, gift(1))
    await db()
      .updateTable('subscription')
      .set({ status: 'past_due', past_due_since: await inDays(-30) })
      .where('id', '=', owing.one.id)
      .execute()
    await inTransaction((tx) =>
      setMembershipRules(tx, owner, { graceDays: 3, pauseKeepsAccess: false }),
    )
    expect((await oneGiven(owing.member, opened.id)).from).toBeDefined()
    expect(await opens(owing.member, planId)).toBe(true)
  })

  test('of several given at once none is lost, and their times do not lie upon each other', async () => {
    const planId = await aPlan()
    const member = await aMember()
    const results = await Promise.all([1, 2, 3, 4].map(() => give(member, planId, gift(1))))
    expect(results.map(({ result }) => result.ok)).toEqual([true, true, true, true])
    const spans = (await givenTo(member))
      .map(({ from, until: end }) => [from?.getTime() ?? 0, end?.getTime() ?? 0] as const)
      .toSorted(([one], [other]) => one - other)
    for (const [at, [from]] of spans.entries()) if (at > 0) expect(from).toBe(spans[at - 1]?.[1])
  })
})

test('what was given to an address is its member’s once they have proven it; gifts of accounts that become one add up [commerce 33]', async () => {
  const planId = await aPlan()
  const address = `${newId()}@example.com`
  const { id } = await give(address, planId, gift(1))
  const { actor: member } = await signUp(address)
  expect(await opens(member, planId)).toBe(true)
  expect(await oneGiven(member, id)).toMatchObject({ kind: 'gift' })
  // Another address of theirs had a gift as well.
  const other = `${newId()}@example.com`
  const second = await give(other, planId, gift(1))
  await inTransaction((tx) => claimPurchases(tx, member.memberId, other))
  await db()
    .updateTable('given_plan')
    .set({ settled_at: await inDays(-1) })
    .where('id', '=', second.id)
    .execute()
  await sweep()
  const first = await oneGiven(member, id)
  const later = await oneGiven(member, second.id)
  expect(later.from).toEqual(first.until)
})

test('who leaves has nothing that was given any more', async () => {
  const planId = await aPlan()
  const member = await aMember()
  await give(member, planId, endless)
  await give(member, planId, gift(1))
  const [{ customer_id: customerId } = { customer_id: '' }] = await db()
    .selectFrom('given_plan')
    .innerJoin('customer', 'customer.id', 'given_plan.customer_id')
    .select('given_plan.customer_id')
    .where('customer.member_id', '=', member.memberId)
    .execute()
  await inTransaction(async (tx) => {
    await endGivenOf(tx, member.memberId)
    await tx
      .updateTable('customer')
      .set({ email: `former-${newId()}@erased.invalid` })
      .where('id', '=', customerId)
      .execute()
  })
  expect(await opens(member, planId)).toBe(false)
  expect(
    (await givenToCustomers(db(), [customerId])).map(({ isTakenBack }) => isTakenBack),
  ).toEqual([true, true])
})
