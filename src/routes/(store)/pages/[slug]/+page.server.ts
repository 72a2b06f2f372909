import { error } from '@sveltejs/kit'
import { markdownToText, renderMarkdown } from '#modules/platform/markdown.ts'
import { db } from '#modules/platform/server/index.ts'
import { sitePage } from '#modules/site/server/index.ts'
import { adFor } from '../../ads.server.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const page = await sitePage(db(), event.params.slug)
  if (!page) error(404, 'There is no page at this address.')
  return {
    page,
    html: renderMarkdown(page.bodyMd),
    metaDescription: markdownToText(page.bodyMd, 160),
    ad: await adFor(event, 'page'),
  }
}
