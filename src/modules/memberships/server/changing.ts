import { setTimeout as pause } from 'node:timers/promises'
import type { MemberActor } from '#modules/accounts/types.ts'
import { coversPlan } from '#modules/coupons/plan-discount.ts'
import { couponById } from '#modules/coupons/server/index.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import type { PriceSwap } from '#modules/payments/subscription-gateway.ts'
import { isId } from '#modules/platform/ids.ts'
import { db, inTransaction, log, now, sha256, type Db } from '#modules/platform/server/index.ts'
import type { RunningDiscount } from '../discount-run.ts'
import { planChange, type ChangeCost, type ChangeRefusal, type PlanChange } from '../plan-change.ts'
import type { Plan } from '../types.ts'
import { lookNow, personLimitMs } from './look-now.ts'
import { changeable, notePlan, type ChangeableSubscription } from './store.changing.ts'
import { keepMoveAway } from './store.price-moves.ts'
import { findPlan, offeredPlans, priceAtStripe } from './store.plans.ts'

/** What was reckoned longer ago than this is reckoned anew before it is charged. */
const mostAgeMs = 30 * 60_000
const mostOffered = 50
const mostTries = 20
const underWayPauseMs = 250

export type ChangeProblem =
  | ChangeRefusal
  | 'not_found'
  /** What was shown is not what would be charged any more. */
  | 'cost_changed'
  | 'payment_failed'
  | 'not_possible'
  | 'unreachable'

export type ChangeLook =
  | {
      readonly ok: true
      readonly plan: Plan
      readonly change: Extract<PlanChange, { ok: true }>
      readonly cost: ChangeCost
      /** The moment it was reckoned for: sent along when it is done, so that exactly this is charged. */
      readonly at: Date
      /** What comes off now, and whether it goes on with the other plan. */
      readonly discount: { readonly running: RunningDiscount; readonly goesOn: boolean } | undefined
      /** Once done it cannot be taken back: the present plan is not offered any more. */
      readonly isForGood: boolean
    }
  | { readonly ok: false; readonly reason: ChangeProblem }

export interface Changes {
  readonly held: ChangeableSubscription
  readonly title: string
  readonly plans: readonly { readonly plan: Plan; readonly change: PlanChange }[]
}

/** To which plans of its group a member's own subscription could be changed, or why not. undefined: it is not theirs, or has ended. */
export async function changesOf(
  db: Db,
  member: MemberActor,
  subscriptionId: string,
): Promise<Changes | undefined> {
  const held = await ownChangeable(db, member, subscriptionId)
  const present = held && (await findPlan(db, held.planId))
  if (!held || !present) return undefined
  const offered = await offeredPlans(db, mostOffered)
  const sameGroup = offered.filter(
    ({ group, id }) => group.toLowerCase() === held.group.toLowerCase() && id !== held.planId,
  )
  return {
    held,
    title: present.title,
    plans: sameGroup.map((plan) => ({ plan, change: planChange(held, plan, standingOf(held)) })),
  }
}

/** What changing a member's own subscription to another plan would do and cost, to the cent, as Stripe reckons it. Changes nothing. */
export async function lookAtChange(
  member: MemberActor,
  subscriptionId: string,
  planId: string,
): Promise<ChangeLook> {
  const found = await findChange(member, subscriptionId, planId)
  if (!found.ok) return found
  return reckoned(found, await now(db('money')))
}

export type ChangeResult =
  | { readonly ok: true; readonly when: 'now' | 'period_end' }
  | { readonly ok: false; readonly reason: ChangeProblem }

/**
 * Changes the plan as it was looked at. Up: charged at once, or refused whole, so that a card that fails leaves everything as it was.
 * Down: nothing is charged, and the plan stays until the paid period ends. Sent twice it is done once, and a change whose answer was
 * lost is told as done when it is asked for again. shown: what stood on the page.
 */
