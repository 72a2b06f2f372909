import { error } from '@sveltejs/kit'
import { leaveByKey, memberOfLeaveKey } from '#modules/content/server/index.ts'
import { inTransaction, postedForm } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const unknown = 'This link is not complete. Open it from the mail once more.'

/** Asks, and does nothing: programs that look at mails open every address in them. */
export const load: PageServerLoad = ({ params }) => {
  if (memberOfLeaveKey(params.key) === undefined) error(404, unknown)
}

export const actions: Actions = {
  /** By the button of the page, or of the mailbox itself (RFC 8058): without signing in, and as often as one likes. */
  default: async ({ params, request }) => {
    const memberId = memberOfLeaveKey(params.key)
    if (memberId === undefined) error(404, unknown)
    const isOneClick = (await postedForm(request)).has('List-Unsubscribe')
    await inTransaction((tx) => leaveByKey(tx, memberId, isOneClick ? 'one_click' : 'link'))
    return { isLeft: true }
  },
}
