import { isSameText, sign } from '#modules/platform/server/index.ts'
import type { CodeProblem } from '../code-words.ts'
import { wrongTriesAllowed } from '../one-time-code.ts'
import type { StoredCode } from './store.code.ts'

/** unknown: never made, used up, or replaced by a newer one. */
export type CodeRefusal = { readonly ok: false } & CodeProblem

/** What is stored of a code: bound to what it is for and to the mailbox it was sent to. */
export function codeDigest(purpose: 'sign-in code' | 'address code', email: string, code: string) {
  return sign(purpose, email, code)
}

/**
 * Judges a typed code against a stored one, in constant time. After `wrong` the caller counts the try in the
 * same transaction, with the row locked: tries at once are counted one by one.
 */
export function judgeCode(
  stored: StoredCode | undefined,
  typedDigest: string,
): { readonly ok: true } | CodeRefusal {
  if (!stored) return { ok: false, reason: 'unknown' }
  if (stored.isExpired) return { ok: false, reason: 'expired' }
  if (stored.wrongTries >= wrongTriesAllowed) return { ok: false, reason: 'too_many_tries' }
  if (isSameText(typedDigest, stored.digest)) return { ok: true }
  const triesLeft = wrongTriesAllowed - stored.wrongTries - 1
  return triesLeft > 0
    ? { ok: false, reason: 'wrong', triesLeft }
    : { ok: false, reason: 'too_many_tries' }
}
