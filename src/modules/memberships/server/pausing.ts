import type { OwnerActor } from '#modules/accounts/types.ts'
import { currentBackend } from '#modules/payments/server/index.ts'
import { audit, db, inTransaction } from '#modules/platform/server/index.ts'
import { asked, heldSubscription, type EndingResult } from './ending.ts'
import { hasUnpaidPeriod } from './store.pausing.ts'

/**
 * Pauses a subscription by the owner's hand: no money is asked for until it goes on; whether it opens anything meanwhile is one of the
 * shop's rules. Paused twice it is paused once. On record.
 */
export async function pauseNow(owner: OwnerActor, subscriptionId: string): Promise<EndingResult> {
  const { gateway } = await currentBackend()
  const one = await heldSubscription(subscriptionId)
  if (!one) return { ok: false, reason: 'not_found' }
  if (one.status !== 'active' && one.status !== 'trialing')
    return { ok: false, reason: 'not_possible' }
  await noted(owner, 'subscription.paused', one.id)
  return asked(
    one,
    async () => {
      await gateway.pauseCollection(one.stripeSubscriptionId, 'person')
    },
    'paused by the owner',
  )
}

/**
 * Lets it go on. What was paid before the pause is used up first; if that is over, a period begins today and is charged today. On
 * record.
 */
export async function goOn(owner: OwnerActor, subscriptionId: string): Promise<EndingResult> {
  const { gateway } = await currentBackend()
  const one = await heldSubscription(subscriptionId)
  if (!one) return { ok: false, reason: 'not_found' }
  if (!one.isPaused) return { ok: true }
  const startsToday = await startsTodayAgain(one.id)
  await noted(owner, 'subscription.resumed', one.id)
  return asked(
    one,
    async () => {
      await gateway.resumeCollection(one.stripeSubscriptionId, startsToday, 'person')
    },
    'resumed by the owner',
  )
}

/** Whether a paused subscription would be charged on the day it goes on. */
export async function startsTodayAgain(subscriptionId: string): Promise<boolean> {
  return hasUnpaidPeriod(db('money'), subscriptionId)
}

async function noted(owner: OwnerActor, action: string, id: string): Promise<void> {
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action,
      subject: { kind: 'subscription', id },
    }),
  )
}
