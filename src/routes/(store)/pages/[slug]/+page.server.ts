import { error } from '@sveltejs/kit'
import { markdownToText, renderMarkdown } from '#modules/platform/markdown.ts'
import { db } from '#modules/platform/server/index.ts'
import { sitePage } from '#modules/site/server/index.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ params }) => {
  const page = await sitePage(db(), params.slug)
  if (!page) error(404, 'There is no page at this address.')
  return {
    page,
    html: renderMarkdown(page.bodyMd),
    metaDescription: markdownToText(page.bodyMd, 160),
  }
}
