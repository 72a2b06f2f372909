import { customerFor } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import {
  currentBackend,
  differencesPage,
  type DifferenceRow,
  type ToldBrief,
} from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Compared } from '../beside-stripe.ts'
import { eventOf, openOrShut } from './mirror.ts'
import { settleTokens } from './token-lots.ts'
import {
  countLive,
  hereByStripeId,
  memberOfEmail,
  setHolder,
  stripeIdOf,
  unheldRows,
  type HereRow,
} from './store.beside-stripe.ts'
import { insertEvents, lockMirrored, otherLive } from './store.mirror.ts'

const aPage = 25

/** One that differs: as it stands here now, and as Stripe told it when they were compared. */
export interface DifferingSubscription extends Omit<DifferenceRow, 'told'> {
  /** undefined: the shop has never heard of it. */
  readonly here: HereRow | undefined
  /** undefined: Stripe does not list it any more. */
  readonly there: Compared | undefined
}

/** What differs from Stripe, newest first, 25 a page. No call to Stripe. */
export async function differingPage(db: Db, turn: Turn): Promise<ListPage<DifferingSubscription>> {
  const [page, backend] = await Promise.all([differencesPage(db, turn), currentBackend()])
  const ids = page.rows.map(({ stripeSubscriptionId }) => stripeSubscriptionId)
  const here = await hereByStripeId(db, backend.id, ids)
  return {
    ...page,
    rows: page.rows.map(({ told, ...row }) => ({
      ...row,
      here: here.get(row.stripeSubscriptionId),
      there: told && fromBrief(told),
    })),
  }
}

function fromBrief(told: ToldBrief): Compared {
  const moment = (text: string | null | undefined) => (text ? new Date(text) : undefined)
  return {
    ...told,
    periodEndsAt: moment(told.periodEndsAt),
    trialEndsAt: moment(told.trialEndsAt),
    cancelsAt: moment(told.cancelsAt),
    endedAt: moment(told.endedAt),
    discount: told.discount ?? undefined,
  }
}

/** Live ones that nobody here is known to hold, newest first, 25 a page. */
export async function unheldPage(db: Db, turn: Turn): Promise<ListPage<HereRow>> {
  const { id } = await currentBackend()
  return readPage(turn, aPage, (reach) => unheldRows(db, id, reach))
}

/** How many are live here, and of how many of them nobody is known to be the holder. */
export async function liveCounts(
  db: Db,
): Promise<{ readonly live: number; readonly unheld: number }> {
  return countLive(db, (await currentBackend()).id)
}

export type AssignResult =
  | { readonly ok: true; readonly customerId: string }
  | {
      readonly ok: false
      /** has_one: they subscribe to a plan of that group already. */
      readonly reason: 'not_found' | 'held_already' | 'no_member' | 'has_one'
    }

/**
 * Says whose a subscription is that nobody here is known to hold: what it is to opens to them at once, and whatever is made for the same
 * customer at Stripe later on is theirs, too. Only a member is named: their address is proven. email: canonical. On record.
 */
export async function assignSubscription(
  tx: Tx,
  owner: OwnerActor,
  subscriptionId: string,
  email: string,
): Promise<AssignResult> {
  const { id: backendId } = await currentBackend()
  const stripeId = isId(subscriptionId)
    ? await stripeIdOf(tx, backendId, subscriptionId)
    : undefined
  // First the subscription, then its holder: in the order in which the mirror locks them.
  const known = stripeId === undefined ? undefined : await lockMirrored(tx, backendId, stripeId)
  if (!known) return { ok: false, reason: 'not_found' }
  if (known.customerId !== undefined) return { ok: false, reason: 'held_already' }
  const memberId = await memberOfEmail(tx, email)
  if (memberId === undefined) return { ok: false, reason: 'no_member' }
  const customerId = await customerFor(tx, { memberId, email })
  const { group, stripeSubscriptionId } = known
  const holder = { memberId, customerId, group, stripeSubscriptionId }
  if (await otherLive(tx, backendId, holder)) return { ok: false, reason: 'has_one' }
  await setHolder(tx, { id: known.id, memberId, customerId })
  const cause = 'named by the owner'
  const one = { ...known, memberId, customerId }
  await insertEvents(tx, [eventOf(one, 'assigned', cause)])
  await openOrShut(tx, one, cause)
  await settleTokens(tx, known.id)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'subscription.assigned',
    subject: { kind: 'subscription', id: known.id },
    detail: { customer: customerId },
  })
  return { ok: true, customerId }
}
