import { randomBytes } from 'node:crypto'
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { sha256 } from '#modules/platform/server/index.ts'
import { inPasswordTurn } from './password-turns.ts'

// The only file that knows the auth library. Which of its parts we use, and why not more of them:
// docs/decisions/0011-accounts-on-primitives.md.

declare const sealed: unique symbol

/** A password as it is stored: salt and scrypt key. Made outside transactions, for it takes about 100 ms. */
export type SealedPassword = string & { readonly [sealed]: true }

/** The caller has asked passwordFault() first. */
export async function sealPassword(password: string): Promise<SealedPassword> {
  // The library's text is what this brand stands for.
  return (await inPasswordTurn(() => hashPassword(password))) as SealedPassword
}

/**
 * Whether this is the password that was sealed. Without one (unknown address, no password set) the answer
 * is no after the same work, so that its time tells nothing.
 */
export async function isPassword(password: string, stored: string | null | undefined) {
  const isRight = await inPasswordTurn(() =>
    verifyPassword({ hash: stored ?? nobodysPassword, password }),
  )
  return isRight && stored !== null && stored !== undefined
}

/** Salt and key of the stored form, of a password that nobody knows. */
const nobodysPassword = `${randomBytes(16).toString('hex')}:${randomBytes(64).toString('hex')}`

/** A secret for a cookie or link (256 random bits), and what is stored of it. */
export function makeToken(): { readonly token: string; readonly digest: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, digest: sha256(token) }
}
