import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, db, inTransaction, log } from '#modules/platform/server/index.ts'
import { isLive } from '../access.ts'
import { lookNow, personLimitMs } from './look-now.ts'
import { findHeld, type HeldSubscription } from './store.ending.ts'

export type EndingResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'not_possible' | 'unreachable' }

/**
 * Plans the end of a member's own subscription for when the paid period, or the trial, ends. Stripe is asked first and the mirror then looks
 * there, so that nothing here says what is not so: whoever dies in between is made up for by the event (C16), and there is no
 * mark here that Stripe has not heard of (C17). Asked twice it is planned once. comment: why, in the member's words.
 */
export async function cancelMine(
  member: MemberActor,
  subscriptionId: string,
  comment: string,
): Promise<EndingResult> {
  return ofMine(member, subscriptionId, async (one) => {
    if (one.cancelsAt !== undefined) return
    const { gateway } = await currentBackend()
    await gateway.cancelAtPeriodEnd(
      one.stripeSubscriptionId,
      { comment: comment.trim().slice(0, 500) || undefined },
      'person',
    )
  })
}

/** Takes a planned end back, however it was planned, as long as it has not come. */
export async function resumeMine(
  member: MemberActor,
  subscriptionId: string,
): Promise<EndingResult> {
  return ofMine(member, subscriptionId, async (one) => {
    if (one.cancelsBy === undefined) return
    const { gateway } = await currentBackend()
    await gateway.takeCancelBack(one.stripeSubscriptionId, one.cancelsBy, 'person')
  })
}

/** Ends a subscription at once, by the owner's hand; nothing is given back by it. On record. */
export async function endNow(owner: OwnerActor, subscriptionId: string): Promise<EndingResult> {
  const { gateway } = await currentBackend()
  const one = await heldSubscription(subscriptionId)
  if (!one) return { ok: false, reason: 'not_found' }
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'subscription.ended',
      subject: { kind: 'subscription', id: one.id },
      detail: { status: one.status },
    }),
  )
  return asked(
    one,
    async () => {
      await gateway.cancelNow(one.stripeSubscriptionId, 'person')
    },
    'ended by the owner',
  )
}

async function ofMine(
  member: MemberActor,
  subscriptionId: string,
  ask: (one: HeldSubscription) => Promise<void>,
): Promise<EndingResult> {
  const held = await liveOfMember(member, subscriptionId)
  return held.ok ? asked(held.one, () => ask(held.one)) : held
}

/** A member's own subscription that has not ended; not_found also for somebody else's. */
export async function liveOfMember(
  member: MemberActor,
  subscriptionId: string,
): Promise<
  | { readonly ok: true; readonly one: HeldSubscription }
  | { readonly ok: false; readonly reason: 'not_found' | 'not_possible' }
> {
  const one = await heldSubscription(subscriptionId)
  if (one?.memberId !== member.memberId) return { ok: false, reason: 'not_found' }
  return isLive(one.status) ? { ok: true, one } : { ok: false, reason: 'not_possible' }
}

export async function heldSubscription(
  subscriptionId: string,
): Promise<HeldSubscription | undefined> {
  if (!isId(subscriptionId)) return undefined
  return findHeld(db('money'), (await currentBackend()).id, subscriptionId)
}

/** Asks Stripe, then brings the mirror to what Stripe says now. cause: for the record. */
export async function asked(
  one: HeldSubscription,
  ask: () => Promise<void>,
  cause = 'asked for by the member',
): Promise<EndingResult> {
  try {
    await within(personLimitMs, ask())
    await lookNow(one.stripeSubscriptionId, cause)
    return { ok: true }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ subscription: one.id, fault: error.fault }, 'Stripe could not be asked')
    return { ok: false, reason: error.fault === 'refused' ? 'not_possible' : 'unreachable' }
  }
}
