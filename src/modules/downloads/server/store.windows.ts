import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { mostTimes, type DownloadWindow, type Span } from '../download-window.ts'

export interface StoredWindow extends DownloadWindow {
  readonly id: string
  readonly entitlementId: string
  readonly versionId: string
  readonly isComplete: boolean
}

interface Row {
  id: string
  entitlement_id: string
  version_id: string
  begun_at: Date
  covered: unknown
  delivered_bytes: number
  completed_at: Date | null
}

const columns = [
  'id',
  'entitlement_id',
  'version_id',
  'begun_at',
  'covered',
  'delivered_bytes',
  'completed_at',
] as const

function fromRow(row: Row): StoredWindow {
  return {
    id: row.id,
    entitlementId: row.entitlement_id,
    versionId: row.version_id,
    begunAt: row.begun_at,
    // Written by this file alone.
    covered: row.covered as Span[],
    deliveredBytes: row.delivered_bytes,
    isComplete: row.completed_at !== null,
  }
}

/** Whoever counts the downloads of an entitlement waits here for the others. Rows that merely refer to it do not. */
export async function lockEntitlement(tx: Tx, entitlementId: string): Promise<void> {
  await sql`select 1 from entitlement where id = ${entitlementId} for no key update`.execute(tx)
}

export async function findOpenWindow(
  tx: Tx,
  entitlementId: string,
  versionId: string,
): Promise<StoredWindow | undefined> {
  const row = await tx
    .selectFrom('download_window')
    .select(columns)
    .where('entitlement_id', '=', entitlementId)
    .where('version_id', '=', versionId)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findWindow(tx: Tx, id: string): Promise<StoredWindow | undefined> {
  const row = await tx
    .selectFrom('download_window')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function closeWindow(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('download_window')
    .set({ closed_at: clockNow })
    .where('id', '=', id)
    .execute()
}

export async function insertWindow(
  tx: Tx,
  entitlementId: string,
  versionId: string,
): Promise<string> {
  const { id } = await tx
    .insertInto('download_window')
    .values({ entitlement_id: entitlementId, version_id: versionId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Counts bytes that are about to leave. */
export async function takeBytes(tx: Tx, id: string, bytes: number): Promise<void> {
  await tx
    .updateTable('download_window')
    .set({ delivered_bytes: sql<number>`delivered_bytes + ${bytes}` })
    .where('id', '=', id)
    .execute()
}

/** bytes: those that were not counted yet; less than 0 where more were counted than left. */
export async function writeWindow(
  tx: Tx,
  id: string,
  sent: { readonly covered: readonly Span[]; readonly bytes: number; readonly completes: boolean },
): Promise<void> {
  await tx
    .updateTable('download_window')
    .set({
      covered: JSON.stringify(sent.covered),
      delivered_bytes: sql<number>`greatest(0, delivered_bytes + ${sent.bytes})`,
      ...(sent.completes ? { completed_at: clockNow } : {}),
    })
    .where('id', '=', id)
    .execute()
}

/**
 * What an entitlement may fetch of each of these versions, and has: downloads that were complete, and windows that were used up.
 * besides: a window that is not counted.
 */
export async function downloadCounts(
  db: Db,
  entitlementId: string,
  versionIds: readonly string[],
  besides?: string,
): Promise<Map<string, { most: number | null; extra: number; completed: number }>> {
  if (versionIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('download_version as version')
    .innerJoin('download_item as item', 'item.id', 'version.item_id')
    .innerJoin('download', 'download.product_id', 'item.product_id')
    .innerJoin('stored_file as file', 'file.id', 'version.file_id')
    .leftJoin('download_allowance as allowance', (join) =>
      join.on('allowance.entitlement_id', '=', entitlementId),
    )
    .select((query) => [
      'version.id',
      'download.most_downloads',
      'allowance.extra',
      query
        .selectFrom('download_window as done')
        .select((counting) => counting.fn.countAll<number>().as('completed'))
        .where('done.entitlement_id', '=', entitlementId)
        .whereRef('done.version_id', '=', 'version.id')
        .$if(besides !== undefined, (others) => others.where('done.id', '<>', besides ?? ''))
        .where(
          sql<boolean>`(done.completed_at is not null or done.delivered_bytes >= ${mostTimes} * greatest(1, file.byte_size))`,
        )
        .as('completed'),
    ])
    .where('version.id', 'in', versionIds)
    .execute()
  return new Map(
    rows.map((row) => [
      row.id,
      { most: row.most_downloads, extra: row.extra ?? 0, completed: row.completed ?? 0 },
    ]),
  )
}

/** Adds to what one buyer may fetch beyond the limit; returns the sum, at most 1000. */
export async function raiseAllowance(tx: Tx, entitlementId: string, more: number): Promise<number> {
  const { extra } = await tx
    .insertInto('download_allowance')
    .values({ entitlement_id: entitlementId, extra: more })
    .onConflict((conflict) =>
      conflict.column('entitlement_id').doUpdateSet({
        extra: sql<number>`least(1000, download_allowance.extra + excluded.extra)`,
        updated_at: clockNow,
      }),
    )
    .returning('extra')
    .executeTakeFirstOrThrow()
  return extra
}

export async function writeLimit(tx: Tx, productId: string, most: number | null): Promise<void> {
  await tx
    .updateTable('download')
    .set({ most_downloads: most })
    .where('product_id', '=', productId)
    .execute()
}

export async function findLimit(db: Db, productId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('download')
    .select('most_downloads')
    .where('product_id', '=', productId)
    .executeTakeFirst()
  return row?.most_downloads ?? undefined
}

/** The earliest download that was complete under any of these entitlements. */
export async function firstCompleted(
  db: Db,
  entitlementIds: readonly string[],
): Promise<
  { at: Date; itemTitle: string; versionLabel: string; entitlementId: string } | undefined
> {
  if (entitlementIds.length === 0) return undefined
  const row = await db
    .selectFrom('download_window as done')
    .innerJoin('download_version as version', 'version.id', 'done.version_id')
    .innerJoin('download_item as item', 'item.id', 'version.item_id')
    .select(['done.completed_at', 'done.entitlement_id', 'item.title', 'version.label'])
    .where('done.entitlement_id', 'in', entitlementIds)
    .where('done.completed_at', 'is not', null)
    .orderBy('done.completed_at')
    .limit(1)
    .executeTakeFirst()
  if (!row?.completed_at) return undefined
  return {
    at: row.completed_at,
    itemTitle: row.title,
    versionLabel: row.label,
    entitlementId: row.entitlement_id,
  }
}

/** Versions that the holder of an entitlement has fetched whole, under whichever of their entitlements to the product. */
export async function fetchedVersions(db: Db, entitlementId: string): Promise<Set<string>> {
  const { rows } = await sql<{ version_id: string }>`
    select distinct done.version_id
    from entitlement mine
    join customer me on me.id = mine.customer_id
    join customer same on same.id = me.id or same.member_id = me.member_id
    join entitlement any_of_mine
      on any_of_mine.customer_id = same.id and any_of_mine.benefit = mine.benefit
      and any_of_mine.subject_id = mine.subject_id
    join download_window done on done.entitlement_id = any_of_mine.id
    where mine.id = ${entitlementId} and done.completed_at is not null
  `.execute(db)
  return new Set(rows.map((row) => row.version_id))
}
