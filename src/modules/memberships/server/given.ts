import { customerFor } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { followGiven } from '#modules/entitlements/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  audit,
  db,
  inTransaction,
  now,
  queueMail,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { accessOf, coverOf } from '../access.ts'
import type { TypedGiven } from '../given-form.ts'
import { giftTimes, type Cover, type GiftOfMonths, type GiftTime } from '../given-time.ts'
import { givenWords, lengthWords, type GivenStanding } from '../given-words.ts'
import { giftBegunMail, givenEndedMail, planGivenMail, type ToGiven } from './mails/given.ts'
import {
  addressOf,
  customersOfMember,
  dueGiven,
  givenOf,
  insertGiven,
  liveOfPerson,
  lockGiven,
  lockGoing,
  setBegunTold,
  setEnded,
  setSettled,
  storeGiftTime,
  type GivenRow,
} from './store.given.ts'
import { readRules } from './store.mirror.ts'
import { findPlan } from './store.plans.ts'

/** Far more than anybody is given. */
const mostGoing = 100
const mostShown = 50
const mostASweep = 100

/** Of a plan that was given. */
export interface GivenPlan extends GivenStanding {
  readonly id: string
  readonly planId: string
  readonly title: string
  readonly description: string
  readonly reason: string
  readonly givenAt: Date
  readonly endedReason: string | undefined
}

export type GivePlanResult =
  | { readonly ok: true; readonly customerId: string }
  | {
      readonly ok: false
      readonly reason: 'no_plan' | 'sent_already' | 'given_already' | 'too_many'
    }

/**
 * Gives a plan to somebody: a right of its own, beside whatever they pay for, which nobody bills. A gift of months waits while they have the
 * same, or more of its group, from elsewhere. They are told by mail; on record. sent_already: the form was sent before, with something
 * else in it. given_already: they have been given this plan without an end. email: canonical; a member's, or a guest's who may
 * become one.
 */
export async function givePlan(
  tx: Tx,
  owner: OwnerActor,
  email: string,
  given: TypedGiven,
): Promise<GivePlanResult> {
  const plan = await findPlan(tx, given.planId)
  if (!plan) return { ok: false, reason: 'no_plan' }
  // Locks the member, or the address: of two presses at once, the second finds what the first gave.
  const customerId = await customerFor(tx, { email })
  const known = await lockGiven(tx, given.id)
  if (known)
    return isSame(known, customerId, given)
      ? { ok: true, customerId }
      : { ok: false, reason: 'sent_already' }
  const going = await lockGoing(tx, customerId, mostGoing)
  if (going.length >= mostGoing) return { ok: false, reason: 'too_many' }
  const { what } = given
  if (
    what.kind === 'comp' &&
    going.some((one) => one.planId === plan.id && one.kind === 'comp' && !one.compEndsAt)
  )
    return { ok: false, reason: 'given_already' }
  if (!(await insertGiven(tx, { ...given, customerId, givenBy: owner.memberId })))
    return { ok: false, reason: 'sent_already' }
  if (what.kind === 'comp')
    await followGiven(
      tx,
      { customerId, ...rightOf({ id: given.id, kind: 'comp', planId: plan.id }) },
      { is: 'open', from: await now(tx), until: what.endsAt },
      { actor: 'owner', cause: `given ${given.id}` },
    )
  await settleGiven(tx, customerId, `given ${given.id}`)
  const one = await lockGiven(tx, given.id)
  if (!one) throw new Error(`What was given as ${given.id} vanished.`)
  // The mail that it was given says so: nobody is told of its beginning twice.
  if (one.runsFrom && one.runsFrom <= (await now(tx))) await setBegunTold(tx, one.id)
  const holder = await toGiven(tx, one)
  if (holder)
    await queueMail(
      tx,
      planGivenMail(
        holder,
        one.months === undefined ? undefined : lengthWords(one.months, undefined),
      ),
    )
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.given',
    subject: { kind: 'given_plan', id: given.id },
    detail: {
      customer: customerId,
      plan: plan.title,
      ...(what.kind === 'gift'
        ? { months: what.months }
        : { until: what.endsAt?.toISOString() ?? null }),
    },
  })
  return { ok: true, customerId }
}

