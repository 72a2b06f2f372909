import type { Tx } from '#modules/platform/server/index.ts'
import { avatarOfMember, deleteAvatar } from './store.avatar.ts'
import { deleteMember } from './store.member.ts'

/**
 * Removes a member with everything that is the account's alone: sessions, factors, picture. Customers stay where they are referred to.
 * Returns the keys of the picture's bytes, for discardBytes() after the commit. The caller holds the member's row.
 */
export async function removeMember(tx: Tx, memberId: string): Promise<readonly string[]> {
  const avatarId = await avatarOfMember(tx, memberId)
  await deleteMember(tx, memberId)
  return avatarId === undefined ? [] : deleteAvatar(tx, avatarId)
}
