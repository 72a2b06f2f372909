import { redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { endThisSession } from '#modules/accounts/server/index.ts'
import { inTransaction } from '#modules/platform/server/index.ts'

/** A link signs nobody out: pages of others could point at it. The button does. */
export const load: PageServerLoad = ({ locals }) => {
  if (!locals.actor) redirect(303, '/')
  return { email: locals.actor.email }
}

export const actions: Actions = {
  async default({ cookies }) {
    await inTransaction((tx) => endThisSession(tx, cookies))
    redirect(303, '/')
  },
}
