import { error, json, type RequestEvent } from '@sveltejs/kit'
import { tooMany } from '#modules/accounts/too-many.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { mayLike, type Liked } from '#modules/community/server/index.ts'
import { inTransaction, type Tx } from '#modules/platform/server/index.ts'

/** Puts or takes a like by script: answers with how it stands afterwards, the same however often it is asked. */
export async function liked(
  event: RequestEvent,
  like: (tx: Tx, member: MemberActor) => Promise<Liked>,
): Promise<Response> {
  const member = event.locals.actor
  if (!member) error(401, 'You are signed out. Sign in again to like this.')
  const allowed = await mayLike(member)
  if (!allowed.ok) error(429, tooMany(event, 'You pressed often', allowed.retryAfterSeconds))
  const result = await inTransaction((tx) => like(tx, member))
  if (result.ok) return json({ likes: result.likes, isLiked: result.isLiked })
  if (result.reason === 'banned')
    error(403, 'The owner of this shop does not want you to like here any more.')
  error(404, 'This is not here any more, or not open to you.')
}