export async function changePlan(
  member: MemberActor,
  subscriptionId: string,
  planId: string,
  shown: { readonly at: Date; readonly todayMinor: number },
): Promise<ChangeResult> {
  const done = await alreadyDone(member, subscriptionId, planId)
  if (done) return done
  const found = await findChange(member, subscriptionId, planId)
  if (!found.ok) return found
  const age = (await now(db('money'))).getTime() - shown.at.getTime()
  if (!(age >= 0 && age <= mostAgeMs)) return { ok: false, reason: 'cost_changed' }
  const look = await reckoned(found, shown.at)
  const isSame = look.ok && look.cost.todayMinor === shown.todayMinor
  if (!isSame && (look.ok || look.reason === 'not_possible')) {
    // Perhaps this very change was made a moment ago, by another press of the same button.
    await looked(found.held)
    return (
      (await alreadyDone(member, subscriptionId, planId)) ?? { ok: false, reason: 'cost_changed' }
    )
  }
  if (!look.ok) return look
  const { held, swap, change } = found
  try {
    // Before Stripe is asked: whoever hears of the price first must know from when on it counts.
    const isFree = await inTransaction(async (tx) => {
      if (!(await keepMoveAway(tx, held.id))) return false
      await notePlan(tx, held.id, change.when === 'period_end' ? planId : undefined)
      return true
    })
    if (!isFree) return { ok: false, reason: 'price_changing' }
    const key = keyOf(held, planId, shown.at)
    await within(personLimitMs, swapOnce({ ...swap, at: shown.at }, key))
    await looked(held)
    return { ok: true, when: change.when }
  } catch (error) {
    return refusedBy(error, held, swap.billing === 'now' ? 'payment_failed' : 'not_possible')
  }
}

export type KeepResult =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'not_found' | 'not_possible' | 'unreachable'
    }

/** Takes a change back that waits for the period's end: the plan goes on as it is. Nothing is charged. Done twice it is done once. */
export async function keepPlan(member: MemberActor, subscriptionId: string): Promise<KeepResult> {
  const backend = await currentBackend()
  const held = await ownChangeable(db('money'), member, subscriptionId)
  if (!held) return { ok: false, reason: 'not_found' }
  if (held.isMoving) return { ok: false, reason: 'not_possible' }
  if (held.nextPlanId === undefined) return { ok: true }
  const stripePriceId = await priceAtStripe(db('money'), backend.id, held.planId)
  if (stripePriceId === undefined) return { ok: false, reason: 'not_possible' }
  try {
    // The note stays: until the price is heard of that counts now, the other one is still one to come.
    const at = await now(db('money'))
    const swap: PriceSwap = { ...swapOf(held), stripePriceId, at, billing: 'unbilled' }
    await within(personLimitMs, swapOnce(swap, keyOf(held, held.planId, at)))
    await looked(held)
    return { ok: true }
  } catch (error) {
    const { reason } = refusedBy(error, held, 'not_possible')
    return { ok: false, reason: reason === 'unreachable' ? reason : 'not_possible' }
  }
}

interface Found {
  readonly ok: true
  readonly held: ChangeableSubscription
  readonly present: Plan
  readonly plan: Plan
  readonly change: Extract<PlanChange, { ok: true }>
  readonly swap: PriceSwap
}

async function ownChangeable(
  db: Db,
  member: MemberActor,
  subscriptionId: string,
): Promise<ChangeableSubscription | undefined> {
  const backend = await currentBackend()
  const held = isId(subscriptionId) ? await changeable(db, backend.id, subscriptionId) : undefined
  return held?.memberId === member.memberId ? held : undefined
}

const standingOf = (held: ChangeableSubscription) => ({
  isTrial: held.status === 'trialing',
  isEnding: held.cancelsAt !== undefined,
  owes: held.status === 'past_due' || held.status === 'unpaid',
  isPaused: held.isPaused,
  isChanging: held.nextPlanId !== undefined,
  isMoving: held.isMoving,
})

/** That a subscription is where it is wished to be. */
async function alreadyDone(
  member: MemberActor,
  subscriptionId: string,
  planId: string,
): Promise<Extract<ChangeResult, { ok: true }> | undefined> {
  const held = await ownChangeable(db('money'), member, subscriptionId)
  if (held === undefined) return undefined
  if (held.nextPlanId === planId) return { ok: true, when: 'period_end' }
  return held.planId === planId && held.nextPlanId === undefined
    ? { ok: true, when: 'now' }
    : undefined
}

