import { createTransport, type Transporter } from 'nodemailer'
import { mailFaultOf, type MailFault } from '../mail-fault.ts'
import { runtime, type MailContent } from '#modules/platform/server/index.ts'

/** A mail that is ready to leave. */
export interface ReadyMail {
  readonly messageId: string
  readonly from: string
  readonly to: string
  readonly replyTo: string | undefined
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly unsubscribeUrl?: string | undefined
  readonly calendar?: MailContent['calendar']
}

export type SendResult =
  | { readonly ok: true; readonly via: 'smtp' | 'mailbox' }
  /** for_now: try again later. for_good: this address or this mail is refused. */
  | {
      readonly ok: false
      readonly refused: 'for_now' | 'for_good'
      readonly fault: MailFault
      /** Of the mail program or the server, as they came. */
      readonly words: string
    }

/** Shorter than the lease on a mail (store.ts), so that nobody else sends it while we still try. */
const sendLimitMs = 35_000

let opened: { url: string; transport: Transporter } | undefined

/** Sends by SMTP_URL; without it the mail stays in the mailbox page, which counts as delivered. */
export async function send(mail: ReadyMail): Promise<SendResult> {
  const url = runtime().settings.smtpUrl
  if (!url) return { ok: true, via: 'mailbox' }
  if (opened?.url !== url) {
    opened?.transport.close()
    const options = {
      url,
      pool: true,
      maxConnections: 2,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    }
    opened = { url, transport: createTransport(options) }
  }
  try {
    await within(sendLimitMs, opened.transport.sendMail(letter(mail)))
    return { ok: true, via: 'smtp' }
  } catch (error) {
    return refusal(error)
  }
}

/** A test must not keep the owner waiting. */
const tryLimitMs = 15_000

/** Sends one mail by a server that may not be in force yet, over a connection of its own. Answers in the server's words. */
export async function sendBy(smtpUrl: string, mail: ReadyMail): Promise<SendResult> {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: 8_000,
    greetingTimeout: 8_000,
    socketTimeout: 12_000,
  })
  try {
    await within(tryLimitMs, transport.sendMail(letter(mail)))
    return { ok: true, via: 'smtp' }
  } catch (error) {
    return refusal(error)
  } finally {
    transport.close()
  }
}

function letter(mail: ReadyMail) {
  return {
    messageId: mail.messageId,
    from: mail.from,
    to: { name: '', address: mail.to },
    ...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    // RFC 8058: the mailbox's own button posts there, without asking anybody to sign in.
    ...(mail.unsubscribeUrl
      ? {
          headers: {
            'List-Unsubscribe': `<${mail.unsubscribeUrl}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          },
        }
      : {}),
    // As one of the mail's alternatives, which calendars take up, and as a file for programs that show only those.
    ...(mail.calendar
      ? {
          icalEvent: {
            method: mail.calendar.method,
            content: mail.calendar.file,
            filename: 'invite.ics',
          },
        }
      : {}),
    // No bytes are ever fetched for a mail, from disk or from the network.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

export function closeTransport(): void {
  opened?.transport.close()
  opened = undefined
}

function refusal(error: unknown): SendResult {
  const words = error instanceof Error ? error.message : String(error)
  const told = (name: string): unknown =>
    error instanceof Error ? Object.getOwnPropertyDescriptor(error, name)?.value : undefined
  const text = (name: string) => {
    const value = told(name)
    return typeof value === 'string' ? value : ''
  }
  const responseCode = told('responseCode')
  const code = typeof responseCode === 'number' ? responseCode : 0
  const fault = mailFaultOf({
    code: text('code'),
    responseCode: code,
    command: text('command'),
    message: words,
  })
  // 535 and its like speak of our own sign-in, not of the reader: that is for the owner to mend, and the mail waits.
  const isAboutTheMail = code >= 500 && fault !== 'sign_in'
  return { ok: false, refused: isAboutTheMail ? 'for_good' : 'for_now', fault, words }
}

class LateError extends Error {
  readonly code = 'ELATE'
}

async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new LateError(`The mail server did not finish within ${limitMs / 1000} s.`)),
      limitMs,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
