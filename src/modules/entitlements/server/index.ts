import type { Db, Tx } from '#modules/platform/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Cause, EndReason, Entitlement } from '../types.ts'
import {
  activeEntitlementOfMember,
  entitlementsOfMember,
  entitlementsOfSources,
  findEntitlement,
  insertEntitlements,
  moveEntitlements,
  type NewEntitlement,
} from './store.ts'

export type { NewEntitlement } from './store.ts'

/** One entitlement with the member it belongs to; undefined for an id that is none. */
export async function entitlementFor(db: Db, id: string): Promise<Entitlement | undefined> {
  return isId(id) ? findEntitlement(db, id) : undefined
}

/** The member's entitlements in every state, newest first; at most `most`, older than `before`. */
export async function entitlementsOf(
  db: Db,
  memberId: string,
  most: number,
  before?: { readonly at: Date; readonly id: string },
): Promise<readonly Entitlement[]> {
  return entitlementsOfMember(db, memberId, most, before)
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
