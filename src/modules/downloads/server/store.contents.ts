import { sql } from 'kysely'
import { isId } from '#modules/platform/ids.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { fileTypeOf } from '../file-name.ts'
import type { DownloadContents, DownloadItem, FileVersion } from '../types.ts'

interface VersionRow {
  id: string
  label: string
  changes: string
  file_name: string
  byte_size: number
  page_count: number | null
  created_at: string
  damaged: boolean
}

/**
 * What products hold, in two queries however many they are. newestOnly: of each file just the newest version.
 * Products that are no downloads are left out; what the owner removed is, too.
 */
export async function findContents(
  db: Db,
  productIds: readonly string[],
  options: { newestOnly: boolean },
): Promise<Map<string, DownloadContents>> {
  const ids = productIds.filter(isId)
  if (ids.length === 0) return new Map()
  const downloads = await db
    .selectFrom('download')
    .select(['product_id', 'greeting', 'directions_md'])
    .where('product_id', 'in', ids)
    .execute()
  const versions = sql<VersionRow[]>`coalesce((
    select json_agg(version order by version.number desc) from (
      select version.id, version.number, version.label, version.changes, version.page_count, version.created_at,
        file.file_name, file.byte_size, file.damaged_at is not null as damaged
      from download_version version join stored_file file on file.id = version.file_id
      where version.item_id = item.id and version.removed_at is null
      order by version.number desc
      limit ${options.newestOnly ? 1 : 200}
    ) version
  ), '[]')`
  const rows = await db
    .selectFrom('download_item as item')
    .select([
      'item.id',
      'item.product_id',
      'item.item_kind',
      'item.title',
      'item.note',
      'item.url',
      'item.body',
      'item.language',
      versions.as('versions'),
    ])
    .where('item.product_id', 'in', ids)
    .where('item.removed_at', 'is', null)
    .orderBy('item.product_id')
    .orderBy('item.position')
    .orderBy('item.created_at')
    .execute()
  const items = Map.groupBy(
    rows.flatMap((row) => {
      const item = itemOf(row)
      return item ? [{ productId: row.product_id, item }] : []
    }),
    ({ productId }) => productId,
  )
  return new Map(
    downloads.map((download) => [
      download.product_id,
      {
        greeting: download.greeting,
        directionsMd: download.directions_md,
        items: (items.get(download.product_id) ?? []).map(({ item }) => item),
      },
    ]),
  )
}

function itemOf(row: {
  id: string
  item_kind: string
  title: string
  note: string
  url: string | null
  body: string | null
  language: string | null
  versions: VersionRow[]
}): DownloadItem | undefined {
  const base = { id: row.id, title: row.title, note: row.note }
  if (row.item_kind === 'link') return { ...base, kind: 'link', url: row.url ?? '' }
  if (row.item_kind === 'snippet')
    return { ...base, kind: 'snippet', body: row.body ?? '', language: row.language ?? '' }
  const [newest, ...older] = row.versions.map(versionOf)
  return newest && { ...base, kind: 'file', versions: [newest, ...older] }
}

function versionOf(row: VersionRow): FileVersion {
  return {
    id: row.id,
    label: row.label,
    changes: row.changes,
    fileName: row.file_name,
    byteSize: row.byte_size,
    format: fileTypeOf(row.file_name).words,
    pageCount: row.page_count ?? undefined,
    addedAt: new Date(row.created_at),
    isDamaged: row.damaged,
  }
}

