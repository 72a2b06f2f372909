import { cutText } from '../cut-text.ts'
import { runtime } from '#server/runtime.ts'
import { newId } from '../ids.ts'
import { oneLine } from '../plain-text.ts'
import type { Tx } from './database.ts'

/** What a mail says, independent of how it looks: rendered in the shop's look when it is delivered. */
export interface MailContent {
  /** The line mail programs show beside the subject. */
  readonly preheader: string
  readonly heading: string
  readonly blocks: readonly MailBlock[]
  /** Why the reader gets this mail, in small print. */
  readonly footnote: string
  /** An appointment that the reader's calendar takes up, or out: iCalendar, which goes along as invitation and as a file. */
  readonly calendar?: { readonly method: 'REQUEST' | 'CANCEL'; readonly file: string }
}

/** A calendar file is of one appointment; longer ones are none. */
const longestCalendarFile = 50_000

export type MailBlock =
  | { readonly kind: 'text'; readonly text: string }
  /** At most one a mail; the address is repeated as text below it. */
  | { readonly kind: 'button'; readonly label: string; readonly url: string }
  | { readonly kind: 'code'; readonly code: string }
  | {
      readonly kind: 'table'
      readonly rows: readonly {
        readonly label: string
        readonly value: string
        readonly strong?: boolean
      }[]
    }
  /** Safe markup, as renderMarkdown makes it; addresses are whole, since a mail has no shop around it. */
  | { readonly kind: 'prose'; readonly html: string }
  /** What is found out when the mail is delivered, by the module of this name: what its reader may read at that moment. */
  | { readonly kind: 'later'; readonly of: string; readonly key: string }

export interface OutgoingMail {
  /** What kind of mail: 'receipt', 'sign_in_code' ... */
  readonly template: string
  /** What it is about; the same template is never sent twice for the same key. */
  readonly entityKey: string
  readonly to: string
  readonly replyTo?: string
  readonly subject: string
  readonly content: MailContent
  /** Where its reader stops mails of this kind: GET asks, POST does it (RFC 8058). */
  readonly unsubscribeUrl?: string
}

/** Set by boot: asks for the delivery of a mail in the same transaction. */
let askForDelivery: ((tx: Tx, mailId: string) => Promise<void>) | undefined

export function onMailQueued(ask: (tx: Tx, mailId: string) => Promise<void>): void {
  askForDelivery = ask
}

/**
 * Writes a mail into the outbox, in the transaction of what it tells about: it is sent exactly when that
 * was committed. Returns whether it was new; false when this template was already queued for this key.
 */
export async function queueMail(tx: Tx, mail: OutgoingMail): Promise<boolean> {
  if ((mail.content.calendar?.file.length ?? 0) > longestCalendarFile)
    throw new RangeError(`A mail of ${mail.template} has too long a calendar file.`)
  const id = newId()
  const inserted = await tx
    .insertInto('email_message')
    .values({
      id,
      template: mail.template,
      entity_key: mail.entityKey,
      to_address: mail.to,
      reply_to: mail.replyTo ?? null,
      // A line break in a subject would start a header of the attacker's choice.
      subject: cutText(oneLine(mail.subject), 300),
      content: JSON.stringify(mail.content),
      completed_by: mail.content.blocks.find((block) => block.kind === 'later')?.of ?? null,
      unsubscribe_url: mail.unsubscribeUrl ?? null,
      message_id: `<${id}@${new URL(runtime().settings.origin).hostname}>`,
    })
    .onConflict((conflict) => conflict.columns(['template', 'entity_key']).doNothing())
    .executeTakeFirst()
  if (!inserted.numInsertedOrUpdatedRows) return false
  await askForDelivery?.(tx, id)
  return true
}
