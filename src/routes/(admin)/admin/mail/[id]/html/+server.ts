import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { holdsCode } from '#modules/notifications/private-mail.ts'
import { readMail } from '#modules/notifications/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { mailDocument } from '../../../../../mailbox/mail-document.server.ts'

export const GET: RequestHandler = async (event) => {
  ownerOnly(event)
  const read = await readMail(db(), event.params.id)
  if (!read) error(404, 'There is no mail at this address.')
  if (holdsCode(read.mail.content))
    error(403, 'This mail holds a code and is for its reader alone.')
  return mailDocument(read.html)
}
