import type { OwnerActor } from '#modules/accounts/types.ts'
import { currentBackend } from '#modules/payments/server/index.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, overwrites, type Db, type Tx } from '#modules/platform/server/index.ts'
import { intervalName } from '../interval.ts'
import type { PlanTerms, PlanWords } from '../plan-form.ts'
import type { Plan } from '../types.ts'
import { closeCheckoutsOf } from './store.checkouts.ts'
import {
  allPlans,
  askForSync,
  findJustMade,
  findPlan,
  insertPlan,
  lockPlan,
  setEnabled,
  spelledGroup,
  updateWords,
  waitForOtherMakers,
} from './store.plans.ts'

/** More than anybody would lay out; the page shows them all. */
const mostPlans = 500
/** The same form sent again this soon is the same press of the button. */
const samePressSeconds = 60

/** All plans, the enabled ones first, then by group, tier and price. */
export async function plans(db: Db): Promise<readonly Plan[]> {
  return allPlans(db, mostPlans)
}

/** One plan, enabled or not; undefined for an id that is none. */
export async function planById(db: Db, id: string): Promise<Plan | undefined> {
  return isId(id) ? findPlan(db, id) : undefined
}

export type MakePlanResult =
  | { readonly ok: true; readonly planId: string }
  | { readonly ok: false; readonly reason: 'too_many' }

/**
 * Makes a plan, to be brought to Stripe next (sendPlanNow, sweepPlans). Price, currency, interval and group are fixed from then on.
 * The same form sent twice within a minute makes one. On record.
 */
export async function makePlan(
  tx: Tx,
  owner: OwnerActor,
  words: PlanWords,
  terms: PlanTerms,
): Promise<MakePlanResult> {
  await waitForOtherMakers(tx)
  const same = await findJustMade(tx, words, terms, samePressSeconds)
  if (same !== undefined) return { ok: true, planId: same }
  if ((await allPlans(tx, mostPlans)).length >= mostPlans) return { ok: false, reason: 'too_many' }
  const group = await spelledGroup(tx, terms.group)
  const planId = await insertPlan(tx, words, { ...terms, group })
  await askForSync(tx, planId, (await currentBackend()).id)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.created',
    subject: { kind: 'plan', id: planId },
    detail: {
      title: words.title,
      price: formatMoney({ minor: terms.amountMinor, currency: terms.currency }),
      interval: intervalName(terms.interval),
      trialDays: words.trialDays,
      group,
    },
  })
  return { ok: true, planId }
}

/** What the form about a plan shows; seenMark() of it goes along with the form. */
export function shownPlan({ title, description, tier, trialDays, tokenAllotment }: PlanWords) {
  return { title, description, tier, trialDays, tokenAllotment }
}

export type EditPlanResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'changed' }

/**
 * Changes a plan's words, tier, trial and allotment. Nobody who has subscribed is touched: their trial ends when it was to end. seen: the
 * form's mark; changed: somebody saved something else since. On record.
 */
export async function editPlan(
  tx: Tx,
  owner: OwnerActor,
  planId: string,
  words: PlanWords,
  seen?: string,
): Promise<EditPlanResult> {
  const before = isId(planId) ? await lockPlan(tx, planId) : undefined
  if (!before) return { ok: false, reason: 'not_found' }
  if (overwrites(seen, shownPlan(before), shownPlan(words))) return { ok: false, reason: 'changed' }
  await updateWords(tx, planId, words)
  if (before.title !== words.title) await askForSync(tx, planId, (await currentBackend()).id)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.edited',
    subject: { kind: 'plan', id: planId },
    detail: {
      title: words.title,
      tier: words.tier,
      trialDays: words.trialDays,
      trialDaysBefore: before.trialDays,
      tokenAllotment: words.tokenAllotment,
    },
  })
  return { ok: true }
}

/**
 * Disables a plan or enables it again. Disabled: nobody new can subscribe from this moment, checkouts that are open for it
 * are closed at Stripe (sweepSubscribing), and whoever has subscribed goes on at their price. On record. false: no such plan.
 */
export async function switchPlan(
  tx: Tx,
  owner: OwnerActor,
  planId: string,
  isEnabled: boolean,
): Promise<boolean> {
  const before = isId(planId) ? await lockPlan(tx, planId) : undefined
  if (!before) return false
  if (before.isEnabled === isEnabled) return true
  await setEnabled(tx, planId, isEnabled)
  const closed = isEnabled ? 0 : await closeCheckoutsOf(tx, planId)
  await askForSync(tx, planId, (await currentBackend()).id)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: isEnabled ? 'plan.enabled' : 'plan.disabled',
    subject: { kind: 'plan', id: planId },
    detail: { title: before.title, checkoutsClosed: closed },
  })
  return true
}

/** Asks Stripe again about a plan whose turn has not come yet: the owner pressed "Try again". false: no such plan. */
export async function askAgain(tx: Tx, planId: string): Promise<boolean> {
  if (!isId(planId) || !(await findPlan(tx, planId))) return false
  await askForSync(tx, planId, (await currentBackend()).id)
  return true
}
