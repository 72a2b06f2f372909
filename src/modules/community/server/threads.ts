import { postFor } from '#modules/content/server/index.ts'
import type { AskedBeside, PostView } from '#modules/content/types.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { publicData, sign, type Db } from '#modules/platform/server/index.ts'
import { commentHtml } from '../comment-text.ts'
import { formerMember } from '../profile-rules.ts'
import { mayBeEdited } from '../standing.ts'
import type { CommentView, Discussion, Member, Thread, Writer } from '../types.ts'
import {
  likesOf,
  placeOf,
  readerQuestion,
  readerRow,
  threadRows,
  threadsOnPage,
  waitingRows,
  type Likes,
  type ReaderRow,
  type ThreadRow,
  type ThreadRows,
} from './store.threads.ts'

/** Pages of comments that can be asked for. */
const mostPages = 400

/** What stamps a form: a page older than it was made is not. */
export const stampPurpose = 'comment form'

/**
 * What stands below a post for this reader: undefined unless the post is theirs in whole, as content decided for this very reader
 * (postFor); who meets the teaser learns neither what is said about the rest nor how much. ownerName: beside the owner's comments.
 * answered: what askedOfReader() was answered already, if anything.
 */
export async function discussionFor(
  db: Db,
  post: PostView,
  reader: Member | undefined,
  asked: {
    readonly page: number
    readonly ownerName: string
    readonly answered?: ReaderRow | undefined
  },
): Promise<Discussion | undefined> {
  if (!post.isWhole) return undefined
  const page = pageOf(asked.page)
  const rows = await rowsOf(db, post.id, page)
  const ids = idsOf(rows)
  const you =
    reader &&
    (asked.answered ??
      (await readerRow(
        db,
        readerQuestion({ postId: post.id, memberId: reader.memberId, commentIds: ids }),
      )))
  const liked =
    you?.liked ?? (await remembered(db, `comment likes ${post.id} ${page}`, () => likesOf(db, ids)))
  const waiting =
    reader && you?.hasWaiting && page === 1 ? await waitingRows(db, post.id, reader.memberId) : []
  const view = viewer({ liked, reader, you, ownerName: asked.ownerName })
  const byId = new Map([...rows.tops, ...rows.replies].map((row) => [row.id, row]))
  const repliesOf = Map.groupBy(rows.replies, ({ parentId }) => parentId)
  const threads = rows.tops.map((top): Thread => ({
    ...view(top),
    replies: (repliesOf.get(top.id) ?? []).map((reply) =>
      view(reply, byId.get(reply.answersId ?? '')),
    ),
  }))
  const own = waiting.map((row): Thread => ({ ...view(row), kind: 'waiting', replies: [] }))
  return {
    likes: you?.likes ?? rows.likes,
    isLiked: you?.isLiked ?? false,
    comments: rows.comments,
    threads: [...own, ...threads],
    page,
    pages: Math.min(mostPages, Math.max(1, Math.ceil(rows.total / threadsOnPage))),
    isClosed: rows.isClosed,
    you: reader &&
      you && {
        isBanned: you.isBanned,
        name: reader.kind === 'owner' ? asked.ownerName : you.name,
        isOwner: reader.kind === 'owner',
        stamp: stampOf(you.seconds, reader.memberId),
        formId: newId(),
      },
  }
}

/** What is true of one reader of a page of comments, asked anew each time: as one value for the statement that opens the post (postFor). */
export function askedOfReader(db: Db, reader: Member, page: number): AskedBeside<ReaderRow> {
  return async (postId) =>
    readerQuestion({
      postId,
      memberId: reader.memberId,
      commentIds: idsOf(await rowsOf(db, postId, pageOf(page))),
    })
}

const pageOf = (asked: number) => Math.min(mostPages, Math.max(1, asked))

const rowsOf = (db: Db, postId: string, page: number) =>
  remembered(db, `comments ${postId} ${page}`, () => threadRows(db, postId, page))

const idsOf = ({ tops, replies }: Pick<ThreadRows, 'tops' | 'replies'>) =>
  [...tops, ...replies].map(({ id }) => id)

/** A transaction must see its own. */
function remembered<Data>(db: Db, key: string, read: () => Promise<Data>): Promise<Data> {
  return db.isTransaction ? read() : publicData(key, read)
}

/** The moment a form was made, proven. */
export function stampOf(seconds: number, memberId: string): string {
  return `${seconds}.${sign(stampPurpose, String(seconds), memberId)}`
}

function viewer(seen: {
  readonly liked: Likes
  readonly reader: Member | undefined
  readonly you: ReaderRow | undefined
  readonly ownerName: string
}): (row: ThreadRow, answered?: ThreadRow) => CommentView {
  return (row, answered) => {
    const isRemoved =
      row.state === 'hidden' ||
      row.state === 'deleted' ||
      (row.state === 'spam' && row.memberId !== seen.reader?.memberId)
    const isOwn = !isRemoved && row.memberId !== null && row.memberId === seen.reader?.memberId
    const [likes = 0, isLiked = false] = (isRemoved ? undefined : seen.liked[row.id]) ?? []
    return {
      id: row.id,
      kind: isRemoved ? 'removed' : 'comment',
      writer: isRemoved ? noWriter : writerOf(row, seen.ownerName),
      html: isRemoved ? '' : commentHtml(row.body),
      at: row.createdAt,
      isEdited: !isRemoved && row.editedAt !== null,
      likes,
      isLiked,
      isOwn,
      editable:
        isOwn && seen.you && mayBeEdited(row.createdAt, new Date(seen.you.nowMs))
          ? row.body
          : undefined,
      answers:
        answered && !isGone(answered)
          ? { id: answered.id, name: writerOf(answered, seen.ownerName).name }
          : undefined,
    }
  }
}

const isGone = ({ state }: ThreadRow) => state !== 'shown'

const noWriter: Writer = { kind: 'former', name: '', handle: undefined, avatarUrl: undefined }

/** How a writer is named: the owner as the shop names them, who left as nobody any more. */
export function writerOf(
  row: Pick<ThreadRow, 'memberId' | 'role' | 'name' | 'handle' | 'avatarId'>,
  ownerName: string,
): Writer {
  if (row.memberId === null) return { ...noWriter, name: formerMember }
  return {
    kind: row.role === 'owner' ? 'owner' : 'member',
    name: row.role === 'owner' ? ownerName : (row.name ?? formerMember),
    handle: row.handle ?? undefined,
    avatarUrl: row.avatarId === null ? undefined : `/avatars/${row.avatarId}`,
  }
}

/**
 * Where a comment stands for this reader: an address within the shop. undefined: there is none, it is not shown, or its post is not
 * this reader's in whole.
 */
export async function addressOfComment(
  db: Db,
  commentId: string,
  reader: Member | undefined,
): Promise<string | undefined> {
  const place = isId(commentId) ? await placeOf(db, commentId) : undefined
  if (!place) return undefined
  const found = await postFor(db, place.slug, reader)
  if (found.found !== 'post' || !found.post.isWhole) return undefined
  return commentAddress(place.slug, commentId, place.page)
}

export function commentAddress(slug: string, commentId: string, page = 1): string {
  return `/posts/${slug}${page > 1 ? `?comments=${page}` : ''}#c-${commentId}`
}
