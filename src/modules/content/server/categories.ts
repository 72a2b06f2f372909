import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, type Tx } from '#modules/platform/server/index.ts'
import { slugOf } from '#modules/platform/slug.ts'
import {
  dropCategory,
  findCategory,
  findCategoryByName,
  insertCategory,
  movePosts,
  writeCategoryTitle,
} from './store.categories.ts'
import { lockSlugs } from './store.ts'

/**
 * The address of the category of this name; made where there is none. Upper and lower case and accents make no other category. A
 * category keeps its address when it is renamed, so another one may stand at the address this name would give. Takes the lock of addresses.
 */
export async function categoryOfName(tx: Tx, title: string): Promise<string> {
  await lockSlugs(tx)
  const named = await findCategoryByName(tx, title)
  if (named) return named.slug
  const wanted = slugOf(title, 'category').slice(0, 56)
  for (let number = 1; number <= 1000; number++) {
    const slug = number === 1 ? wanted : `${wanted}-${number}`
    const at = await findCategory(tx, slug)
    if (!at) {
      await insertCategory(tx, { slug, title })
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
  const other = await findCategoryByName(tx, title)
  if (other && other.slug !== slug) {
    await movePosts(tx, slug, other.slug)
    await dropCategory(tx, slug)
  } else await writeCategoryTitle(tx, { slug, title })
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
