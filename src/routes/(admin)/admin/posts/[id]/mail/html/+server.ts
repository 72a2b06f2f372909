import { error } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { previewOfMail } from '#modules/content/server/index.ts'
import { lookOfMail } from '#modules/notifications/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { mailDocument } from '../../../../../../mailbox/mail-document.server.ts'
import type { RequestHandler } from './$types'

/** A post's mail as it will look, for its owner: ?as=teaser as those get it who may read its beginning alone. */
export const GET: RequestHandler = async (event) => {
  ownerOnly(event)
  const as = event.url.searchParams.get('as') === 'teaser' ? 'teaser' : 'whole'
  const content = await previewOfMail(db(), event.params.id, as)
  if (!content) error(404, 'There is no such post (any more).')
  return mailDocument((await lookOfMail(db(), content.heading, content)).html)
}
