import { redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { dropFeed, feedKey, makeFeed } from '#modules/content/server/index.ts'
import { db, inTransaction, runtime } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const key = await feedKey(db(), memberOnly(event))
  return {
    address: key && `${runtime().settings.origin}/feeds/posts/${key}.xml`,
    done: event.url.searchParams.get('done') ?? '',
  }
}

export const actions: Actions = {
  make: async (event) => {
    const member = memberOnly(event)
    await inTransaction((tx) => makeFeed(tx, member))
    redirect(303, '/dashboard/feed?done=made')
  },
  drop: async (event) => {
    const member = memberOnly(event)
    await inTransaction((tx) => dropFeed(tx, member))
    redirect(303, '/dashboard/feed?done=dropped')
  },
}
