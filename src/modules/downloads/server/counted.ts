import { isId } from '#modules/platform/ids.ts'
import { audit, now, type Db, type Tx } from '#modules/platform/server/index.ts'
import { acting } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { covering, downloadsLeft, isOver, isWhole, type Span } from '../download-window.ts'
import { isDownload } from './contents.ts'
import {
  closeWindow,
  downloadCounts,
  fetchedVersions,
  findLimit,
  findOpenWindow,
  findWindow,
  insertWindow,
  lockEntitlement,
  raiseAllowance,
  writeLimit,
  writeWindow,
} from './store.windows.ts'

/**
 * The window that a request for a file belongs to: the open one, else a new one, as long as the entitlement has downloads of
 * this version left. undefined when it has none (the limit is reached).
 */
export async function enterWindow(
  tx: Tx,
  of: { readonly entitlementId: string; readonly versionId: string; readonly byteSize: number },
): Promise<string | undefined> {
  await lockEntitlement(tx, of.entitlementId)
  const open = await findOpenWindow(tx, of.entitlementId, of.versionId)
  if (open && !isOver(open, of.byteSize, await now(tx))) return open.id
  if (open) await closeWindow(tx, open.id)
  if ((await leftOf(tx, of)) === 0) return undefined
  return insertWindow(tx, of.entitlementId, of.versionId)
}

/**
 * Puts on record what a request really sent. The download is complete when that was the last byte missing; one that would be
 * the first beyond the limit (begun in time, overtaken by another) is not.
 */
export async function recordDelivery(
  tx: Tx,
  windowId: string,
  sent: Span,
  byteSize: number,
): Promise<void> {
  const found = await findWindow(tx, windowId)
  if (!found) return // the version is gone with its product
  await lockEntitlement(tx, found.entitlementId)
  const window = (await findWindow(tx, windowId)) ?? found
  const covered = covering(window.covered, sent)
  const completes =
    !window.isComplete && isWhole(covered, byteSize) && (await leftOf(tx, window)) !== 0
  await writeWindow(tx, windowId, { covered, bytes: sent[1] - sent[0], completes })
}

async function leftOf(
  db: Db,
  of: { readonly entitlementId: string; readonly versionId: string },
): Promise<number | undefined> {
  const counts = await downloadCounts(db, of.entitlementId, [of.versionId])
  const count = counts.get(of.versionId)
  return count && downloadsLeft(count)
}

/** Downloads left of each of these versions, of those that are limited. */
export async function downloadsLeftOf(
  db: Db,
  entitlementId: string,
  versionIds: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const counts = await downloadCounts(db, entitlementId, versionIds)
  return Object.fromEntries(
    [...counts].flatMap(([id, count]) => {
      const left = downloadsLeft(count)
      return left === undefined ? [] : [[id, left]]
    }),
  )
}

/** The ids of versions that the holder of this entitlement has fetched whole. */
export async function versionsFetched(db: Db, entitlementId: string): Promise<ReadonlySet<string>> {
  return fetchedVersions(db, entitlementId)
}

/** How often each version of a product's files may be fetched; undefined = as often as buyers like. */
export async function downloadLimit(db: Db, productId: string): Promise<number | undefined> {
  return isId(productId) ? findLimit(db, productId) : undefined
}

/**
 * Sets or lifts (undefined) the limit of completed downloads, 1 to 1000 for each version and purchase; for everybody who bought
 * it, at once. On record. not_found when it is no download.
 */
export async function limitDownloads(
  tx: Tx,
  by: Keeper,
  productId: string,
  most: number | undefined,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'not_found' }> {
  if (!(await isDownload(tx, productId))) return { ok: false, reason: 'not_found' }
  const before = await findLimit(tx, productId)
  if (before === most) return { ok: true }
  await writeLimit(tx, productId, most ?? null)
  await audit(tx, {
    actor: acting(by),
    action: 'download.limited',
    subject: { kind: 'product', id: productId },
    detail: { before: before ?? null, most: most ?? null },
  })
  return { ok: true }
}

/** Lets one buyer fetch each version more often than the limit says. more: 1 to 100. Returns all that they have beyond it. */
export async function allowMoreDownloads(
  tx: Tx,
  by: Keeper,
  entitlementId: string,
  more: number,
): Promise<number> {
  const extra = await raiseAllowance(tx, entitlementId, more)
  await audit(tx, {
    actor: acting(by),
    action: 'download.allowed_more',
    subject: { kind: 'entitlement', id: entitlementId },
    detail: { more, extra },
  })
  return extra
}
