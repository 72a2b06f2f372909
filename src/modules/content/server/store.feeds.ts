import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The name of a member's feed; undefined where there is none. */
export async function feedName(db: Db, memberId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('post_feed')
    .select('name')
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return row?.name
}

/** Gives the member's feed a new name. */
export async function renameFeed(tx: Tx, memberId: string): Promise<void> {
  const fresh = sql<string>`gen_random_uuid()`
  await tx
    .insertInto('post_feed')
    .values({ member_id: memberId })
    .onConflict((conflict) =>
      conflict.column('member_id').doUpdateSet({ name: fresh, made_at: clockNow }),
    )
    .execute()
}

export async function deleteFeed(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('post_feed').where('member_id', '=', memberId).execute()
}

export async function memberOfFeed(
  db: Db,
  name: string,
): Promise<{ memberId: string; isOwner: boolean } | undefined> {
  return db
    .selectFrom('post_feed')
    .innerJoin('member', 'member.id', 'post_feed.member_id')
    .select(['post_feed.member_id as memberId', sql<boolean>`member.role = 'owner'`.as('isOwner')])
    .where('post_feed.name', '=', name)
    .executeTakeFirst()
}
