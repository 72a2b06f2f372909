import { siteIdentity } from '#modules/site/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { renderMail } from '../mail-frame.ts'
import { mailIdentity } from './identity.ts'
import { findMail, mailPage, mailsAbout, type StoredMail } from './store.ts'

export { askForDelivery, deliverMail, sweepMail } from './delivery.ts'
export type { StoredMail } from './store.ts'
export { closeTransport } from './transport.ts'

/** The outbox, newest first, at most 100. to: only mail to this address. before: the last of the page above. */
export async function mailbox(
  db: Db,
  filter: {
    readonly to?: string
    readonly before?: { readonly at: Date; readonly id: string }
    readonly most: number
  },
): Promise<readonly StoredMail[]> {
  return mailPage(db, { to: filter.to, before: filter.before, most: Math.min(100, filter.most) })
}

/** One mail as its reader sees it; undefined for an id that is none. */
export async function readMail(
  db: Db,
  id: string,
): Promise<
  { readonly mail: StoredMail; readonly html: string; readonly text: string } | undefined
> {
  const mail = isId(id) ? await findMail(db, id) : undefined
  if (!mail) return undefined
  return { mail, ...renderMail(mail.subject, mail.content, mailIdentity(await siteIdentity(db))) }
}

/** The receipt of an order and its copies, oldest first. */
export async function receiptsOf(db: Db, orderId: string): Promise<readonly StoredMail[]> {
  return mailsAbout(db, 'receipt', `${orderId}:`)
}
