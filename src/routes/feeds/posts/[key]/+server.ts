import { error } from '@sveltejs/kit'
import { postFeed } from '#modules/content/feed.ts'
import { newestPostsFor, readerOfFeed } from '#modules/content/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { RequestHandler } from './$types'

/** Feed readers show the newest; who wants older ones has the pages. */
const most = 20

/** A member's own feed: each post with what they may read at this moment. It lies outside of the public pages, which are kept. */
export const GET: RequestHandler = async ({ params }) => {
  const key = params.key.replace(/\.xml$/, '')
  const reader = await readerOfFeed(db(), key)
  if (!reader) error(404, 'This feed does not exist (any more).')
  const { origin } = runtime().settings
  const [site, posts] = await Promise.all([siteIdentity(db()), newestPostsFor(db(), reader, most)])
  const feed = postFeed(posts, {
    title: site.name,
    description: site.sentence,
    owner: site.ownerName || site.name,
    language: site.locale,
    origin,
    path: `/feeds/posts/${key}.xml`,
    key,
  })
  return new Response(feed, {
    headers: {
      'content-type': 'application/rss+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
      'x-robots-tag': 'noindex',
    },
  })
}