/** Makes sure that the product has its download row and locks it: everything that changes the contents starts here. */
export async function lockDownload(tx: Tx, productId: string): Promise<void> {
  await tx
    .insertInto('download')
    .values({ product_id: productId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await tx
    .updateTable('download')
    .set({ updated_at: clockNow })
    .where('product_id', '=', productId)
    .execute()
}

export async function writeWords(
  tx: Tx,
  productId: string,
  words: { readonly greeting: string; readonly directionsMd: string },
): Promise<void> {
  await tx
    .updateTable('download')
    .set({ greeting: words.greeting, directions_md: words.directionsMd })
    .where('product_id', '=', productId)
    .execute()
}

/** The ids of the items in order. */
export async function itemIds(tx: Tx, productId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('download_item')
    .select('id')
    .where('product_id', '=', productId)
    .where('removed_at', 'is', null)
    .orderBy('position')
    .orderBy('created_at')
    .execute()
  return rows.map((row) => row.id)
}

export type NewItem =
  | { readonly kind: 'file'; readonly title: string; readonly note: string }
  | { readonly kind: 'link'; readonly title: string; readonly note: string; readonly url: string }
  | {
      readonly kind: 'snippet'
      readonly title: string
      readonly note: string
      readonly body: string
      readonly language: string
    }

/** Inserts an item behind the others. */
export async function insertItem(tx: Tx, productId: string, item: NewItem): Promise<string> {
  const { id } = await tx
    .insertInto('download_item')
    .values({
      product_id: productId,
      item_kind: item.kind,
      title: item.title,
      note: item.note,
      url: item.kind === 'link' ? item.url : null,
      body: item.kind === 'snippet' ? item.body : null,
      language: item.kind === 'snippet' ? item.language : null,
      position: sql<number>`coalesce((
        select max(position) + 1 from download_item where product_id = ${productId}
      ), 0)`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The kind of a product's item that is still there. */
export async function itemKind(
  tx: Tx,
  productId: string,
  itemId: string,
): Promise<NewItem['kind'] | undefined> {
  if (!isId(itemId)) return undefined
  const row = await tx
    .selectFrom('download_item')
    .select('item_kind')
    .where('id', '=', itemId)
    .where('product_id', '=', productId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  // The table's check holds it to these words.
  return row?.item_kind as NewItem['kind'] | undefined
}

export async function writeItem(tx: Tx, itemId: string, item: NewItem): Promise<void> {
  await tx
    .updateTable('download_item')
    .set({
      title: item.title,
      note: item.note,
      ...(item.kind === 'link' ? { url: item.url } : {}),
      ...(item.kind === 'snippet' ? { body: item.body, language: item.language } : {}),
    })
    .where('id', '=', itemId)
    .execute()
}

export async function writeOrder(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update download_item item set position = place.position
    from unnest(${ids}::uuid[]) with ordinality as place (id, position)
    where item.id = place.id
  `.execute(tx)
}

export async function markItemRemoved(tx: Tx, itemId: string): Promise<void> {
  await tx
    .updateTable('download_item')
    .set({ removed_at: clockNow })
    .where('id', '=', itemId)
    .execute()
}

export async function insertVersion(
  tx: Tx,
  itemId: string,
  version: {
    readonly fileId: string
    readonly label: string
    readonly changes: string
    readonly pageCount: number | undefined
  },
): Promise<string> {
  const { id } = await tx
    .insertInto('download_version')
    .values({
      item_id: itemId,
      file_id: version.fileId,
      number: sql<number>`coalesce((
        select max(number) + 1 from download_version where item_id = ${itemId}
      ), 1)`,
      label: version.label,
      changes: version.changes,
      page_count: version.pageCount ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The versions of an item that are still there, newest first. */
export async function versionsOf(tx: Tx, itemId: string): Promise<{ id: string; label: string }[]> {
  return tx
    .selectFrom('download_version')
    .select(['id', 'label'])
    .where('item_id', '=', itemId)
    .where('removed_at', 'is', null)
    .orderBy('number', 'desc')
    .execute()
}

export async function writeVersion(
  tx: Tx,
  versionId: string,
  words: { readonly label: string; readonly changes: string },
): Promise<void> {
  await tx
    .updateTable('download_version')
    .set({ label: words.label, changes: words.changes })
    .where('id', '=', versionId)
    .execute()
}

export async function markVersionRemoved(tx: Tx, versionId: string): Promise<void> {
  await tx
    .updateTable('download_version')
    .set({ removed_at: clockNow })
    .where('id', '=', versionId)
    .execute()
}

/** Gives one product the contents of another: same words, same files (the bytes are shared), new items. */
export async function copyContents(tx: Tx, from: string, to: string): Promise<void> {
  await sql`
    insert into download (product_id, greeting, directions_md)
    select ${to}, greeting, directions_md from download where product_id = ${from}
    on conflict (product_id) do update
      set greeting = excluded.greeting, directions_md = excluded.directions_md
  `.execute(tx)
  await sql`
    with original as (
      select item.*, gen_random_uuid() as copy_id from download_item item
      where item.product_id = ${from} and item.removed_at is null
    ), copied as (
      insert into download_item (id, product_id, position, item_kind, title, note, url, body, language)
      select copy_id, ${to}, position, item_kind, title, note, url, body, language from original
      returning id
    )
    insert into download_version (item_id, file_id, number, label, changes, page_count, created_at)
    select copied.id, version.file_id, version.number, version.label, version.changes, version.page_count, version.created_at
    from copied
    join original on original.copy_id = copied.id
    join download_version version on version.item_id = original.id and version.removed_at is null
  `.execute(tx)
}