const isSame = (known: GivenRow, customerId: string, { planId, what }: TypedGiven) =>
  known.customerId === customerId &&
  known.planId === planId &&
  known.kind === what.kind &&
  (what.kind === 'gift'
    ? known.months === what.months
    : known.compEndsAt?.getTime() === what.endsAt?.getTime())

/** Takes back what was given; what they pay for stays. On record, with why. false: there is nothing that goes on. */
export async function takePlanBack(
  tx: Tx,
  owner: OwnerActor,
  id: string,
  reason: string,
): Promise<boolean> {
  const one = isId(id) ? await lockGiven(tx, id) : undefined
  if (!one || one.endedAt) return false
  await takeBack(tx, one, reason, { actor: 'owner', cause: `given ${id}` })
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.taken_back',
    subject: { kind: 'given_plan', id },
    detail: { plan: one.title },
  })
  return true
}

/** Ends everything that was given to a member who leaves. */
export async function endGivenOf(tx: Tx, memberId: string): Promise<void> {
  for (const customerId of await customersOfMember(tx, memberId))
    for (const one of await lockGoing(tx, customerId, mostGoing))
      await takeBack(tx, one, 'The account was deleted.', {
        actor: 'member',
        cause: 'account deleted',
      })
}

async function takeBack(
  tx: Tx,
  one: GivenRow,
  reason: string,
  cause: { readonly actor: 'owner' | 'member'; readonly cause: string },
): Promise<void> {
  await setEnded(tx, one.id, { reason })
  const { from, until } = timeOf(one)
  await followGiven(
    tx,
    { customerId: one.customerId, ...rightOf(one) },
    { is: 'taken_back', from: from ?? one.createdAt, until },
    cause,
  )
  // Another gift may have waited for this one.
  await settleGiven(tx, one.customerId, cause.cause)
}

const rightOf = ({ id, kind, planId }: Pick<GivenRow, 'id' | 'kind' | 'planId'>) => ({
  benefit: 'plan',
  subjectId: planId,
  source: { kind, id },
})

const timeOf = (one: GivenRow) =>
  one.kind === 'comp'
    ? { from: one.createdAt, until: one.compEndsAt }
    : { from: one.runsFrom, until: one.runsUntil }

/**
 * Lets the gifts of a person run, or wait, as follows from what else they have right now. Called in the transaction of whatever changes
 * that; to be called again is safe.
 */
export async function settleGiven(tx: Tx, customerId: string, cause: string): Promise<void> {
  const going = await lockGoing(tx, customerId, mostGoing)
  const gifts = going.filter(({ kind }) => kind === 'gift')
  if (gifts.length === 0) return
  const at = await now(tx)
  const covers = await coversOf(tx, customerId, going, at)
  for (const group of new Set(gifts.map((one) => one.group.toLowerCase()))) {
    const inGroup = <Row extends { readonly group: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.group.toLowerCase() === group)
    const times = giftTimes(inGroup(gifts).map(asGift), inGroup(covers), at)
    for (const gift of inGroup(gifts)) {
      const time = times.get(gift.id)
      if (time) await letRun(tx, gift, time, at, cause)
    }
  }
}

async function letRun(
  tx: Tx,
  gift: GivenRow,
  time: GiftTime,
  at: Date,
  cause: string,
): Promise<void> {
  const { runsFrom, runsUntil } = time
  if (!isAsStored(gift, time)) {
    const isRunning = runsFrom !== undefined && runsFrom <= at
    await storeGiftTime(tx, gift.id, time, isRunning && gift.begunToldAt !== undefined)
  }
  await followGiven(
    tx,
    { customerId: gift.customerId, ...rightOf(gift) },
    runsFrom
      ? { is: 'open', from: runsFrom, until: runsUntil }
      : { is: 'waiting', since: gift.createdAt },
    { actor: 'system', cause },
  )
}

const isAsStored = (gift: GivenRow, time: GiftTime) =>
  gift.runsFrom?.getTime() === time.runsFrom?.getTime() &&
  gift.runsUntil?.getTime() === time.runsUntil?.getTime() &&
  gift.leftMs === time.leftMs

const asGift = (row: GivenRow): GiftOfMonths => ({ ...row, months: row.months ?? 0 })

