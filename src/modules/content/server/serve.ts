import { imagePath } from '#modules/catalog/image-rules.ts'
import { mayUseAnyBeside } from '#modules/entitlements/server/index.ts'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { publicData, type Db } from '#modules/platform/server/index.ts'
import { rightsThatOpen } from '../access.ts'
import { withSizes } from '../pictures-in-text.ts'
import { beginningOf, readingMinutes } from '../reading.ts'
import { renderTeaser, teaserOf, wholeOf } from '../teaser.ts'
import type {
  AskedBeside,
  Category,
  FoundPost,
  PostCard,
  PostLink,
  PostView,
  Reader,
} from '../types.ts'
import {
  findByFormerSlug,
  findPost,
  neighbours,
  nothingBeside,
  publishedCategories,
  publishedPosts,
  searchPublishedPosts,
  type StoredPost,
} from './store.ts'
import { picturesOfPost } from './store.pictures.ts'

/** Both forms of a post, rendered. Never leaves this file: what leaves it is one of the two. */
interface Served {
  readonly post: StoredPost & { readonly publishedAt: Date }
  readonly whole: string
  readonly teaser: string
  readonly earlier: PostLink | undefined
  readonly later: PostLink | undefined
}

type Stored =
  | { readonly found: 'post'; readonly served: Served }
  | { readonly found: 'moved'; readonly slug: string }
  | { readonly found: 'none' }

/**
 * The post at an address as this reader may have it: the owner and everybody of a free post get the whole, a member with any of the
 * rights that open it too, all others its teaser with nothing of the rest. The one place where that is decided, asked anew each
 * time; every page, feed, mail and picture takes what comes from here. reader: undefined = nobody in particular. beside: asked in the
 * statement that decides it; what it answers is for whom the post is whole alone.
 */
export async function postFor<Beside = undefined>(
  db: Db,
  slug: string,
  reader: Reader | undefined,
  beside?: AskedBeside<Beside>,
): Promise<FoundPost<Beside>> {
  if (!isSlug(slug)) return { found: 'none' }
  const stored = await remembered(db, `post ${slug}`, () => storedAt(db, slug))
  if (stored.found !== 'post') return stored
  const { earlier, later } = stored.served
  return { found: 'post', ...(await viewFor(db, stored.served, reader, beside)), earlier, later }
}

/**
 * The newest posts as this reader may have them, for feeds: at most 50.
 */
export async function newestPostsFor(
  db: Db,
  reader: Reader | undefined,
  most: number,
): Promise<readonly PostView[]> {
  const { items } = await publishedPosts(db, { limit: Math.min(50, most), offset: 0 })
  const found = await Promise.all(items.map(({ slug }) => postFor(db, slug, reader)))
  return found.flatMap((one) => (one.found === 'post' ? [one.post] : []))
}

export interface PostPage {
  readonly items: readonly PostCard[]
  /** Of all pages together. */
  readonly total: number
}

/** Published posts, newest first, of one category or all. limit: at most 100. */
export function postCards(
  db: Db,
  filter: {
    readonly category?: string | undefined
    readonly limit: number
    readonly offset: number
  },
): Promise<PostPage> {
  return publishedPosts(db, { ...filter, limit: Math.min(100, filter.limit) })
}

/** Published posts whose title or open words have all words of a query, best first, at most 12. Any text is safe. */
export function searchPosts(db: Db, query: string): Promise<readonly PostCard[]> {
  return searchPublishedPosts(db, query, 12)
}

/** Categories that have published posts, by name. Remembered between changes. */
export function postCategories(
  db: Db,
): Promise<readonly (Category & { readonly count: number })[]> {
  return remembered(db, 'post categories', () => publishedCategories(db))
}

/** Whether there is any post to read: the shop's head leads to them then. Remembered between changes. */
export function hasPosts(db: Db): Promise<boolean> {
  return remembered(
    db,
    'has posts',
    async () => (await publishedPosts(db, { limit: 1, offset: 0 })).total > 0,
  )
}

async function viewFor<Beside>(
  db: Db,
  { post, whole, teaser }: Served,
  reader: Reader | undefined,
  asked: AskedBeside<Beside> | undefined,
): Promise<{ readonly post: PostView; readonly beside: Beside | undefined }> {
  const { openers, beside } = await missingRight(db, post, reader, asked)
  const view = {
    id: post.id,
    slug: post.slug,
    title: post.title,
    author: post.author,
    publishedAt: post.publishedAt,
    updatedAt: post.updatedAt,
    category: post.category,
    isPremium: post.access.kind === 'premium',
    isExample: post.isExample,
    lead: beginningOf(post.openWords, 200),
    description: beginningOf(post.openWords, 160),
    minutes: readingMinutes(post.wordCount),
    isWhole: openers === undefined,
    html: openers === undefined ? whole : teaser,
    openers,
  }
  return { post: view, beside }
}

/** What would open the post to somebody whom it is not open to; undefined where it is open. */
async function missingRight<Beside>(
  db: Db,
  { id, access }: StoredPost,
  reader: Reader | undefined,
  asked: AskedBeside<Beside> | undefined,
) {
  if (access.kind === 'free' || reader?.kind === 'owner')
    return { openers: undefined, beside: undefined }
  const { anyPlan, planIds, productIds } = access
  const openers = { anyPlan, planIds, productIds }
  if (!reader) return { openers, beside: undefined }
  const question = (await asked?.(id)) ?? nothingBeside<Beside>()
  const rights = rightsThatOpen(access)
  const { isOpen, beside } = await mayUseAnyBeside(db, reader.memberId, rights, question)
  return isOpen
    ? { openers: undefined, beside: beside ?? undefined }
    : { openers, beside: undefined }
}

async function storedAt(db: Db, slug: string): Promise<Stored> {
  const post = await findPost(db, { slug })
  if (isPublished(post)) {
    const pictures = await picturesOfPost(db, post.id)
    const sizes = new Map(
      pictures.flatMap(({ files, ...picture }) =>
        files.map(({ id, width, format }) => [
          imagePath(id, format),
          { width, height: Math.round((width * picture.height) / picture.width) },
        ]),
      ),
    )
    return {
      found: 'post',
      served: {
        post,
        whole: withSizes(renderMarkdown(wholeOf(post.bodyMd)), sizes),
        teaser:
          post.access.kind === 'free' ? '' : withSizes(renderTeaser(teaserOf(post.bodyMd)), sizes),
        ...(await neighbours(db, post.id)),
      },
    }
  }
  const former = post ? undefined : await findByFormerSlug(db, slug)
  return former?.isPublished ? { found: 'moved', slug: former.slug } : { found: 'none' }
}

function isPublished(post: StoredPost | undefined): post is Served['post'] {
  return (
    post?.state === 'published' && post.deletedAt === undefined && post.publishedAt !== undefined
  )
}

/** A transaction must see its own. */
function remembered<Data>(db: Db, key: string, read: () => Promise<Data>): Promise<Data> {
  return db.isTransaction ? read() : publicData(key, read)
}

function isSlug(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,80}$/.test(text)
}
