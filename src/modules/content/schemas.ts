import { z } from 'zod'
import { isId } from '#modules/platform/ids.ts'
import { lineField, linesField } from '#modules/platform/plain-text.ts'

// What the owner's forms about posts hold. Each refusal says what to do.

const title = lineField(160).refine((text) => text !== '', 'Give it a title.')

export const newPostForm = z.object({ title })

/** Far more than anybody ticks. */
const mostOpeners = 100

/** Ids of what was ticked; what is no id was not ticked on our page and is left out. */
const ids = z
  .array(z.string())
  .max(mostOpeners, `At most ${mostOpeners} of these, please.`)
  .transform((all) => [...new Set(all.filter(isId))])

export const postForm = z
  .object({
    title,
    slug: z
      .string()
      .default('')
      .transform((text) => text.trim().toLowerCase())
      .refine(
        (text) => /^[a-z0-9][a-z0-9-]{0,80}$/.test(text),
        'An address has small letters, digits and dashes, such as on-quiet-work.',
      ),
    author: lineField(120),
    category: lineField(60),
    bodyMd: linesField(100_000),
    access: z.enum(['free', 'premium'], 'Choose who may read it.'),
    anyPlan: z.boolean(),
    planIds: ids,
    productIds: ids,
  })
  .superRefine((post, context) => {
    if (
      post.access === 'premium' &&
      !post.anyPlan &&
      post.planIds.length + post.productIds.length === 0
    )
      context.addIssue({
        code: 'custom',
        path: ['access'],
        message: 'Tick at least one thing that opens it, or let everybody read it.',
      })
  })
  .transform(({ access, anyPlan, planIds, productIds, ...words }) => ({
    ...words,
    access:
      access === 'free'
        ? ({ kind: 'free' } as const)
        : ({ kind: 'premium', anyPlan, planIds, productIds } as const),
  }))

export const categoryForm = z.object({
  slug: z.string().max(100).default(''),
  seen: z.string().max(200).default(''),
  title: lineField(60).refine((text) => text !== '', 'Give it a name, or remove it.'),
})

export const scheduleForm = z.object({
  day: z.string().max(20).default(''),
  time: z.string().max(20).default(''),
})
