import { error } from '@sveltejs/kit'
import type { PageServerLoad } from './$types'
import { mailbox, readMail } from '#modules/notifications/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'
import { mailboxReader } from '../proof.server.ts'

export const load: PageServerLoad = async (event) => {
  mailboxReader(event)
  event.depends('mailbox:list')
  const { id } = event.params
  const [page, read] = await Promise.all([
    mailbox(db(), {}, turnOf(event.url.searchParams)),
    id === undefined ? undefined : readMail(db(), id),
  ])
  if (id !== undefined && !read) error(404, 'There is no mail at this address.')
  return {
    mails: page.rows.map(({ id: mailId, subject, to, state, createdAt }) => ({
      id: mailId,
      subject,
      to,
      state,
      createdAt,
    })),
    ...turnLinks(event.url, page),
    open: read && {
      id: read.mail.id,
      subject: read.mail.subject,
      to: read.mail.to,
      state: read.mail.state,
      via: read.mail.via,
      createdAt: read.mail.createdAt,
      sentAt: read.mail.sentAt,
      attempts: read.mail.attempts,
      lastError: read.mail.lastError,
      text: read.text,
      calendar: read.calendar,
    },
  }
}
