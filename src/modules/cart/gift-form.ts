import { z } from 'zod'
import type { GiftWords } from '#modules/orders/types.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { lineField, linesField } from '#modules/platform/plain-text.ts'

const giftForm = z.object({
  fromName: lineField(120).refine((text) => text !== '', 'Say who it is from.'),
  toName: lineField(120),
  toEmail: z
    .string()
    .max(300, 'This does not look like an e-mail address.')
    .default('')
    .transform((text, context) => {
      if (text.trim() === '') return undefined
      const address = canonicalEmail(text)
      if (address) return address
      context.addIssue('This does not look like an e-mail address.')
      return z.NEVER
    }),
  message: linesField(1_000),
})

/** The fields of the form, by what they hold. */
export const giftFields = {
  isGift: 'gift',
  fromName: 'gift_from',
  toName: 'gift_to',
  toEmail: 'gift_email',
  message: 'gift_message',
} as const

export type ReadGift =
  | { readonly ok: true; readonly gift: GiftWords | undefined }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

/** Reads whether a purchase is for somebody else, and what the buyer wrote with it. */
export function readGift(typed: (field: string) => string): ReadGift {
  if (typed(giftFields.isGift) !== 'yes') return { ok: true, gift: undefined }
  const read = giftForm.safeParse({
    fromName: typed(giftFields.fromName),
    toName: typed(giftFields.toName),
    toEmail: typed(giftFields.toEmail),
    message: typed(giftFields.message),
  })
  if (read.success) return { ok: true, gift: { ...read.data, toEmail: read.data.toEmail } }
  const errors: Record<string, string> = {}
  for (const issue of read.error.issues) {
    const name = issue.path[0]
    if (name === 'fromName' || name === 'toName' || name === 'toEmail' || name === 'message')
      errors[giftFields[name]] ??= issue.message
  }
  return { ok: false, errors }
}
