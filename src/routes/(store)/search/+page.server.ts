import { error } from '@sveltejs/kit'
import { searchProducts } from '#modules/catalog/server/index.ts'
import { searchPosts } from '#modules/content/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { adFor } from '../ads.server.ts'
import { describeCards } from '../cards.ts'
import type { PageServerLoad } from './$types'

const pageSize = 24
/** More than this nobody types; the rest is cut off. */
const longestQuery = 200

export const load: PageServerLoad = async (event) => {
  const { url } = event
  const query = (url.searchParams.get('q') ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, longestQuery)
  const asked = Number(url.searchParams.get('page') ?? '1')
  const page = Number.isInteger(asked) && asked >= 1 && asked <= 1_000 ? asked : 1
  if (query === '') return { query, cards: [], posts: [], total: 0, page: 1, pages: 1 }
  const [found, posts] = await Promise.all([
    searchProducts(db(), query, { limit: pageSize, offset: (page - 1) * pageSize }),
    page === 1 ? searchPosts(db(), query) : [],
  ])
  const pages = Math.max(1, Math.ceil(found.total / pageSize))
  // As on the front page: “3 things found” above nothing would be no answer.
  if (page > pages) error(404, 'There is no such page.')
  return {
    query,
    cards: await describeCards(db(), found.items),
    posts,
    total: found.total,
    page,
    pages,
    ad: found.total + posts.length > 0 ? await adFor(event, 'search') : undefined,
  }
}