async function findChange(
  member: MemberActor,
  subscriptionId: string,
  planId: string,
): Promise<Found | { readonly ok: false; readonly reason: ChangeProblem }> {
  const refused = (reason: ChangeProblem) => ({ ok: false, reason }) as const
  const backend = await currentBackend()
  const held = await ownChangeable(db('money'), member, subscriptionId)
  const plan = isId(planId) ? await findPlan(db('money'), planId) : undefined
  const present = held && (await findPlan(db('money'), held.planId))
  if (!held || !plan || !present) return refused('not_found')
  const change = planChange(held, plan, standingOf(held))
  if (!change.ok) return refused(change.reason)
  const stripePriceId = await priceAtStripe(db('money'), backend.id, planId)
  if (stripePriceId === undefined) return refused('unreachable')
  // In a trial, and at the end of a period, nothing is due for what is left of it.
  const billing = change.when === 'now' && held.status !== 'trialing' ? 'now' : 'unbilled'
  const endsDiscount = await endsWith(held, planId)
  const swap = { ...swapOf(held), stripePriceId, at: new Date(0), billing, endsDiscount } as const
  return { ok: true, held, present, plan, change, swap }
}

/**
 * A coupon that is not for the other plan ends with the change; every other discount goes on, for as long as it would have. One that ended
 * does not come back when a change is taken back.
 */
async function endsWith(held: ChangeableSubscription, planId: string): Promise<boolean> {
  if (held.discount === undefined || held.couponId === undefined) return false
  const coupon = await couponById(db('money'), held.couponId)
  return coupon !== undefined && !coversPlan(coupon, planId)
}

const swapOf = ({ stripeSubscriptionId, stripeItemId }: ChangeableSubscription) => ({
  stripeSubscriptionId,
  stripeItemId,
})

async function reckoned(found: Found, at: Date): Promise<ChangeLook> {
  const { held, plan, change, swap, present } = found
  const ends = held.periodEndsAt ?? at
  const look = {
    ok: true,
    plan,
    change,
    at,
    discount: held.discount && { running: held.discount, goesOn: !swap.endsDiscount },
    isForGood: change.when === 'period_end' && !present.isEnabled,
  } as const
  if (swap.billing === 'unbilled')
    return {
      ...look,
      cost: { todayMinor: 0, creditMinor: 0, currency: held.currency, nextAt: ends },
    }
  try {
    const { gateway } = await currentBackend()
    const preview = await within(personLimitMs, gateway.previewSwap({ ...swap, at }, 'person'))
    return {
      ...look,
      cost: {
        todayMinor: preview.dueMinor,
        creditMinor: preview.creditMinor,
        currency: preview.currency,
        nextAt: preview.periodEndsAt ?? ends,
      },
    }
  } catch (error) {
    return refusedBy(error, held, 'not_possible')
  }
}

const looked = (held: ChangeableSubscription) =>
  lookNow(held.stripeSubscriptionId, 'plan changed here')

/** Pressed twice at once, the second press waits for what the first one is told. */
async function swapOnce(swap: PriceSwap, key: string): Promise<void> {
  const { gateway } = await currentBackend()
  for (let tries = 1; ; tries++)
    try {
      await gateway.swapPrice(swap, key, 'person')
      return
    } catch (error) {
      const isUnderWay = error instanceof GatewayError && error.code === 'idempotency_key_in_use'
      if (!isUnderWay || tries >= mostTries) throw error
      await pause(underWayPauseMs)
    }
}

function refusedBy(
  error: unknown,
  held: ChangeableSubscription,
  refused: 'payment_failed' | 'not_possible',
): { readonly ok: false; readonly reason: ChangeProblem } {
  if (!(error instanceof GatewayError)) throw error
  log.warn({ subscription: held.id, fault: error.fault, code: error.code }, 'a plan stays')
  const isRefused = error.fault === 'refused' || error.fault === 'not_found'
  return { ok: false, reason: isRefused ? refused : 'unreachable' }
}

/** The same wish is the same key: sent twice, it is done once. */
function keyOf(held: ChangeableSubscription, planId: string, at: Date): string {
  return sha256(`${held.id} ${held.stripePriceId} ${planId} ${at.toISOString()}`).slice(0, 40)
}
