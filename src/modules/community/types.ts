import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'

/**
 * Where a comment stands. shown: everybody sees it who reads the post; held: waits for the owner's look; spam: in the bin for 30 days;
 * reported: three readers hid it until the owner looks; hidden: by the owner; deleted: by its writer, its words are gone.
 */
export type Standing = 'shown' | 'held' | 'spam' | 'reported' | 'hidden' | 'deleted'

/** What the owner decides about a comment. */
export type Decision = 'publish' | 'hide' | 'spam'

/** Who wrote a comment, as readers see them: nothing in it that its member did not choose to show. */
export interface Writer {
  readonly kind: 'owner' | 'member' | 'former'
  readonly name: string
  /** Of the page about them, where they show one. */
  readonly handle: string | undefined
  readonly avatarUrl: string | undefined
}

/** A comment as one reader sees it. */
export interface CommentView {
  readonly id: string
  /** removed: it stands only because of its replies and says nothing; waiting: its writer alone sees it. */
  readonly kind: 'comment' | 'removed' | 'waiting'
  readonly writer: Writer
  /** Safe markup; '' of a removed one. */
  readonly html: string
  readonly at: Date
  readonly isEdited: boolean
  readonly likes: number
  readonly isLiked: boolean
  readonly isOwn: boolean
  /** As it was typed, for who may still change it. */
  readonly editable: string | undefined
  /** Whom a reply speaks to, where that is not the comment it stands under. */
  readonly answers: { readonly id: string; readonly name: string } | undefined
}

export interface Thread extends CommentView {
  readonly replies: readonly CommentView[]
}

/** What stands below a post for one reader who may read all of it. */
export interface Discussion {
  readonly likes: number
  readonly isLiked: boolean
  /** How many comments are shown. */
  readonly comments: number
  /** Newest first. */
  readonly threads: readonly Thread[]
  readonly page: number
  readonly pages: number
  readonly isClosed: boolean
  /** undefined: nobody is signed in. */
  readonly you: You | undefined
}

/** The reader as a writer. */
export interface You {
  readonly isBanned: boolean
  /** What stands beside their comments; '' = they have not said yet. */
  readonly name: string
  readonly isOwner: boolean
  /** When this page was made, with the shop's proof of it. */
  readonly stamp: string
  /** One for each form of the page: the same form sent twice is one comment. */
  readonly formId: string
}

/** A comment in the owner's queue. Likes are not in it: who decides does not see how popular it is. */
export interface ModeratedComment {
  readonly id: string
  readonly standing: Standing
  readonly body: string
  readonly at: Date
  readonly isEdited: boolean
  readonly writer: Writer
  /** undefined: a former member. */
  readonly memberId: string | undefined
  readonly isBanned: boolean
  readonly post: { readonly slug: string; readonly title: string }
  /** What it answers, in its first words; '' = the post itself. */
  readonly answers: string
  /** Reports the owner has not looked at. */
  readonly reports: number
  /** The last decision, while it can be taken back. */
  readonly undo: string | undefined
}

/** What a member chose to show. */
export interface Profile {
  readonly handle: string
  readonly name: string
  readonly about: string
  readonly isShown: boolean
  readonly showsPicture: boolean
  readonly mailsReplies: boolean
  readonly mailsComments: boolean
}

/** The public page of a member who shows one. */
export interface Person {
  readonly handle: string
  readonly name: string
  readonly about: string
  readonly avatarUrl: string | undefined
  readonly isOwner: boolean
  /** The month of it is told. */
  readonly joinedAt: Date
}

/** Who decides: the owner signed in, or by the signed link of a mail only the owner gets. */
export type Moderator = OwnerActor | 'mail'

export type Member = MemberActor
