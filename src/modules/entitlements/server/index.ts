import type { Db, Tx } from '#modules/platform/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import type {
  Cause,
  EndReason,
  Entitlement,
  EntitlementEvent,
  EntitlementState,
  MoneyStanding,
} from '../types.ts'
import {
  activeEntitlementOfMember,
  entitlementsOfSources,
  entitlementsTo,
  endSubscriptionRights,
  eventsOf,
  findEntitlement,
  insertEntitlements,
  moveEntitlements,
  moveSource,
  setGivenRight,
  setSubscriptionRight,
  shelfOfMember,
  sourcesOpening,
  subjectsOpenElsewhere,
  type NewEntitlement,
} from './store.ts'

export type { NewEntitlement } from './store.ts'
export {
  memberMayUseAny as mayUseAny,
  memberMayUseAnyBeside as mayUseAnyBeside,
} from './store.gates.ts'

/** One entitlement with the member it belongs to; undefined for an id that is none. */
export async function entitlementFor(db: Db, id: string): Promise<Entitlement | undefined> {
  return isId(id) ? findEntitlement(db, id) : undefined
}

/**
 * What stands on a member's shelf: one entitlement for each thing of that benefit, in every state, newest first, 24 a page.
 * Of several to the same thing (bought twice) it is the one that opens it.
 */
export async function shelfOf(
  db: Db,
  memberId: string,
  benefit: string,
  turn: Turn,
): Promise<ListPage<Entitlement>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 24, (reach) => shelfOfMember(db, memberId, benefit, reach))
}

/** What happened to these entitlements, oldest first, at most 500 lines. */
export async function entitlementEvents(
  db: Db,
  entitlementIds: readonly string[],
): Promise<readonly EntitlementEvent[]> {
  return eventsOf(db, entitlementIds, 500)
}

/** What came from these order lines, oldest first. */
export async function entitlementsOfLines(
  db: Db,
  orderLineIds: readonly string[],
): Promise<readonly Entitlement[]> {
  return entitlementsOfSources(db, 'order_line', orderLineIds)
}

/** Whether a member may use anything of this benefit right now: has any plan, for example. */
export async function hasBenefit(db: Db, memberId: string, benefit: string): Promise<boolean> {
  return (await activeEntitlementOfMember(db, memberId, benefit)) !== undefined
}

/**
 * Which of these things the customer (or the member behind them) may use from another source than these order lines: what
 * stays open when the lines close.
 */
export async function productIdsOpenElsewhere(
  db: Db,
  ask: {
    readonly customerId: string
    readonly benefit: string
    readonly subjectIds: readonly string[]
    readonly exceptLineIds: readonly string[]
  },
): Promise<ReadonlySet<string>> {
  return new Set(await subjectsOpenElsewhere(db, ask))
}

/**
 * Moves what these order lines gave to another customer: each right goes on in the state it had, the former one ends with the
 * reason `reassigned`. Returns how many moved. Moved back later, it is the first customer's again.
 */
export async function moveToCustomer(
  tx: Tx,
  orderLineIds: readonly string[],
  customerId: string,
  cause: Cause,
): Promise<number> {
  return moveSource(tx, { kind: 'order_line', ids: orderLineIds }, customerId, cause)
}

/** Ends what a source that is not money gave: a comp taken back. Returns what ended. */
export async function endSource(
  tx: Tx,
  source: { readonly kind: 'comp'; readonly id: string },
  cause: Cause,
): Promise<readonly Entitlement[]> {
  const ended = await moveEntitlements(
    tx,
    { kind: source.kind, ids: [source.id] },
    [{ state: 'pending' }, { state: 'active' }, { state: 'suspended' }],
    { state: 'revoked', reason: 'ended' },
    cause,
  )
  const given = await entitlementsOfSources(tx, source.kind, [source.id])
  return given.filter((right) => ended.includes(right.id))
}

/** Every right that one of these customers has or had to a thing, newest first, at most 100. */
export async function rightsTo(
  db: Db,
  customerIds: readonly string[],
  benefit: string,
  subjectId: string,
): Promise<readonly Entitlement[]> {
  return isId(subjectId) ? entitlementsTo(db, customerIds, benefit, subjectId, 100) : []
}

/** What opens these things to whoever is one of these customers right now, oldest first, at most 500. */
export async function openRights(
  db: Db,
  customerIds: readonly string[],
  benefit: string,
  subjectIds: readonly string[],
): Promise<readonly Entitlement[]> {
  return sourcesOpening(db, customerIds, benefit, subjectIds.filter(isId), 500)
}

