import type { FreshProof } from '#modules/accounts/server/index.ts'
import { removeMember } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { endGivenOf, liveSubscriptionsOf } from '#modules/memberships/server/index.ts'
import { audit, db, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Hindrance, Leaving } from '../types.ts'
import { accountDeletedMail, accountDeletedTemplate } from './mails/account-deleted.ts'
import { personOf } from './person.ts'
import { erasedDomain } from './store.personal-tables.ts'
import { countOrders, erase, forgetAddressesOf, hindranceIn, holdMember } from './store.ts'

/** What leaving would do, told before it is done. */
export async function lookAtLeaving(via: Db, actor: MemberActor): Promise<Leaving> {
  const person = await personOf(via, actor)
  const [hindrance, orders, subscriptions] = await Promise.all([
    actor.kind === 'owner' ? ('owner' as const) : hindranceIn(via, person),
    countOrders(via, person),
    liveSubscriptionsOf(via, actor.memberId),
  ])
  return { hindrance, orders, subscriptions }
}

export type LeaveResult =
  | {
      readonly ok: true
      /** Of the picture, for discardBytes() after the commit. */
      readonly bytes: readonly string[]
    }
  | { readonly ok: false; readonly reason: Hindrance | 'subscribed' | 'gone' }

/**
 * Deletes an account and takes the person out of everything that stays. The caller has ended the subscriptions (endEverythingOf);
 * subscribed: another one has begun meanwhile. gone: it was done already. Orders keep number, amounts, tax and country. Nothing of it can be taken back.
 */
export async function leave(tx: Tx, { actor }: FreshProof<'leave'>): Promise<LeaveResult> {
  if (actor.kind === 'owner') return { ok: false, reason: 'owner' }
  // Held: a purchase or a subscription that is just being booked comes before it, or finds nobody.
  if (!(await holdMember(tx, actor.memberId))) return { ok: false, reason: 'gone' }
  if ((await liveSubscriptionsOf(tx, actor.memberId)).length > 0)
    return { ok: false, reason: 'subscribed' }
  const person = await personOf(tx, actor)
  const hindrance = await hindranceIn(tx, person)
  if (hindrance) return { ok: false, reason: hindrance }
  const orders = await countOrders(tx, person)
  const site = await siteIdentity(tx)
  await endGivenOf(tx, actor.memberId)
  await erase(tx, person)
  const bytes = await removeMember(tx, actor.memberId)
  await audit(tx, {
    actor: { kind: 'member', memberId: actor.memberId },
    action: 'member.deleted',
    subject: { kind: 'member', id: actor.memberId },
    detail: { orders },
  })
  await queueMail(
    tx,
    accountDeletedMail({ memberId: actor.memberId, to: actor.email, site, orders }),
  )
  return { ok: true, bytes }
}

/** Takes the address out of the last mail to somebody who left, once it is sent. */
export async function forgetLastMails(): Promise<number> {
  return forgetAddressesOf(db(), accountDeletedTemplate, `former@${erasedDomain}`)
}
