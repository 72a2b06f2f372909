import { expect, test } from 'vitest'
import { postFeed } from './feed.ts'
import type { PostView } from './types.ts'

const shop = {
  title: 'Tea & <Co>',
  description: '',
  owner: 'Ana',
  language: 'en',
  origin: 'https://shop.example',
  path: '/posts/feed.xml',
}

const post: PostView = {
  id: '018f0000-0000-7000-8000-000000000000',
  slug: 'on-tea',
  title: 'On "tea" & <milk>',
  author: '',
  publishedAt: new Date('2026-05-04T08:30:00Z'),
  updatedAt: new Date('2026-05-05T08:30:00Z'),
  category: { slug: 'kitchen', title: 'Kitchen' },
  isPremium: true,
  isWhole: false,
  isExample: false,
  lead: 'Open',
  description: 'Open',
  minutes: 1,
  html: '<p>Open <a href="/p/cup">cup</a> <a href="https://elsewhere.example/">x</a></p>\n',
  openers: { anyPlan: true, planIds: [], productIds: [] },
}

test('a post in the feed has its date, its author and what its reader may have, with a way to read on', () => {
  const feed = postFeed([post], shop)
  expect(feed).toContain('<title>On &quot;tea&quot; &amp; &lt;milk&gt;</title>')
  expect(feed).toContain('<pubDate>Mon, 04 May 2026 08:30:00 GMT</pubDate>')
  expect(feed).toContain('<dc:creator>Ana</dc:creator>')
  expect(feed).toContain('<category>Kitchen</category>')
  expect(feed).toContain(
    '&lt;p&gt;Open &lt;a href=&quot;https://shop.example/p/cup&quot;&gt;cup&lt;/a&gt; &lt;a href=&quot;https://elsewhere.example/&quot;&gt;',
  )
  expect(feed).toContain('Read on')
  expect(feed).toContain('<title>Tea &amp; &lt;Co&gt;</title>')
})

test('in a feed of somebody’s own the pictures are fetched by its key', () => {
  const html = '<p><img src="/images/a.webp" alt=""></p>'
  const own = postFeed([{ ...post, html }], { ...shop, key: 'k' })
  expect(own).toContain('src=&quot;https://shop.example/images/a.webp?feed=k&quot;')
  expect(postFeed([{ ...post, html }], shop)).toContain(
    'src=&quot;https://shop.example/images/a.webp&quot;',
  )
})

test('what is whole needs no way to read on, and control signs do not break the feed', () => {
  const feed = postFeed([{ ...post, isWhole: true, title: 'A\u0008B' }], shop)
  expect(feed).not.toContain('Read on')
  expect(feed).toContain('<title>AB</title>')
})
