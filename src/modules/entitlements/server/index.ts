import type { Db, Tx } from '#modules/platform/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import type { Cause, EndReason, Entitlement, EntitlementEvent } from '../types.ts'
import {
  activeEntitlementOfMember,
  entitlementsOfSources,
  eventsOf,
  findEntitlement,
  insertEntitlements,
  moveEntitlements,
  shelfOfMember,
  type NewEntitlement,
} from './store.ts'

export type { NewEntitlement } from './store.ts'

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

/** Ends what these order lines gave, for ever, unless it was ended before. Returns how many ended. */
export async function revokeLines(
  tx: Tx,
  orderLineIds: readonly string[],
  reason: EndReason,
  cause: Cause,
): Promise<number> {
  const ended = await moveEntitlements(
    tx,
    { kind: 'order_line', ids: orderLineIds },
    [{ state: 'pending' }, { state: 'active' }, { state: 'suspended' }],
    { state: 'revoked', reason },
    cause,
  )
  return ended.length
}

/** Freezes what these order lines gave while a dispute is open. Returns how many were frozen. */
export async function suspendLines(
  tx: Tx,
  orderLineIds: readonly string[],
  cause: Cause,
): Promise<number> {
  const frozen = await moveEntitlements(
    tx,
    { kind: 'order_line', ids: orderLineIds },
    [{ state: 'pending' }, { state: 'active' }],
    { state: 'suspended', reason: 'disputed' },
    cause,
  )
  return frozen.length
}

/** Opens again what a dispute had frozen, or what a refund that failed later had ended. Returns how many opened. */
export async function restoreLines(
  tx: Tx,
  orderLineIds: readonly string[],
  after: 'disputed' | 'refunded',
  cause: Cause,
): Promise<number> {
  const opened = await moveEntitlements(
    tx,
    { kind: 'order_line', ids: orderLineIds },
    [
      after === 'disputed'
        ? { state: 'suspended', reason: 'disputed' }
        : { state: 'revoked', reason: 'refunded' },
    ],
    { state: 'active', reason: null },
    cause,
  )
  return opened.length
}
