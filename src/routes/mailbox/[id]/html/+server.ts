import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { readMail } from '#modules/notifications/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { mailDocument } from '../../mail-document.server.ts'
import { mailboxReader } from '../../proof.server.ts'

export const GET: RequestHandler = async (event) => {
  mailboxReader(event)
  const read = await readMail(db(), event.params.id)
  return read ? mailDocument(read.html) : error(404, 'There is no mail at this address.')
}
