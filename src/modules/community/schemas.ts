import { z } from 'zod'
import { isId } from '#modules/platform/ids.ts'
import { lineField, linesField } from '#modules/platform/plain-text.ts'
import { longestComment } from './comment-text.ts'
import { longestAbout, longestName } from './profile-rules.ts'

// What the forms of readers and the owner hold. Each refusal says what to do.

const id = z.string().refine(isId, 'This is not on this page any more.')

const body = linesField(longestComment).refine(
  (text) => text.trim() !== '',
  'Write something first.',
)

export const commentForm = z.object({
  body,
  name: lineField(longestName),
  formId: id,
  /** '' = on the post itself. */
  answers: z.union([z.literal(''), id]).default(''),
  stamp: z.string().max(200).default(''),
  /** Hidden from people. */
  website: z.string().max(2_000).default(''),
})

export const editForm = z.object({ comment: id, body })

export const commentIdForm = z.object({ comment: id })

export const decisionForm = z.object({
  comment: id,
  decision: z.enum(['publish', 'hide', 'spam'], 'Choose what becomes of it.'),
})

export const undoForm = z.object({
  entry: z.string().regex(/^\d{1,15}$/, 'There is nothing to take back.'),
})

export const banForm = z.object({ member: id })

const ticked = z
  .string()
  .optional()
  .transform((value) => value !== undefined)

export const profileForm = z.object({
  name: lineField(longestName),
  about: linesField(longestAbout),
  isShown: ticked,
  showsPicture: ticked,
  mailsReplies: ticked,
  mailsComments: ticked,
})
