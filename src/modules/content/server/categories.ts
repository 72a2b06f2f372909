import { sql } from 'kysely'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { slugOf } from '#modules/platform/slug.ts'
import type { OwnerCategory } from '../types.ts'
import { lockSlugs } from './store.ts'

/** All categories by name, with how many posts each has that are not deleted; at most 200. */
export async function ownerCategories(db: Db): Promise<readonly OwnerCategory[]> {
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

/**
 * The address of the category of this name; made where there is none. Upper and lower case and accents make no other category. A
 * category keeps its address when it is renamed, so another one may stand at the address this name would give. Takes the lock of addresses.
 */
export async function categoryOfName(tx: Tx, title: string): Promise<string> {
  await lockSlugs(tx)
  const named = await findByName(tx, title)
  if (named) return named.slug
  const wanted = slugOf(title, 'category').slice(0, 56)
  for (let number = 1; number <= 1000; number++) {
    const slug = number === 1 ? wanted : `${wanted}-${number}`
    const at = await findCategory(tx, slug)
    if (!at) {
      await tx.insertInto('post_category').values({ slug, title }).execute()
      return slug
    }
    // "Wood & ink" and "Wood, ink" are one.
    if (slugOf(at.title, 'category').slice(0, 56) === wanted) return slug
  }
  throw new Error(`A thousand categories are already called ${wanted}.`)
}

export type RenameResult =
  | { readonly ok: true; readonly merged: boolean }
  | { readonly ok: false; readonly reason: 'not_found' | 'changed' }

/**
 * Gives a category another name; its address stays. When another category has that name its posts go there, and this one is gone
 * (merged). seen: the name its owner saw. changed: somebody else renamed it meanwhile.
 */
export async function renameCategory(
  tx: Tx,
  owner: OwnerActor,
  slug: string,
  title: string,
  seen: string,
): Promise<RenameResult> {
  await lockSlugs(tx)
  const category = await findCategory(tx, slug)
  if (!category) return { ok: false, reason: 'not_found' }
  if (category.title === title) return { ok: true, merged: false }
  if (category.title !== seen) return { ok: false, reason: 'changed' }
  const other = await findByName(tx, title)
  if (other && other.slug !== slug) {
    await movePosts(tx, slug, other.slug)
    await dropCategory(tx, slug)
  } else await tx.updateTable('post_category').set({ title }).where('slug', '=', slug).execute()
  const merged = other !== undefined && other.slug !== slug
  await note(tx, owner, slug, 'post.category_renamed', { from: category.title, to: title, merged })
  return { ok: true, merged }
}

/** Takes a category away: its posts stay, without one. Returns whether there was one. */
export async function removeCategory(tx: Tx, owner: OwnerActor, slug: string): Promise<boolean> {
  await lockSlugs(tx)
  const category = await findCategory(tx, slug)
  if (!category) return false
  await movePosts(tx, slug, null)
  await dropCategory(tx, slug)
  await note(tx, owner, slug, 'post.category_removed', { title: category.title })
  return true
}

/** Any text is safe. */
async function findCategory(tx: Tx, slug: string) {
  if (!/^[a-z0-9-]{1,61}$/.test(slug)) return undefined
  return tx
    .selectFrom('post_category')
    .select(['slug', 'title'])
    .where('slug', '=', slug)
    .executeTakeFirst()
}

function findByName(tx: Tx, title: string) {
  return tx
    .selectFrom('post_category')
    .select(['slug', 'title'])
    .where(sql<boolean>`folded(title) = folded(${title})`)
    .orderBy('slug')
    .executeTakeFirst()
}

async function movePosts(tx: Tx, from: string, to: string | null): Promise<void> {
  await tx
    .updateTable('post')
    .set({ category_slug: to })
    .where('category_slug', '=', from)
    .execute()
}

async function dropCategory(tx: Tx, slug: string): Promise<void> {
  await tx.deleteFrom('post_category').where('slug', '=', slug).execute()
}

async function note(
  tx: Tx,
  owner: OwnerActor,
  slug: string,
  action: string,
  detail: { readonly [name: string]: string | boolean },
): Promise<void> {
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action,
    subject: { kind: 'post_category', id: slug },
    detail,
  })
}
