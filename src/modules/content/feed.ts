import { escaped } from './escaping.ts'
import { withOwnAddresses } from './own-addresses.ts'
import type { PostView } from './types.ts'

interface Surroundings {
  readonly title: string
  readonly description: string
  /** Of posts whose author is not named by themselves. */
  readonly owner: string
  /** BCP 47. */
  readonly language: string
  /** Public address of the shop, without a slash at its end. */
  readonly origin: string
  /** Of the feed itself. */
  readonly path: string
  /** Of a member's own feed: its pictures are fetched by it. */
  readonly key?: string
}

/** Posts as RSS 2.0 (rssboard.org/rss-specification), each with what its reader may have of it. Pure. */
export function postFeed(posts: readonly PostView[], shop: Surroundings): string {
  const addresses = {
    origin: shop.origin,
    ...(shop.key === undefined ? {} : { pictures: `feed=${shop.key}` }),
  }
  const items = posts.map((post) => {
    const url = `${shop.origin}/posts/${post.slug}`
    const rest = post.isWhole ? '' : `<p><a href="${url}">Read on</a></p>`
    return [
      '<item>',
      `<title>${inXml(post.title)}</title>`,
      `<link>${url}</link>`,
      `<guid isPermaLink="false">${post.id}</guid>`,
      `<pubDate>${post.publishedAt.toUTCString()}</pubDate>`,
      `<dc:creator>${inXml(post.author || shop.owner)}</dc:creator>`,
      ...(post.category ? [`<category>${inXml(post.category.title)}</category>`] : []),
      `<description>${inXml(post.description)}</description>`,
      `<content:encoded>${inXml(withOwnAddresses(post.html, addresses) + rest)}</content:encoded>`,
      '</item>',
    ].join('\n')
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">',
    '<channel>',
    `<title>${inXml(shop.title)}</title>`,
    `<link>${shop.origin}/posts</link>`,
    `<description>${inXml(shop.description)}</description>`,
    `<language>${inXml(shop.language)}</language>`,
    `<atom:link href="${shop.origin}${shop.path}" rel="self" type="application/rss+xml"/>`,
    ...items,
    '</channel>',
    '</rss>',
    '',
  ].join('\n')
}

/** Control signs that XML 1.0 does not know break a feed for every reader. */
function inXml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return escaped(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''))
}
