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
