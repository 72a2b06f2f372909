import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Category, OwnerCategory } from '../types.ts'

/** All categories by name, with how many posts each has that are not deleted; at most 200. */
export async function categoriesWithCounts(db: Db): Promise<readonly OwnerCategory[]> {
  return db
    .selectFrom('post_category')
    .leftJoin('post', (join) =>
      join.onRef('post.category_slug', '=', 'post_category.slug').on('post.deleted_at', 'is', null),
    )
    .select([
      'post_category.slug',
      'post_category.title',
      sql<number>`count(post.id)::int`.as('posts'),
    ])
    .groupBy(['post_category.slug', 'post_category.title'])
    .orderBy(sql`folded(post_category.title)`)
    .limit(200)
    .execute()
}

/** Any text is safe. */
export async function findCategory(tx: Tx, slug: string): Promise<Category | undefined> {
  if (!/^[a-z0-9-]{1,61}$/.test(slug)) return undefined
  return tx
    .selectFrom('post_category')
    .select(['slug', 'title'])
    .where('slug', '=', slug)
    .executeTakeFirst()
}

/** Upper and lower case and accents make no difference. */
export async function findCategoryByName(tx: Tx, title: string): Promise<Category | undefined> {
  return tx
    .selectFrom('post_category')
    .select(['slug', 'title'])
    .where(sql<boolean>`folded(title) = folded(${title})`)
    .orderBy('slug')
    .executeTakeFirst()
}

export async function insertCategory(tx: Tx, category: Category): Promise<void> {
  await tx.insertInto('post_category').values(category).execute()
}

export async function writeCategoryTitle(tx: Tx, { slug, title }: Category): Promise<void> {
  await tx.updateTable('post_category').set({ title }).where('slug', '=', slug).execute()
}

/** Its posts, deleted ones too, are of the other one from then on; null: of none. */
export async function movePosts(tx: Tx, from: string, to: string | null): Promise<void> {
  await tx
    .updateTable('post')
    .set({ category_slug: to })
    .where('category_slug', '=', from)
    .execute()
}

export async function dropCategory(tx: Tx, slug: string): Promise<void> {
  await tx.deleteFrom('post_category').where('slug', '=', slug).execute()
}
