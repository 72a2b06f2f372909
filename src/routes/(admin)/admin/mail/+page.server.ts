import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { holdsCode } from '#modules/notifications/private-mail.ts'
import { failedMails, mailbox } from '#modules/notifications/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, runtime } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const isUnsent = event.url.searchParams.get('state') === 'unsent'
  const [page, failed] = await Promise.all([
    mailbox(db(), { isUnsent }, turnOf(event.url.searchParams)),
    failedMails(db()),
  ])
  return {
    isUnsent,
    failed,
    /** Without a mail server everything stays here. */
    isKept: runtime().settings.smtpUrl === undefined,
    mails: page.rows.map(({ id, subject, content, to, state, createdAt, lastError }) => ({
      id,
      subject: holdsCode(content) ? 'A code, for its reader alone' : subject,
      to,
      state,
      createdAt,
      lastError,
    })),
    ...turnLinks(event.url, page),
  }
}
