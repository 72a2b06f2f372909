import type { MemberActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, syncSubscription, within } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  db,
  log,
  now,
  publicData,
  runtime,
  useLimit,
  type Db,
} from '#modules/platform/server/index.ts'
import { accessOf, type Access } from '../access.ts'
import type { Plan } from '../types.ts'
import { liveOfMember } from './ending.ts'
import { lookNow } from './look-now.ts'
import { historyOf, type HistoryRow } from './store.history.ts'
import { readRules } from './store.mirror.ts'
import {
  hasAnything,
  heldByMember,
  invoicesOf,
  ownCheckout,
  type HeldInvoice,
  type HeldRow,
  type OwnCheckout,
} from './store.mine.ts'
import { offeredPlans } from './store.plans.ts'

const mostHeld = 20
const mostInvoices = 48
const mostOffered = 50
/** Somebody waits for the page: after this long it shows what is known here. */
const personLimitMs = 4_000
/** A page that is opened again and again asks Stripe no more often. */
const lookLimit = { name: 'subscription_look', most: 40, windowSeconds: 60 } as const

/** What can be subscribed to right now, by group, tier and price. Remembered between changes. */
export function plansOnOffer(db: Db): Promise<readonly Plan[]> {
  return publicData('plans on offer', () => offeredPlans(db, mostOffered))
}

export interface HeldSubscriptionView extends HeldRow {
  readonly access: Access
}

/** A member's subscriptions as they stand here, without asking Stripe, with the invoices that asked for money. */
export async function membershipsOf(
  db: Db,
  memberId: string,
): Promise<{
  readonly subscriptions: readonly HeldSubscriptionView[]
  readonly invoices: readonly HeldInvoice[]
}> {
  const backend = await currentBackend()
  const [rows, rules, at] = await Promise.all([
    heldByMember(db, backend.id, memberId, mostHeld),
    readRules(db),
    now(db),
  ])
  const invoices = await invoicesOf(
    db,
    rows.map(({ id }) => id),
    mostInvoices,
  )
  return {
    subscriptions: rows.map((row) => ({ ...row, access: accessOf(row, rules, at) })),
    invoices,
  }
}

/** What happened to a member's subscriptions and what caused it, newest first, at most 100 lines; for the owner. */
export async function membershipHistory(
  db: Db,
  subscriptionIds: readonly string[],
): Promise<readonly HistoryRow[]> {
  return historyOf(db, subscriptionIds, 100)
}

/** Whether a member's account has anything to say about memberships. */
export async function hasMembership(db: Db, memberId: string): Promise<boolean> {
  return hasAnything(db, (await currentBackend()).id, memberId)
}

/**
 * A member's own attempt to subscribe as it stands, after a look at Stripe when it is open: the same look that events lead
 * to. Stripe away or slow: what is known. undefined for one that is not theirs, or none.
 */
export async function lookAtSubscribing(
  member: MemberActor,
  checkoutId: string,
): Promise<OwnCheckout | undefined> {
  const known = isId(checkoutId) ? await ownCheckout(db(), member.memberId, checkoutId) : undefined
  const { stripeSessionId } = known ?? {}
  if (known?.state !== 'open' || stripeSessionId === undefined) return known
  if (!(await useLimit(lookLimit, member.memberId)).ok) return known
  try {
    await within(personLimitMs, lookUp(stripeSessionId))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ checkout: checkoutId, fault: error.fault }, 'return page could not ask Stripe')
  }
  return ownCheckout(db(), member.memberId, checkoutId)
}

async function lookUp(stripeSessionId: string): Promise<void> {
  const { gateway } = await currentBackend()
  const session = await gateway.readSession(stripeSessionId, 'person')
  if (session.stripeSubscriptionId !== undefined)
    await syncSubscription(session.stripeSubscriptionId, { cause: 'return page', lane: 'person' })
}

export type CardPageResult =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: 'not_found' | 'not_possible' | 'unreachable' }

/** Leads a member to Stripe's page where the card of their subscription is changed, and nothing else. */
export async function cardPageOf(
  member: MemberActor,
  subscriptionId: string,
): Promise<CardPageResult> {
  const { gateway } = await currentBackend()
  const held = await liveOfMember(member, subscriptionId)
  if (!held.ok) return held
  const { one } = held
  try {
    const { url } = await within(
      personLimitMs * 2,
      gateway.openCardPage(
        {
          stripeCustomerId: one.stripeCustomerId,
          returnUrl: `${runtime().settings.origin}/dashboard/membership/card`,
        },
        'person',
      ),
    )
    return { ok: true, url }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ subscription: one.id, fault: error.fault }, 'the page for cards was not opened')
    return { ok: false, reason: error.fault === 'refused' ? 'not_possible' : 'unreachable' }
  }
}

/** Brings a member's live subscriptions to what Stripe says now: they may have changed their card just now. */
export async function lookAtMine(member: MemberActor): Promise<void> {
  const backend = await currentBackend()
  const held = await heldByMember(db(), backend.id, member.memberId, mostHeld)
  for (const one of held.filter(({ isLive: lives }) => lives)) {
    if (!(await useLimit(lookLimit, member.memberId)).ok) return
    try {
      await lookNow(one.stripeSubscriptionId, 'card changed')
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ subscription: one.id, fault: error.fault }, 'Stripe could not be asked')
    }
  }
}