/** Whether the member has any active entitlement to it. */
export async function mayUse(
  db: Db,
  memberId: string,
  benefit: string,
  subjectId: string,
): Promise<boolean> {
  return (await activeEntitlementOfMember(db, memberId, benefit, subjectId)) !== undefined
}

/** Gives the benefits; what the same source already gave stays as it is, whatever its state. Safe when called again. */
export async function grant(
  tx: Tx,
  grants: readonly NewEntitlement[],
  cause: Cause,
): Promise<void> {
  await insertEntitlements(tx, grants, cause)
}

/** What is done with an entitlement while the money behind it stands so. */
const outcomes = {
  kept: { state: 'active', reason: null },
  disputed: { state: 'suspended', reason: 'disputed' },
  dispute_lost: { state: 'revoked', reason: 'dispute_lost' },
  refunded: { state: 'revoked', reason: 'refunded' },
} as const satisfies Record<MoneyStanding, { state: EntitlementState; reason: EndReason | null }>

/**
 * Opens, freezes or ends what these order lines gave, as their money stands now: it makes no difference what it was before,
 * or which of several disputes and refunds came or went first. What ended for a reason that is not money's stays ended.
 * Returns how many changed.
 */
export async function followMoney(
  tx: Tx,
  orderLineIds: readonly string[],
  standing: MoneyStanding,
  cause: Cause,
): Promise<number> {
  const to = outcomes[standing]
  const ofMoney = [outcomes.disputed, outcomes.dispute_lost, outcomes.refunded]
  const opens = [{ state: 'pending' }, { state: 'active' }] as const
  const moved = await moveEntitlements(
    tx,
    { kind: 'order_line', ids: orderLineIds },
    [
      ...ofMoney.filter((other) => other.reason !== to.reason),
      ...(standing === 'kept' ? [] : opens),
    ],
    to,
    cause,
  )
  return moved.length
}

/** Whether what a subscription is to is open: until when, if an end is known; or why it is shut. */
export type SubscriptionStanding =
  | { readonly isOpen: true; readonly until: Date | undefined }
  | {
      readonly isOpen: false
      readonly reason: 'ended' | 'unpaid' | 'paused' | 'disputed' | 'dispute_lost' | 'refunded'
    }

/** In which state what a subscription opened is while it is shut. */
const shutStates = {
  ended: 'expired',
  unpaid: 'suspended',
  paused: 'suspended',
  disputed: 'suspended',
  dispute_lost: 'revoked',
  refunded: 'revoked',
} as const satisfies Record<string, EntitlementState>

/**
 * Opens or shuts the one thing a subscription is to, as it stands now; what it was to before ends. What opens until a moment shuts
 * at that moment without anybody's doing, and what was shut opens again under the same right.
 */
export async function followSubscription(
  tx: Tx,
  of: {
    readonly subscriptionId: string
    readonly customerId: string
    readonly benefit: string
    readonly subjectId: string
  },
  standing: SubscriptionStanding,
  cause: Cause,
): Promise<void> {
  await setSubscriptionRight(
    tx,
    {
      ...of,
      ...(standing.isOpen
        ? { state: 'active', reason: null, endsAt: standing.until ?? null }
        : {
            state: shutStates[standing.reason],
            reason: standing.reason,
            endsAt: null,
          }),
    },
    cause,
  )
}

/** Whether something given is open, from when (also ahead) until when; waits: it will be, nobody knows when. */
export type GivenStanding =
  | { readonly is: 'open'; readonly from: Date; readonly until: Date | undefined }
  | { readonly is: 'waiting'; readonly since: Date }
  | { readonly is: 'over'; readonly from: Date; readonly until: Date | undefined }
  | { readonly is: 'taken_back'; readonly from: Date; readonly until: Date | undefined }

/** Opens, holds back or ends what was given, as it stands now. It begins and ends at its moments without anybody's doing. */
export async function followGiven(
  tx: Tx,
  of: NewEntitlement,
  standing: GivenStanding,
  cause: Cause,
): Promise<void> {
  const state = {
    open: 'active',
    waiting: 'pending',
    over: 'expired',
    taken_back: 'revoked',
  } as const
  const hasEnded = standing.is === 'over' || standing.is === 'taken_back'
  await setGivenRight(
    tx,
    {
      ...of,
      state: state[standing.is],
      reason: hasEnded ? 'ended' : null,
      startsAt: standing.is === 'waiting' ? standing.since : standing.from,
      endsAt: (standing.is === 'waiting' ? undefined : standing.until) ?? null,
    },
    cause,
  )
}

/** Ends whatever a subscription gave: it turned out to be to nothing, or nobody's. */
export async function endSubscription(tx: Tx, subscriptionId: string, cause: Cause): Promise<void> {
  await endSubscriptionRights(tx, subscriptionId, cause)
}
