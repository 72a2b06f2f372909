import type { OwnerActor } from '#modules/accounts/types.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, type Db, type MailContent, type Tx } from '#modules/platform/server/index.ts'
import { renderMail } from '../mail-frame.ts'
import { askForDelivery } from './delivery.ts'
import { completed } from './completing.ts'
import { mailIdentity } from './identity.ts'
import { findMail, mailPage, mailsWithPrefix, requeue, type StoredMail } from './store.ts'

export { provideLaterMail, type LaterMail } from './completing.ts'
export { askForDelivery, deliverMail, senderAddress, sweepMail } from './delivery.ts'
export { failedMails, type StoredMail } from './store.ts'
export { sendTestMail } from './test-mail.ts'
export { closeTransport } from './transport.ts'

/** A mail that is not written yet, as it will look. */
export async function lookOfMail(
  db: Db,
  subject: string,
  content: MailContent,
): Promise<{ readonly html: string; readonly text: string }> {
  return renderMail(subject, content, mailIdentity(await siteIdentity(db)))
}

/** The outbox, newest first, 50 a page. to: only mail to this address. isUnsent: only what waits or failed. */
export async function mailbox(
  db: Db,
  filter: { readonly to?: string; readonly isUnsent?: boolean },
  turn: Turn,
): Promise<ListPage<StoredMail>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 50, (reach) =>
    mailPage(db, { to: filter.to, isUnsent: filter.isUnsent ?? false }, reach),
  )
}

/** One mail as its reader sees it; undefined for an id that is none. */
export async function readMail(
  db: Db,
  id: string,
): Promise<
  | {
      readonly mail: StoredMail
      readonly html: string
      readonly text: string
      /** The iCalendar file that goes along. */
      readonly calendar: string | undefined
    }
  | undefined
> {
  const mail = isId(id) ? await findMail(db, id) : undefined
  if (!mail) return undefined
  const content = (await completed(db, mail.content)) ?? {
    ...mail.content,
    blocks: [{ kind: 'text', text: 'Its reader may not have it any more.' }],
  }
  return {
    mail,
    ...renderMail(mail.subject, content, mailIdentity(await siteIdentity(db))),
    calendar: content.calendar?.file,
  }
}

/** The mails about something, by the beginnings of their keys, oldest first; at most 50 of each template. */
export async function mailsAbout(
  db: Db,
  subjects: readonly { readonly template: string; readonly entityPrefix: string }[],
): Promise<readonly StoredMail[]> {
  const found = await Promise.all(
    subjects.map(({ template, entityPrefix }) => mailsWithPrefix(db, template, entityPrefix)),
  )
  return found.flat().toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
}

/**
 * Sends a mail that was refused for good once more, by the owner's hand: the address may work by now. Returns false for
 * mail that did not fail (it is sent, or still waiting by itself).
 */
export async function sendFailedAgain(tx: Tx, owner: OwnerActor, id: string): Promise<boolean> {
  if (!isId(id) || !(await requeue(tx, id))) return false
  await askForDelivery(tx, id)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'mail.sent_again',
    subject: { kind: 'mail', id },
  })
  return true
}
