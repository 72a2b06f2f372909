import type { OwnerActor } from '#modules/accounts/types.ts'
import { currentBackend } from '#modules/payments/server/index.ts'
import {
  audit,
  db,
  inTransaction,
  now,
  overwrites,
  queueMail,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { accessOf, type AccessRules } from '../access.ts'
import { graceEndingMail, graceOverMail } from './mails/to-holder.ts'
import { eventOf, openOrShut } from './mirror.ts'
import {
  lockRules,
  owingToTell,
  ruledSubscriptions,
  storeRules,
  wasTold,
  type Owing,
} from './store.grace.ts'
import { emailOf, insertEvents, lockMirrored, readRules } from './store.mirror.ts'
import { findPlan } from './store.plans.ts'

const mostASweep = 100
/** So many days of grace are the most there can be. */
export const mostGraceDays = 60

/**
 * Reminds whoever owes a payment a day before the grace ends, and tells when it has ended; what was open is shut by then already, by the
 * time alone. Each once for one debt, on record. Several processes may sweep at once. Returns how many were told.
 */
export async function sweepGrace(): Promise<number> {
  const backend = await currentBackend()
  const { graceDays } = await readRules(db())
  const owing = await owingToTell(db(), backend.id, graceDays, mostASweep)
  for (const one of owing) await inTransaction((tx) => tell(tx, backend.id, one))
  return owing.length
}

async function tell(tx: Tx, backendId: number, { stripeSubscriptionId }: Owing): Promise<void> {
  const one = await lockMirrored(tx, backendId, stripeSubscriptionId)
  // Meanwhile it may have been paid, or have ended.
  if (one?.status !== 'past_due' || one.pastDueSince === undefined) return
  const { isOpen, until } = accessOf(one, await readRules(tx), await now(tx))
  const what = isOpen ? 'grace_ending' : 'grace_over'
  if (await wasTold(tx, one.id, what, one.pastDueSince)) return
  await insertEvents(tx, [eventOf(one, what, 'the time of grace')])
  if (!isOpen) await openOrShut(tx, one, 'the grace is over')
  const email = one.memberId === undefined ? undefined : await emailOf(tx, one.memberId)
  if (email === undefined) return
  const site = await siteIdentity(tx)
  const plan = one.planId === undefined ? undefined : await findPlan(tx, one.planId)
  const holder = {
    to: email,
    dates: { zone: site.timeZone, locale: site.locale },
    subscription: { ...one, title: plan?.title ?? 'your subscription' },
  }
  const key = `${one.id}:${one.pastDueSince.toISOString()}`
  await queueMail(
    tx,
    isOpen && until ? graceEndingMail(holder, key, until) : graceOverMail(holder, key),
  )
}

/** How long a payment that failed shuts nobody out, and whether a pause does. */
export async function membershipRules(db: Db): Promise<AccessRules> {
  return readRules(db)
}

/**
 * Sets them, from this moment on also for whoever owes a payment or is paused right now. On record. seen: the form's mark; changed:
 * somebody saved something else since.
 */
export async function setMembershipRules(
  tx: Tx,
  owner: OwnerActor,
  rules: AccessRules,
  seen?: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'changed' }> {
  const before = await lockRules(tx)
  if (overwrites(seen, { ...before }, { ...rules })) return { ok: false, reason: 'changed' }
  await storeRules(tx, rules)
  for (const { backendId, id } of await ruledSubscriptions(tx)) {
    const one = await lockMirrored(tx, backendId, id)
    if (one) await openOrShut(tx, one, 'rules changed by the owner')
  }
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'membership.rules',
    subject: { kind: 'shop', id: 'memberships' },
    detail: { ...rules, graceDaysBefore: before.graceDays },
  })
  return { ok: true }
}
