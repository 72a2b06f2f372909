import { error } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { previewOf } from '#modules/content/teaser.ts'
import { postedForm } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

const longest = 100_000

/** A post's text as it will be read: all of it, and by those without a right to it. For the preview beside the form. */
export const POST: RequestHandler = async (event) => {
  ownerOnly(event)
  const text = (await postedForm(event.request)).get('text')
  if (typeof text !== 'string') error(400, 'This form does not say what to show.')
  if (text.length > longest) error(413, 'This text is too long.')
  return Response.json(previewOf(text))
}