/** What a person has right now besides gifts: subscriptions that are open or paused, and comps. */
async function coversOf(
  tx: Tx,
  customerId: string,
  going: readonly GivenRow[],
  at: Date,
): Promise<(Cover & { readonly group: string })[]> {
  const rules = await readRules(tx)
  const paid = (await liveOfPerson(tx, customerId)).flatMap((one) => {
    const cover = coverOf(accessOf(one, rules, at), one.cancelsAt)
    return cover ? [{ group: one.group, tier: one.tier, until: cover.until }] : []
  })
  const comps = going
    .filter(({ kind, compEndsAt }) => kind === 'comp' && (!compEndsAt || compEndsAt > at))
    .map(({ group, tier, compEndsAt }) => ({ group, tier, until: compEndsAt }))
  return [...paid, ...comps]
}

/**
 * Tells of gifts that have begun and of what has ended by its time, each once, and looks at every gift again now and then: accounts may have
 * become one meanwhile. What opens and shuts does so at its moment, whether this runs or not. Returns how many were looked at.
 */
export async function sweepGiven(): Promise<number> {
  const due = await dueGiven(db(), mostASweep)
  for (const { id, customerId } of due) await inTransaction((tx) => lookAgain(tx, id, customerId))
  return due.length
}

async function lookAgain(tx: Tx, id: string, customerId: string): Promise<void> {
  await settleGiven(tx, customerId, 'its time')
  const one = await lockGiven(tx, id)
  if (!one || one.endedAt) return
  await setSettled(tx, id)
  const at = await now(tx)
  const { from, until } = timeOf(one)
  const holder = await toGiven(tx, one)
  if (until && until <= at) {
    await setEnded(tx, id, { at: until })
    await followGiven(
      tx,
      { customerId: one.customerId, ...rightOf(one) },
      { is: 'over', from: from ?? one.createdAt, until },
      { actor: 'system', cause: 'its time' },
    )
    if (holder && !(await hasElsewhere(tx, one, at))) await queueMail(tx, givenEndedMail(holder))
  } else if (one.kind === 'gift' && from && from <= at && !one.begunToldAt) {
    await setBegunTold(tx, id)
    if (holder) await queueMail(tx, giftBegunMail(holder, from))
  }
}

/** Whether the same, or more of its group, is open from elsewhere. */
async function hasElsewhere(tx: Tx, one: GivenRow, at: Date): Promise<boolean> {
  const going = await lockGoing(tx, one.customerId, mostGoing)
  const covers = [
    ...(await coversOf(tx, one.customerId, going, at)),
    ...going.filter(
      ({ runsFrom, runsUntil }) => runsFrom && runsFrom <= at && runsUntil && runsUntil > at,
    ),
  ]
  return covers.some(
    ({ group, tier }) => group.toLowerCase() === one.group.toLowerCase() && tier >= one.tier,
  )
}

async function toGiven(tx: Tx, one: GivenRow): Promise<ToGiven | undefined> {
  const [to, site] = await Promise.all([addressOf(tx, one.customerId), siteIdentity(tx)])
  if (to === undefined) return undefined
  const dates = { zone: site.timeZone, locale: site.locale }
  const { next } = givenWords(asGiven(one), dates, await now(tx), 'holder')
  return { id: one.id, to, title: one.title, next }
}

const asGiven = (row: GivenRow): GivenPlan => ({
  id: row.id,
  planId: row.planId,
  title: row.title,
  description: row.description,
  kind: row.kind,
  months: row.months,
  ...timeOf(row),
  leftMs: row.leftMs,
  reason: row.reason,
  givenAt: row.createdAt,
  endedAt: row.endedAt,
  endedReason: row.endedReason,
  isTakenBack: row.endedReason !== undefined,
})

/** What was given to these customers, what goes on first, then the newest; at most 50. */
export async function givenToCustomers(
  via: Db,
  customerIds: readonly string[],
): Promise<readonly GivenPlan[]> {
  return (await givenOf(via, customerIds, mostShown)).map(asGiven)
}

/** What was given to a member, under whichever address. */
export async function givenToMember(via: Db, memberId: string): Promise<readonly GivenPlan[]> {
  return givenToCustomers(via, await customersOfMember(via, memberId))
}
