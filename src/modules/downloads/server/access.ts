import { entitlementsOfLines } from '#modules/entitlements/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import type { Db } from '#modules/platform/server/index.ts'
import {
  accessEntries,
  entitlementsOfCustomers,
  findHolding,
  type AccessEntry,
  type Holding,
  type LogScope,
} from './store.access-log.ts'
import { accessRows, type AccessRow } from './store.delivery.ts'
import { firstCompleted } from './store.windows.ts'

export type { AccessEntry, Holding } from './store.access-log.ts'

/** What was fetched under an entitlement, newest first, at most 200: what a dispute is answered with. */
export async function accessOf(db: Db, entitlementId: string): Promise<readonly AccessRow[]> {
  return isId(entitlementId) ? accessRows(db, entitlementId, 200) : []
}

const aPage = 50

async function pageOf(db: Db, scope: LogScope, turn: Turn): Promise<ListPage<AccessEntry>> {
  const isRow = /^\d{1,18}$/.test(turn.older ?? turn.newer ?? '')
  return readPage(isRow ? turn : {}, aPage, (reach) => accessEntries(db, scope, reach))
}

/** Every request for a file, newest first, 50 a page. */
export async function accessLog(db: Db, turn: Turn): Promise<ListPage<AccessEntry>> {
  return pageOf(db, { kind: 'all' }, turn)
}

/** Requests for the files of one product, newest first, 50 a page; what was removed meanwhile included. */
export async function accessLogOfProduct(
  db: Db,
  productId: string,
  turn: Turn,
): Promise<ListPage<AccessEntry>> {
  return pageOf(db, { kind: 'product', productId }, turn)
}

/** Requests for what came from these order lines, newest first, 50 a page: evidence for disputes and withdrawals. */
export async function accessLogOfLines(
  db: Db,
  orderLineIds: readonly string[],
  turn: Turn,
): Promise<ListPage<AccessEntry>> {
  const entitlements = await entitlementsOfLines(db, orderLineIds.filter(isId))
  return pageOf(db, { kind: 'entitlements', ids: entitlements.map((one) => one.id) }, turn)
}

/** Requests of these customers (one person may be several), newest first, 50 a page. */
export async function accessLogOfCustomers(
  db: Db,
  customerIds: readonly string[],
  turn: Turn,
): Promise<ListPage<AccessEntry>> {
  const ids = await entitlementsOfCustomers(db, customerIds.filter(isId))
  return pageOf(db, { kind: 'entitlements', ids }, turn)
}

/** Requests under one entitlement, newest first, 50 a page. */
export async function accessLogOfEntitlement(
  db: Db,
  entitlementId: string,
  turn: Turn,
): Promise<ListPage<AccessEntry>> {
  return pageOf(db, { kind: 'entitlements', ids: [entitlementId].filter(isId) }, turn)
}

/** Who holds an entitlement to a download, and what may be fetched under it; undefined when there is none. */
export async function holding(db: Db, entitlementId: string): Promise<Holding | undefined> {
  return isId(entitlementId) ? findHolding(db, entitlementId) : undefined
}

/**
 * When, of what these order lines gave, a file was first fetched whole, and which: undefined when none ever was. Whole means
 * that every byte has left the shop within one download (download-window.ts).
 */
export async function firstCompletedDownload(
  db: Db,
  orderLineIds: readonly string[],
): Promise<
  | {
      readonly at: Date
      readonly itemTitle: string
      readonly versionLabel: string
      readonly entitlementId: string
    }
  | undefined
> {
  const entitlements = await entitlementsOfLines(db, orderLineIds.filter(isId))
  return firstCompleted(
    db,
    entitlements.map((one) => one.id),
  )
}
