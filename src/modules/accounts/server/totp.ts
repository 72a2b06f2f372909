import { Secret, TOTP } from 'otpauth'
import { encode } from 'uqr'

// The only file that knows the libraries for time-based codes (RFC 6238) and for their square pictures.

const period = 30
/** Steps that a code may be early or late: clocks of phones differ, and people type slowly. */
const drift = 1

/** A new secret of 160 random bits, in base32 as apps take it. */
export function makeTotpSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** "JBSW Y3DP ...": to be typed where no camera is at hand. */
export function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ')
}

/** What the square picture says to the app. shopName and email name the entry there. */
export function totpAddress(secret: string, shopName: string, email: string): string {
  // A colon parts the two in the app's list.
  return totp(secret, shopName.replaceAll(':', ' '), email).toString()
}

/** The path of an SVG drawing (one unit a module) and its size, border of four modules included. */
export function squarePicture(text: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return { path, size }
}

/** step: of the code, to be stored as the last one used. used: it is right, but of a step that was used before. */
export type TotpJudgement =
  | { readonly ok: true; readonly step: number }
  | { readonly ok: false; readonly reason: 'wrong' | 'used' }

/**
 * Judges a code of six digits, one step early or late allowed. seconds: since 1970, real time. lastStep: of the last code that
 * was taken: it and all before are used up, so that a code looked over somebody's shoulder is worth nothing (RFC 6238, 5.2).
 */
export function judgeTotp(
  code: string,
  stored: { readonly secret: string; readonly lastStep: number },
  seconds: number,
): TotpJudgement {
  const delta = totp(stored.secret).validate({
    token: code,
    timestamp: seconds * 1000,
    window: drift,
  })
  if (delta === null) return { ok: false, reason: 'wrong' }
  const step = Math.floor(seconds / period) + delta
  return step > stored.lastStep ? { ok: true, step } : { ok: false, reason: 'used' }
}

function totp(secret: string, issuer = '', label = ''): TOTP {
  return new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits: 6, period })
}
