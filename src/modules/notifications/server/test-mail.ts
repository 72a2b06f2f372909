import { newId } from '#modules/platform/ids.ts'
import { runtime, type Db, type MailContent } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { renderMail } from '../mail-frame.ts'
import { usualSender } from './delivery.ts'
import { mailIdentity } from './identity.ts'
import { sendBy, type SendResult } from './transport.ts'

/**
 * Sends a test mail by a mail server, in force or not, and tells what the server said. It stands in no outbox: a test is not
 * tried again behind the owner's back. from undefined: as mails are from where nobody said it.
 */
export async function sendTestMail(
  db: Db,
  test: { readonly smtpUrl: string; readonly from: string | undefined; readonly to: string },
): Promise<SendResult> {
  const site = await siteIdentity(db)
  const { origin } = runtime().settings
  const subject = `A test from ${site.name}`
  const content: MailContent = {
    preheader: 'If you can read this, mail leaves your shop.',
    heading: 'Mail leaves your shop',
    blocks: [
      {
        kind: 'text',
        text: 'If this arrived in your inbox and not among the unwanted mail, receipts and sign-in codes will, too.',
      },
      {
        kind: 'text',
        text: 'Did it come as unwanted? Then your domain does not yet say that this server may write in its name: see SPF, DKIM and DMARC on the page you came from.',
      },
      { kind: 'button', label: 'Back to the mail settings', url: `${origin}/admin/settings/mail` },
    ],
    footnote:
      'You get this mail because somebody pressed "Send me a test" in the settings of the shop.',
  }
  return sendBy(test.smtpUrl, {
    messageId: `<test-${newId()}@${new URL(origin).hostname}>`,
    from: test.from ?? usualSender(site.name),
    to: test.to,
    replyTo: undefined,
    subject,
    ...renderMail(subject, content, mailIdentity(site)),
  })
}
