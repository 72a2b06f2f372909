import type { MailBlock, OutgoingMail } from '#modules/platform/server/index.ts'

/** A paragraph of a mail. */
export const text = (words: string): MailBlock => ({ kind: 'text', text: words })

/** Builds mails whose subject heads them, and that say at their foot why somebody gets them. */
export const headedMail =
  (footnote: string) =>
  (
    { to }: { readonly to: string },
    key: { readonly template: string; readonly entityKey: string },
    words: {
      readonly subject: string
      readonly preheader: string
      readonly blocks: readonly MailBlock[]
    },
  ): OutgoingMail => ({
    ...key,
    to,
    subject: words.subject,
    content: {
      preheader: words.preheader,
      heading: words.subject,
      blocks: words.blocks,
      footnote,
    },
  })
