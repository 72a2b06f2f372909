import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerPosts, type OwnerState } from '#modules/content/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import type { PageServerLoad } from './$types'

const rowsPerPage = 25
const states: readonly string[] = [
  'draft',
  'scheduled',
  'published',
  'deleted',
] satisfies OwnerState[]

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const search = (query.get('q') ?? '').slice(0, 200)
  const asked = query.get('state')
  // Narrowed by the list of the very words.
  const state = asked !== null && states.includes(asked) ? (asked as OwnerState) : undefined
  const page = Math.min(10_000, Math.max(1, Math.trunc(Number(query.get('page'))) || 1))
  const { items, total, counts } = await ownerPosts(db(), {
    state,
    search,
    limit: rowsPerPage,
    offset: (page - 1) * rowsPerPage,
  })
  return {
    posts: items,
    counts,
    total,
    state,
    search,
    page,
    pages: Math.max(1, Math.ceil(total / rowsPerPage)),
    done: query.get('done'),
  }
}
