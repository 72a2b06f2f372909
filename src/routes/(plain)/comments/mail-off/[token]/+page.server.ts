import { error } from '@sveltejs/kit'
import { isOffToken, turnRepliesOff } from '#modules/community/server/index.ts'
import { inTransaction } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const unknown = 'This link is not one of ours, or is incomplete.'

/** The page of the link in mails about replies. Opening it ends nothing: mail scanners open every link. */
export const load: PageServerLoad = ({ params, setHeaders }) => {
  setHeaders({ 'referrer-policy': 'same-origin' })
  if (!isOffToken(params.token)) error(404, unknown)
}

export const actions: Actions = {
  /** By the button of the page, or of the mailbox itself: answered at once, a mailbox follows no redirect (RFC 8058). */
  default: async ({ params }) => {
    if (!(await inTransaction((tx) => turnRepliesOff(tx, params.token)))) error(404, unknown)
    return { isOff: true }
  },
}
