import { isId } from '#modules/platform/ids.ts'
import { isSigned, sign, type Db } from '#modules/platform/server/index.ts'
import { findComment, type StoredComment } from './store.comments.ts'

const purpose = 'comment decision'

/** So long after the comment came its mail decides about it; later the owner's pages do. */
const linkDays = 30

/** What a mail to the owner carries: who has it decides about this one comment. */
export function decisionToken(commentId: string): string {
  return `${commentId}.${sign(purpose, commentId)}`
}

/** The comment a token is about. unknown: it is not ours. gone: deleted by its writer, or with its post. */
export async function commentOfToken(
  db: Db,
  token: string,
): Promise<
  | { readonly found: 'comment'; readonly comment: StoredComment }
  | { readonly found: 'unknown' | 'gone' | 'old' }
> {
  const [id = '', signature = ''] = token.slice(0, 100).split('.', 2)
  if (!isId(id) || !isSigned(signature, purpose, id)) return { found: 'unknown' }
  const comment = await findComment(db, id)
  if (!comment || comment.standing === 'deleted') return { found: 'gone' }
  if (comment.ageSeconds > linkDays * 86_400) return { found: 'old' }
  return { found: 'comment', comment }
}
