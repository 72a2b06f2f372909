import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  audit,
  discardBytes,
  inTransaction,
  db as pool,
  now,
  overwrites,
  seenMark,
  type AuditEntry,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { slugOf } from '#modules/platform/slug.ts'
import { countWords } from '../reading.ts'
import { plainWords, teaserOf, teaserWords, wholeOf } from '../teaser.ts'
import type { Access, OwnerPost, OwnerPostRow, PostInput, Writer } from '../types.ts'
import { categoryOfName } from './categories.ts'
import { markOpenPictures, removeAllPictures } from './pictures.ts'
import * as store from './store.ts'

export interface OwnerPostPage {
  readonly items: readonly OwnerPostRow[]
  /** That fit the filter, on all pages. */
  readonly total: number
  readonly counts: store.PostCounts
}

/** The owner's list: what is worked on first, then the published ones, newest first. limit: at most 100. */
export async function ownerPosts(db: Db, filter: store.OwnerFilter): Promise<OwnerPostPage> {
  const { items, total } = await store.ownerPostRows(db, {
    ...filter,
    limit: Math.min(100, filter.limit),
  })
  return { items, total, counts: await store.countPosts(db) }
}

/** A post of any state for its editor, deleted ones too; undefined for an id that is none. */
export async function ownerPost(db: Db, id: string): Promise<OwnerPost | undefined> {
  const post = isId(id) ? await store.findPost(db, { id }) : undefined
  if (!post) return undefined
  return {
    id,
    ...inputOf(post),
    state: post.state,
    publishedAt: post.publishedAt,
    updatedAt: post.updatedAt,
    deletedAt: post.deletedAt,
    isExample: post.isExample,
    formerSlugs: await store.formerSlugs(db, id),
  }
}

function inputOf(post: store.StoredPost): PostInput {
  const { title, slug, author, bodyMd, access } = post
  return { title, slug, author, bodyMd, access, category: post.category?.title ?? '' }
}

/** A mark of what the form shows, so that nobody saves over what they have not seen. */
export function postSeen(post: PostInput): string {
  return seenMark(shown(post))
}

function shown({ title, slug, author, category, bodyMd, access }: PostInput) {
  return { title, slug, author, category, bodyMd, access: accessMark(access) }
}

/** The same choices, the same mark, in whatever order they were ticked. */
function accessMark(access: Access): string {
  if (access.kind === 'free') return 'free'
  const { anyPlan, planIds, productIds } = access
  return JSON.stringify([anyPlan, planIds.toSorted(), productIds.toSorted()])
}

/** Begins a draft. Its address comes from the title; a number is added where another post has, or had, that one. */
export async function beginPost(
  tx: Tx,
  by: Writer,
  post: { readonly title: string; readonly isExample?: boolean },
): Promise<{ id: string; slug: string }> {
  await store.lockSlugs(tx)
  const slug = await freeSlug(tx, slugOf(post.title, 'post'))
  const id = await store.insertPost(tx, {
    title: post.title,
    slug,
    isExample: post.isExample ?? false,
  })
  await note(tx, by, id, 'post.begun', { title: post.title })
  return { id, slug }
}

async function freeSlug(tx: Tx, wanted: string): Promise<string> {
  for (let number = 1; number <= 1000; number++) {
    const slug = number === 1 ? wanted : `${wanted.slice(0, 75)}-${number}`
    if (!(await store.isSlugTaken(tx, slug, undefined))) return slug
  }
  throw new Error(`A thousand posts are already called ${wanted}.`)
}

export type EditPostResult =
  | { readonly ok: true; readonly slug: string }
  | {
      readonly ok: false
      /** changed: somebody saved what the writer has not seen. */
      readonly reason: 'not_found' | 'slug_taken' | 'changed' | 'deleted'
    }

/**
 * Writes a post's words and who may read them. What a published post says is public, or shut, from this transaction on. When the
 * address of one that was ever published changes, the old one goes on leading to it. seen: postSeen() of what the writer saw.
 */
