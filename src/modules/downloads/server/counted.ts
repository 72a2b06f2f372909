import { isId } from '#modules/platform/ids.ts'
import { audit, now, type Db, type Tx } from '#modules/platform/server/index.ts'
import { acting } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { covering, downloadsLeft, isOver, isWhole, stepOf, type Span } from '../download-window.ts'
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
  takeBytes,
  writeLimit,
  writeWindow,
} from './store.windows.ts'

/** What a request may send before it has to ask again. */
export interface Leave {
  readonly windowId: string
  readonly bytes: number
  /** So many of them are counted already. */
  readonly taken: number
}

/**
 * The window that a request for so many more bytes of a file belongs to, and how many of them may leave now: the open one, else
 * a new one, as long as the entitlement has downloads of this version left. undefined when it has none (the limit is reached).
 */
export async function enterWindow(
  tx: Tx,
  of: {
    readonly entitlementId: string
    readonly versionId: string
    readonly byteSize: number
    readonly wanted: number
  },
): Promise<Leave | undefined> {
  await lockEntitlement(tx, of.entitlementId)
  const open = await findOpenWindow(tx, of.entitlementId, of.versionId)
  const isIn = open && !isOver(open, of.byteSize, await now(tx))
  const left = await leftOf(tx, of)
  if (open && !isIn) await closeWindow(tx, open.id)
  if (!isIn && left === 0) return undefined
  const windowId = isIn ? open.id : await insertWindow(tx, of.entitlementId, of.versionId)
  if (left === undefined) return { windowId, bytes: of.wanted, taken: 0 }
  const taken = Math.min(of.wanted, stepOf(of.byteSize))
  await takeBytes(tx, windowId, taken)
  return { windowId, bytes: taken, taken }
}

/**
 * Puts on record what a request really sent of what it might. The download is complete when that was the last byte missing; one
 * that would be the first beyond the limit (begun in time, overtaken by another) is not.
 */
export async function recordDelivery(
  tx: Tx,
  leave: Leave,
  sent: Span,
  byteSize: number,
): Promise<void> {
  const found = await findWindow(tx, leave.windowId)
  if (!found) return // the version is gone with its product
  await lockEntitlement(tx, found.entitlementId)
  const window = (await findWindow(tx, leave.windowId)) ?? found
  const covered = covering(window.covered, sent)
  const completes =
    !window.isComplete && isWhole(covered, byteSize) && (await leftOf(tx, window, window.id)) !== 0
  const bytes = sent[1] - sent[0] - leave.taken
  await writeWindow(tx, window.id, { covered, bytes, completes })
}

async function leftOf(
  db: Db,
  of: { readonly entitlementId: string; readonly versionId: string },
  besides?: string,
): Promise<number | undefined> {
  const counts = await downloadCounts(db, of.entitlementId, [of.versionId], besides)
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
