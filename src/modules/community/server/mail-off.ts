import { isId } from '#modules/platform/ids.ts'
import { isSigned, sign, type Tx } from '#modules/platform/server/index.ts'
import { endReplyMails } from './store.profiles.ts'

const purpose = 'reply mails off'

/** What each mail about a reply carries: it ends them, and opens nothing. */
export function offToken(memberId: string): string {
  return `${memberId}.${sign(purpose, memberId)}`
}

/** Whether the token is one of ours. Asking changes nothing. */
export function isOffToken(token: string): boolean {
  return memberOf(token) !== undefined
}

/** Ends the mails about replies to this member; again, too. Returns false for a token that is not ours. */
export async function turnRepliesOff(tx: Tx, token: string): Promise<boolean> {
  const memberId = memberOf(token)
  if (memberId === undefined) return false
  await endReplyMails(tx, memberId)
  return true
}

function memberOf(token: string): string | undefined {
  const [id = '', signature = ''] = token.slice(0, 100).split('.', 2)
  return isId(id) && isSigned(signature, purpose, id) ? id : undefined
}
