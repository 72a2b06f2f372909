import type { MemberActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { findWayBack, writeWayBack } from './store.way-back.ts'

/** Keeps the post a member subscribes from; undefined: from none, also when the same attempt began at one before. */
export async function keepWayBack(db: Db, checkoutId: string, post: string | undefined) {
  await writeWayBack(db, checkoutId, post === undefined ? null : `/posts/${post}`)
}

/** Where a member goes on who has subscribed by this attempt of theirs; undefined: to their membership. */
export async function wayBack(
  db: Db,
  member: MemberActor,
  checkoutId: string,
): Promise<string | undefined> {
  return isId(checkoutId) ? findWayBack(db, member.memberId, checkoutId) : undefined
}
