import { error } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { postedForm } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

const longest = 50_000

/** Markdown as the shop will show it, for the preview beside a form. */
export const POST: RequestHandler = async (event) => {
  ownerOnly(event)
  const text = (await postedForm(event.request)).get('text')
  if (typeof text !== 'string') error(400, 'This form does not say what to show.')
  if (text.length > longest) error(413, 'This text is too long.')
  return new Response(renderMarkdown(text), {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': 'sandbox' },
  })
}
