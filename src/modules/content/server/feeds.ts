import type { MemberActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { isSigned, sign, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Reader } from '../types.ts'
import { deleteFeed, feedName, memberOfFeed, renameFeed } from './store.feeds.ts'

const purpose = 'post feed'

/** The key of a member's own feed: who has it reads what the member may read. undefined: they have none. */
export async function feedKey(db: Db, member: MemberActor): Promise<string | undefined> {
  const name = await feedName(db, member.memberId)
  return name && `${name}.${sign(purpose, name)}`
}

/** Gives the member a feed, or the one they have a new key: the former one opens nothing any more. */
export async function makeFeed(tx: Tx, member: MemberActor): Promise<void> {
  await renameFeed(tx, member.memberId)
}

/** Takes the member's feed away. */
export async function dropFeed(tx: Tx, member: MemberActor): Promise<void> {
  await deleteFeed(tx, member.memberId)
}

/** Who reads by this key; undefined for one that was never given out or is not good any more. */
export async function readerOfFeed(db: Db, key: string): Promise<Reader | undefined> {
  const [name = '', signature = ''] = key.slice(0, 100).split('.', 2)
  if (!isId(name) || !isSigned(signature, purpose, name)) return undefined
  const found = await memberOfFeed(db, name)
  return found && { kind: found.isOwner ? 'owner' : 'member', memberId: found.memberId }
}
