import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { SitePageInput } from '../schemas.ts'
import type { SitePage, SitePageLink } from '../types.ts'

/** A shop with more pages than this has a website beside it. */
const mostPages = 100

/** Pages that have something to say, in their order. */
export function pagesWithText(db: Db): Promise<SitePageLink[]> {
  return db
    .selectFrom('site_page')
    .select(['slug', 'title'])
    .where('body_md', '!=', '')
    .orderBy('position')
    .orderBy('slug')
    .limit(mostPages)
    .execute()
}

export function allPages(db: Db): Promise<SitePage[]> {
  return pageColumns(db).orderBy('position').orderBy('slug').limit(mostPages).execute()
}

export function pageBySlug(db: Db, slug: string): Promise<SitePage | undefined> {
  return pageColumns(db).where('slug', '=', slug).executeTakeFirst()
}

function pageColumns(db: Db) {
  return db
    .selectFrom('site_page')
    .select([
      'slug',
      'title',
      'body_md as bodyMd',
      'position',
      'is_example as isExample',
      'updated_at as updatedAt',
    ])
}

/** Pages are added one after the other: the second of two at once sees what the first one added. */
export async function lockPages(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('site pages'))`.execute(tx)
}

export function hasRoomForPage(count: number): boolean {
  return count < mostPages
}

/** Returns false when the address is taken. */
export async function insertPage(
  tx: Tx,
  page: SitePageInput & { slug: string; position: number; isExample: boolean },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('site_page')
    .values({
      slug: page.slug,
      title: page.title,
      body_md: page.bodyMd,
      position: page.position,
      is_example: page.isExample,
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1
}

/** Returns false when there is no such page. What the owner wrote is no example any more. */
export async function updatePage(tx: Tx, slug: string, input: SitePageInput): Promise<boolean> {
  const updated = await tx
    .updateTable('site_page')
    .set({ title: input.title, body_md: input.bodyMd, is_example: false, updated_at: clockNow })
    .where('slug', '=', slug)
    .executeTakeFirst()
  return Number(updated.numUpdatedRows) === 1
}

export async function deletePage(tx: Tx, slug: string): Promise<boolean> {
  const deleted = await tx.deleteFrom('site_page').where('slug', '=', slug).executeTakeFirst()
  return Number(deleted.numDeletedRows) === 1
}
