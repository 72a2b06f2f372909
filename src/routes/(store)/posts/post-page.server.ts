import { error } from '@sveltejs/kit'
import { postCards, postCategories } from '#modules/content/server/index.ts'
import { db, publicData } from '#modules/platform/server/index.ts'

/** A page of posts. */
const pageSize = 12

/** One page of the list of posts, of one category or all; ends with Kit's 404 where there is none. */
export async function postPage(url: URL, category?: string) {
  const page = Number(url.searchParams.get('page') ?? '1')
  if (!Number.isInteger(page) || page < 1 || page > 1_000) error(404, 'There is no such page.')
  return publicData(`posts ${page} ${category ?? ''}`, () => pageOf(page, category))
}

async function pageOf(page: number, slug: string | undefined) {
  const categories = await postCategories(db())
  const category = categories.find((known) => known.slug === slug)
  if (slug !== undefined && !category) error(404, 'There are no posts of this kind.')
  const { items, total } = await postCards(db(), {
    category: slug,
    limit: pageSize,
    offset: (page - 1) * pageSize,
  })
  const pages = Math.max(1, Math.ceil(total / pageSize))
  if (page > pages) error(404, 'There is no such page.')
  return { posts: items, total, categories, category, page, pages }
}
