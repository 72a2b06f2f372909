import type { RawBuilder } from 'kysely'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'

export type PostState = 'draft' | 'scheduled' | 'published'

/** What opens a premium post: any one of these. */
export interface Openers {
  readonly anyPlan: boolean
  readonly planIds: readonly string[]
  readonly productIds: readonly string[]
}

/** free: everybody reads all of it. */
export type Access = { readonly kind: 'free' } | ({ readonly kind: 'premium' } & Openers)

export interface Category {
  readonly slug: string
  readonly title: string
}

/** A category in the owner's list. */
export interface OwnerCategory extends Category {
  /** That are not deleted, in whatever state. */
  readonly posts: number
}

/** A post as it stands in lists: nothing in it that not everybody may read. */
export interface PostCard {
  readonly id: string
  readonly slug: string
  readonly title: string
  /** '' = the shop's owner. */
  readonly author: string
  readonly publishedAt: Date
  readonly category: Category | undefined
  readonly isPremium: boolean
  /** Its first words, at most some 200 characters, of what everybody may read. */
  readonly lead: string
  /** How long the whole takes to read, at least 1. */
  readonly minutes: number
}

/**
 * A post as one reader may have it: all of it, or its teaser and nothing of the rest. Made by server/serve.ts alone; every page, feed,
 * mail and picture takes what stands here and nothing else.
 */
export interface PostView extends PostCard {
  readonly isWhole: boolean
  readonly updatedAt: Date
  /** Safe markup: of the whole, or of the teaser. */
  readonly html: string
  /** For search engines and previews, from what everybody may read. */
  readonly description: string
  /** What would open it; undefined for whom it is open. */
  readonly openers: Openers | undefined
  readonly isExample: boolean
}

/** Something to be asked of the database in the statement that decides who may read a post: one value. */
export type AskedBeside<Answer> = (postId: string) => Promise<RawBuilder<Answer>>

export type FoundPost<Beside = undefined> =
  | {
      readonly found: 'post'
      readonly post: PostView
      /** What was asked beside; undefined where nothing had to be decided, and where the post is not whole. */
      readonly beside: Beside | undefined
      /** Published before and after it. */
      readonly earlier: PostLink | undefined
      readonly later: PostLink | undefined
    }
  | { readonly found: 'moved'; readonly slug: string }
  | { readonly found: 'none' }

export interface PostLink {
  readonly slug: string
  readonly title: string
}

/** What the owner's form holds. */
export interface PostInput {
  readonly title: string
  readonly slug: string
  readonly author: string
  /** '' = none. */
  readonly category: string
  readonly bodyMd: string
  readonly access: Access
}

/** A post in the owner's editor. */
export interface OwnerPost extends PostInput {
  readonly id: string
  readonly state: PostState
  /** When it appears or appeared; undefined for a draft that never did. */
  readonly publishedAt: Date | undefined
  readonly updatedAt: Date
  readonly deletedAt: Date | undefined
  readonly isExample: boolean
  readonly formerSlugs: readonly string[]
}

/** A post in the owner's list. */
export interface OwnerPostRow {
  readonly id: string
  readonly title: string
  readonly state: PostState
  readonly isPremium: boolean
  readonly category: string
  readonly publishedAt: Date | undefined
  readonly updatedAt: Date
  readonly deletedAt: Date | undefined
  readonly isExample: boolean
}

/** Whose rights are asked: somebody signed in, or the one whose feed is read. */
export type Reader = Pick<MemberActor, 'kind' | 'memberId'>

/** Who writes posts: the owner, or the program itself when it lays out the example shop. */
export type Writer = OwnerActor | 'system'
