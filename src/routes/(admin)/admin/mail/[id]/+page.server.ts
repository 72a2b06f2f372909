import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { holdsCode } from '#modules/notifications/private-mail.ts'
import { readMail, sendFailedAgain } from '#modules/notifications/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const read = await readMail(db(), event.params.id)
  if (!read) error(404, 'There is no mail at this address.')
  const { id, to, state, via, createdAt, sentAt, attempts, lastError } = read.mail
  const isPrivate = holdsCode(read.mail.content)
  return {
    mail: {
      id,
      subject: isPrivate ? 'A code, for its reader alone' : read.mail.subject,
      to,
      state,
      via,
      createdAt,
      sentAt,
      attempts,
      lastError,
      text: isPrivate ? undefined : read.text,
      calendar: isPrivate ? undefined : read.calendar,
    },
    isAgain: event.url.searchParams.get('notice') === 'again',
  }
}

export const actions: Actions = {
  async again(event) {
    const owner = ownerOnly(event)
    const { id } = event.params
    if (!(await inTransaction((tx) => sendFailedAgain(tx, owner, id))))
      return fail(409, { words: 'This mail did not fail: it was sent, or waits to be.' })
    redirect(303, `/admin/mail/${id}?notice=again`)
  },
}
