import { postFeed } from '#modules/content/feed.ts'
import { newestPostsFor } from '#modules/content/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { RequestHandler } from './$types'

/** Feed readers show the newest; who wants older ones has the pages. */
const most = 20

/** The posts as everybody may read them: premium ones with their teaser. Whoever asks, a feed has no reader in particular. */
export const GET: RequestHandler = async () => {
  const { origin } = runtime().settings
  const [site, posts] = await Promise.all([
    siteIdentity(db()),
    newestPostsFor(db(), undefined, most),
  ])
  const feed = postFeed(posts, {
    title: site.name,
    description: site.sentence,
    owner: site.ownerName || site.name,
    language: site.locale,
    origin,
    path: '/posts/feed.xml',
  })
  return new Response(feed, {
    headers: {
      'content-type': 'application/rss+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  })
}
