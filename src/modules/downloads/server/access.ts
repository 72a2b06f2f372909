import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { accessRows, type AccessRow } from './store.delivery.ts'

/** What was fetched under an entitlement, newest first, at most 200: what a dispute is answered with. */
export async function accessOf(db: Db, entitlementId: string): Promise<readonly AccessRow[]> {
  return isId(entitlementId) ? accessRows(db, entitlementId, 200) : []
}
