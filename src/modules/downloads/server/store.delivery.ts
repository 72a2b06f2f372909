import { type Db } from '#modules/platform/server/index.ts'

/** A version with what is needed to send it. */
export interface DeliverableFile {
  readonly versionId: string
  readonly itemId: string
  readonly productId: string
  readonly fileId: string
  readonly storageKey: string
  readonly fileName: string
  readonly byteSize: number
  readonly sha256: string
  readonly storedAt: Date
  /** Its bytes were found to be missing or wrong, and are not right yet. */
  readonly isDamaged: boolean
}

/** undefined when there is no such version, or the owner took it or its item away. */
export async function findDeliverable(
  db: Db,
  versionId: string,
): Promise<DeliverableFile | undefined> {
  const row = await db
    .selectFrom('download_version as version')
    .innerJoin('download_item as item', 'item.id', 'version.item_id')
    .innerJoin('stored_file as file', 'file.id', 'version.file_id')
    .select([
      'version.id',
      'item.id as item_id',
      'item.product_id',
      'file.id as file_id',
      'file.storage_key',
      'file.file_name',
      'file.byte_size',
      'file.sha256',
      'file.created_at',
      'file.damaged_at',
    ])
    .where('version.id', '=', versionId)
    .where('version.removed_at', 'is', null)
    .where('item.removed_at', 'is', null)
    .executeTakeFirst()
  return (
    row && {
      versionId: row.id,
      itemId: row.item_id,
      productId: row.product_id,
      fileId: row.file_id,
      storageKey: row.storage_key,
      fileName: row.file_name,
      byteSize: row.byte_size,
      sha256: row.sha256,
      storedAt: row.created_at,
      isDamaged: row.damaged_at !== null,
    }
  )
}

export interface Access {
  readonly entitlementId: string
  readonly itemId: string
  readonly versionId: string
  /** The download it is a part of: see download-window.ts. */
  readonly windowId: string
  readonly network: string
  readonly userAgent: string | undefined
}

/** Writes that a download begins. Returns the row, which finishAccess() completes. */
export async function beginAccess(db: Db, access: Access): Promise<number> {
  const { id } = await db
    .insertInto('access_log')
    .values({
      entitlement_id: access.entitlementId,
      item_id: access.itemId,
      version_id: access.versionId,
      window_id: access.windowId,
      act: 'download',
      network: access.network.slice(0, 100),
      user_agent: access.userAgent?.slice(0, 300) ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function finishAccess(
  db: Db,
  id: number,
  sent: { readonly bytes: number; readonly isComplete: boolean },
): Promise<void> {
  await db
    .updateTable('access_log')
    .set({ bytes: sent.bytes, is_complete: sent.isComplete })
    .where('id', '=', id)
    .execute()
}

export interface AccessRow {
  readonly at: Date
  readonly itemTitle: string | undefined
  readonly versionLabel: string | undefined
  readonly act: string
  readonly bytes: number
  readonly isComplete: boolean
  readonly network: string | undefined
}

/** What happened with one entitlement, newest first. */
export async function accessRows(
  db: Db,
  entitlementId: string,
  most: number,
): Promise<AccessRow[]> {
  const rows = await db
    .selectFrom('access_log as access')
    .leftJoin('download_item as item', 'item.id', 'access.item_id')
    .leftJoin('download_version as version', 'version.id', 'access.version_id')
    .select([
      'access.at',
      'access.act',
      'access.bytes',
      'access.is_complete',
      'access.network',
      'item.title',
      'version.label',
    ])
    .where('access.entitlement_id', '=', entitlementId)
    .orderBy('access.id', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    at: row.at,
    itemTitle: row.title ?? undefined,
    versionLabel: row.label ?? undefined,
    act: row.act,
    bytes: row.bytes,
    isComplete: row.is_complete,
    network: row.network ?? undefined,
  }))
}
