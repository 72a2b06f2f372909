import { siteIdentity } from '#modules/site/server/index.ts'
import {
  db,
  log,
  runtime,
  sendJob,
  sendJobNow,
  type JobKind,
  type Tx,
} from '#modules/platform/server/index.ts'
import { renderMail } from '../mail-frame.ts'
import { completable, completed } from './completing.ts'
import { mailIdentity } from './identity.ts'
import { markSent, markUnsent, strandedMails, takeMail, withdrawMail } from './store.ts'
import { send } from './transport.ts'

/** With growing pauses of up to an hour these are about three days. */
const mostRetries = 80

/**
 * Sends one mail. A crash between the mail server's yes and our note of it makes one copy with the same Message-ID;
 * nothing else can.
 */
export const deliverMail: JobKind<{ readonly mailId: string }> = {
  name: 'mail.deliver',
  async handle({ mailId }) {
    const mail = await takeMail(db(), mailId, completable())
    if (!mail) return
    const site = await siteIdentity(db())
    const content = await completed(db(), mail.content)
    if (!content) return withdrawMail(db(), mail.id)
    const rendered = renderMail(mail.subject, content, mailIdentity(site))
    const result = await send({
      messageId: mail.messageId,
      from: senderOfMail(site.name),
      to: mail.to,
      replyTo: mail.replyTo ?? site.contactEmail,
      subject: mail.subject,
      unsubscribeUrl: mail.unsubscribeUrl,
      ...(content.calendar ? { calendar: content.calendar } : {}),
      ...rendered,
    })
    if (result.ok) return markSent(db(), mail.id, result.via)
    log.warn({ mail: mail.id, refused: result.refused, error: result.words }, 'mail not delivered')
    // After the last try it is the owner's to say whether it is sent once more.
    const isOver = result.refused === 'for_good' || mail.attempts > mostRetries
    await markUnsent(db(), mail.id, isOver ? 'failed' : 'queued', result)
    if (!isOver) throw new Error(`Mail ${mail.id} was put off: ${result.words}`)
  },
  options: { retries: mostRetries, concurrency: 2, expireInSeconds: 45 },
}

/** Whom mails are from, as it stands in their From. */
function senderOfMail(shopName: string): string {
  return runtime().settings.mailFrom ?? usualSender(shopName)
}

/** The address mails come from, without its name. */
export function senderAddress(shopName: string): string {
  const from = senderOfMail(shopName)
  return (/<([^<>]+)>\s*$/.exec(from)?.[1] ?? from).trim()
}

/** Whom mails are from where nobody said it. */
export function usualSender(shopName: string): string {
  return `${JSON.stringify(shopName)} <no-reply@${new URL(runtime().settings.origin).hostname}>`
}

/** Asks for a mail's delivery in the transaction that wrote it. */
export async function askForDelivery(tx: Tx, mailId: string): Promise<void> {
  await sendJob(tx, deliverMail, { mailId })
}

/** Mails that wait although no job is left for them (its tries were used up while the database was away, for example) are put to work again. */
export async function sweepMail(): Promise<number> {
  const stranded = await strandedMails(db(), deliverMail.name, 50)
  for (const mailId of stranded) await sendJobNow(deliverMail, { mailId })
  return stranded.length
}