export async function editPost(
  tx: Tx,
  by: Writer,
  postId: string,
  input: PostInput,
  seen?: string,
): Promise<EditPostResult> {
  await store.lockSlugs(tx)
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post) return { ok: false, reason: 'not_found' }
  if (post.deletedAt) return { ok: false, reason: 'deleted' }
  if (overwrites(seen, shown(inputOf(post)), shown(input))) return { ok: false, reason: 'changed' }
  if (input.slug !== post.slug) {
    if (await store.isSlugTaken(tx, input.slug, postId)) return { ok: false, reason: 'slug_taken' }
    await store.forgetFormerSlug(tx, postId, input.slug)
    if (post.publishedAt && post.state !== 'scheduled')
      await store.keepFormerSlug(tx, postId, post.slug)
  }
  const categorySlug = input.category === '' ? null : await categoryOfName(tx, input.category)
  const { access } = input
  const isPremium = access.kind === 'premium'
  const whole = plainWords(wholeOf(input.bodyMd))
  await store.writeWords(tx, postId, {
    title: input.title,
    slug: input.slug,
    author: input.author,
    bodyMd: input.bodyMd,
    openWords: isPremium ? teaserWords(teaserOf(input.bodyMd)) : whole,
    wordCount: countWords(whole),
    categorySlug,
    isPremium,
    opensToAnyPlan: isPremium && access.anyPlan,
  })
  if (accessMark(post.access) !== accessMark(access)) {
    await store.replaceOpeners(
      tx,
      postId,
      isPremium
        ? [
            ...access.planIds.map((subjectId) => ({ benefit: 'plan' as const, subjectId })),
            ...access.productIds.map((subjectId) => ({ benefit: 'product' as const, subjectId })),
          ]
        : [],
    )
    await note(tx, by, postId, 'post.access_changed', {
      premium: isPremium,
      anyPlan: isPremium && access.anyPlan,
      plans: isPremium ? access.planIds.length : 0,
      products: isPremium ? access.productIds.length : 0,
    })
  }
  await markOpenPictures(tx, postId, input)
  await store.dropUnusedCategories(tx)
  await store.forgetTyped(tx, postId)
  if (by !== 'system' && postSeen(inputOf(post)) !== postSeen(input))
    await store.markOwn(tx, postId)
  return { ok: true, slug: input.slug }
}

export type PublishPostResult =
  | { readonly ok: true; readonly state: 'published' | 'scheduled' }
  | {
      readonly ok: false
      /** past: the moment is not ahead. */
      readonly reason: 'not_found' | 'deleted' | 'empty' | 'past'
    }

/**
 * Publishes a post now, or at a moment ahead by the one clock. A published one stays as it is, unless it is asked to appear later: then it
 * is taken from the shop until that moment. empty: it has no text yet.
 */
export async function publishPost(
  tx: Tx,
  by: Writer,
  postId: string,
  at?: Date,
): Promise<PublishPostResult> {
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post) return { ok: false, reason: 'not_found' }
  if (post.deletedAt) return { ok: false, reason: 'deleted' }
  if (wholeOf(post.bodyMd).trim() === '') return { ok: false, reason: 'empty' }
  if (at) {
    if (at.getTime() <= (await now(tx)).getTime()) return { ok: false, reason: 'past' }
    await store.writeState(tx, postId, 'scheduled', at)
    await note(tx, by, postId, 'post.scheduled', { at: at.toISOString() })
    return { ok: true, state: 'scheduled' }
  }
  if (post.state !== 'published') {
    // One that was published before keeps its place among the others.
    const appeared = post.state === 'draft' ? post.publishedAt : undefined
    await store.writeState(tx, postId, 'published', appeared ? undefined : 'now')
    await note(tx, by, postId, 'post.published')
  }
  return { ok: true, state: 'published' }
}

/** Takes a post back to a draft: nobody but its owner reads it. Returns whether there is one. */
export async function unpublishPost(tx: Tx, by: Writer, postId: string): Promise<boolean> {
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post || post.deletedAt) return false
  if (post.state === 'draft') return true
  await store.writeState(tx, postId, 'draft')
  await note(tx, by, postId, 'post.unpublished')
  return true
}

/** Puts a post among the recently deleted ones, from where it can be brought back for 30 days. */
export async function deletePost(tx: Tx, by: Writer, postId: string): Promise<boolean> {
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post) return false
  if (post.deletedAt) return true
  await store.writeDeleted(tx, postId, true)
  await note(tx, by, postId, 'post.deleted', { title: post.title })
  return true
}

