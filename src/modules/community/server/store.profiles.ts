import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Person, Profile } from '../types.ts'

export async function findProfile(db: Db, memberId: string): Promise<Profile | undefined> {
  return db
    .selectFrom('member_profile')
    .select([
      'handle',
      'display_name as name',
      'about',
      'is_shown as isShown',
      'shows_picture as showsPicture',
      'mails_replies as mailsReplies',
      'mails_comments as mailsComments',
    ])
    .where('member_id', '=', memberId)
    .executeTakeFirst()
}

export async function putProfile(tx: Tx, memberId: string, profile: Profile): Promise<void> {
  const values = {
    display_name: profile.name,
    about: profile.about,
    is_shown: profile.isShown,
    shows_picture: profile.showsPicture,
    mails_replies: profile.mailsReplies,
    mails_comments: profile.mailsComments,
  }
  await tx
    .insertInto('member_profile')
    .values({ member_id: memberId, handle: profile.handle, ...values })
    .onConflict((conflict) =>
      // The address of a page stays what it was.
      conflict.column('member_id').doUpdateSet({ ...values, updated_at: clockNow }),
    )
    .execute()
}

export async function endReplyMails(tx: Tx, memberId: string): Promise<void> {
  await tx
    .updateTable('member_profile')
    .set({ mails_replies: false })
    .where('member_id', '=', memberId)
    .execute()
}

/** Where a member is written to and what they want; memberId undefined = the owner. Without a profile all of it is wanted. */
export async function mailWishes(
  db: Db,
  memberId: string | undefined,
): Promise<
  | {
      readonly memberId: string
      readonly kind: 'owner' | 'member'
      readonly email: string
      readonly mailsReplies: boolean
      readonly mailsComments: boolean
    }
  | undefined
> {
  const query = db
    .selectFrom('member')
    .leftJoin('member_profile', 'member_profile.member_id', 'member.id')
    .select([
      'member.id as memberId',
      'member.email',
      sql<boolean>`member.role = 'owner'`.as('isOwner'),
      sql<boolean>`coalesce(mails_replies, true)`.as('mailsReplies'),
      sql<boolean>`coalesce(mails_comments, true)`.as('mailsComments'),
    ])
  const row = await (
    memberId === undefined
      ? query.where('member.role', '=', 'owner')
      : query.where('member.id', '=', memberId)
  ).executeTakeFirst()
  if (!row) return undefined
  const { isOwner, ...wishes } = row
  return { ...wishes, kind: isOwner ? 'owner' : 'member' }
}

/** The page of somebody who shows one. */
export async function findPerson(
  db: Db,
  handle: string,
): Promise<(Omit<Person, 'avatarUrl'> & { readonly avatarId: string | null }) | undefined> {
  return db
    .selectFrom('member_profile')
    .innerJoin('member', 'member.id', 'member_profile.member_id')
    .select([
      'handle',
      'display_name as name',
      'about',
      sql<string | null>`case when shows_picture then member.avatar_id end`.as('avatarId'),
      sql<boolean>`member.role = 'owner'`.as('isOwner'),
      'member.created_at as joinedAt',
    ])
    .where('handle', '=', handle)
    .where('is_shown', '=', true)
    .where(
      sql<boolean>`not exists (select from community_ban where community_ban.member_id = member.id)`,
    )
    .executeTakeFirst()
}
