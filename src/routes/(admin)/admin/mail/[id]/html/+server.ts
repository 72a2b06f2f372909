import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { readMail } from '#modules/notifications/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { mailDocument } from '../../../../../mailbox/mail-document.server.ts'

export const GET: RequestHandler = async (event) => {
  ownerOnly(event)
  const read = await readMail(db(), event.params.id)
  return read ? mailDocument(read.html) : error(404, 'There is no mail at this address.')
}
