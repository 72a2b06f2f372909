import { z } from 'zod'
import { lineField, linesField } from '#modules/platform/plain-text.ts'
import { readLink } from './contents-words.ts'

// What the owner's forms about a download's contents hold. Each refusal says what to do.

const title = lineField(120).refine((text) => text !== '', 'Give it a title.')
const note = lineField(300)

export const wordsForm = z.object({ greeting: lineField(500), directionsMd: linesField(10_000) })

export const fileForm = z.object({ title, note })

export const linkForm = z.object({
  title,
  note,
  url: z
    .string()
    .max(4_000, 'This address is too long.')
    .default('')
    .transform((text, context) => {
      const url = readLink(text)
      if (url !== undefined) return url
      context.addIssue(
        'Type a web address such as https://example.com, or mailto: and an e-mail address.',
      )
      return z.NEVER
    }),
})

export const snippetForm = z.object({
  title,
  note,
  body: linesField(100_000).refine((text) => text !== '', 'Type what is to be copied.'),
  language: lineField(30),
})

/** What is said of a version; an empty label takes the next number. */
export const versionForm = z.object({ label: lineField(30), changes: linesField(2_000) })

/** A limit of completed downloads; empty lifts it. */
export const limitForm = z.object({
  most: z
    .string()
    .max(20, 'Type a whole number from 1 to 1000, or leave it empty for no limit.')
    .default('')
    .transform((text, context) => {
      const plain = text.trim()
      if (plain === '') return undefined
      const most = /^\d{1,4}$/.test(plain) ? Number(plain) : 0
      if (most >= 1 && most <= 1000) return most
      context.addIssue('Type a whole number from 1 to 1000, or leave it empty for no limit.')
      return z.NEVER
    }),
})

/** How many downloads one buyer is given beyond the limit. */
export const allowanceForm = z.object({
  more: z
    .string()
    .regex(/^\s*(?:[1-9]\d?|100)\s*$/, 'Type a whole number from 1 to 100.')
    .transform(Number),
})
