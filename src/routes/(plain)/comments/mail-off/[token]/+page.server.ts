import { error, redirect } from '@sveltejs/kit'
import { isOffToken, turnRepliesOff } from '#modules/community/server/index.ts'
import { inTransaction } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

/** The page of the link in mails about replies. Opening it ends nothing: mail scanners open every link. */
export const load: PageServerLoad = ({ params, setHeaders, url }) => {
  setHeaders({ 'referrer-policy': 'same-origin' })
  if (!isOffToken(params.token)) error(404, 'This link is not one of ours, or is incomplete.')
  return { isDone: url.searchParams.get('done') === 'off' }
}

export const actions: Actions = {
  default: async ({ params }) => {
    const isOurs = await inTransaction((tx) => turnRepliesOff(tx, params.token))
    if (!isOurs) error(404, 'This link is not one of ours, or is incomplete.')
    redirect(303, `/comments/mail-off/${params.token}?done=off`)
  },
}