/**
 * Brings a deleted post back as it was; one whose moment to appear has passed meanwhile, or that was published, comes back as a draft, so
 * that nothing appears by surprise.
 */
export async function restorePost(tx: Tx, by: Writer, postId: string): Promise<boolean> {
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post) return false
  if (!post.deletedAt) return true
  await store.writeDeleted(tx, postId, false)
  if (post.state !== 'draft') await store.writeState(tx, postId, 'draft')
  await note(tx, by, postId, 'post.restored', { title: post.title })
  return true
}

/**
 * Deletes one of the recently deleted ones for good, before its 30 days are over. Returns the storage keys of its pictures, to hand to
 * discardBytes after the commit; undefined when it is not among them.
 */
export async function deletePostForGood(
  tx: Tx,
  by: Writer,
  postId: string,
): Promise<readonly string[] | undefined> {
  const post = isId(postId) ? await store.lockPost(tx, postId) : undefined
  if (!post?.deletedAt) return undefined
  const bytes = await removeAllPictures(tx, postId)
  await store.deleteForGood(tx, postId)
  await store.dropUnusedCategories(tx)
  await note(tx, by, postId, 'post.deleted_for_good', { title: post.title })
  return bytes
}

/** Removes the example posts that their owner has not made their own; returns their titles. */
export async function removeExamplePosts(tx: Tx, owner: OwnerActor): Promise<readonly string[]> {
  const titles = await store.deleteExamples(tx)
  if (titles.length === 0) return titles
  await store.dropUnusedCategories(tx)
  await audit(tx, {
    actor: acting(owner),
    action: 'post.examples_removed',
    subject: { kind: 'shop', id: 'shop' },
    detail: { posts: titles.length },
  })
  return titles
}

/** Publishes the posts whose moment has come. Of several processes each post is published by one. */
export async function publishDuePosts(): Promise<number> {
  if (!(await store.isAnyDue(pool()))) return 0
  return inTransaction(async (tx) => {
    const ids = await store.publishDue(tx)
    for (const id of ids) await note(tx, 'system', id, 'post.published')
    return ids.length
  })
}

/** Deletes for good what was deleted more than 30 days ago, at most 100 at once. Returns how many. */
export async function sweepPosts(): Promise<number> {
  const due = await store.longDeleted(pool(), 100)
  if (due.length === 0) return 0
  const bytes = await inTransaction(async (tx) => {
    const keys: string[] = []
    for (const id of due) {
      keys.push(...(await removeAllPictures(tx, id)))
      await store.deleteForGood(tx, id)
    }
    await store.dropUnusedCategories(tx)
    return keys
  })
  await discardBytes(bytes)
  return due.length
}

/**
 * Keeps what stands typed in the editor until it is saved. seenVersion: of what was kept when this tab last heard of it, 0 for
 * nothing. Returns the new version; undefined where another tab kept something meanwhile, or the post is gone.
 */
export async function keepTyped(
  tx: Tx,
  postId: string,
  fields: Readonly<Record<string, string>>,
  seenVersion: number,
): Promise<number | undefined> {
  return isId(postId) ? store.writeTyped(tx, postId, fields, seenVersion) : undefined
}

/** What was typed and not saved yet. */
export async function typedIn(db: Db, postId: string): Promise<store.TypedWords | undefined> {
  return isId(postId) ? store.findTyped(db, postId) : undefined
}

/** Lets go of what was typed and not saved. */
export async function dropTyped(tx: Tx, postId: string): Promise<void> {
  if (isId(postId)) await store.forgetTyped(tx, postId)
}

async function note(
  tx: Tx,
  by: Writer,
  postId: string,
  action: string,
  detail?: AuditEntry['detail'],
): Promise<void> {
  await audit(tx, {
    actor: acting(by),
    action,
    subject: { kind: 'post', id: postId },
    ...(detail ? { detail } : {}),
  })
}

function acting(by: Writer): AuditEntry['actor'] {
  return by === 'system' ? { kind: 'system' } : { kind: 'owner', memberId: by.memberId }
}
