import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { runtime } from '#server/runtime.ts'

/**
 * A short proof (32 characters) that this shop wrote the parts. purpose keeps proofs of different
 * kinds apart: one made for an order never opens a file.
 */
export function sign(purpose: string, ...parts: readonly string[]): string {
  return createHmac('sha256', runtime().settings.secret)
    .update(JSON.stringify([purpose, ...parts]))
    .digest('base64url')
    .slice(0, 32)
}

/** Compares in constant time. */
export function isSigned(signature: string, purpose: string, ...parts: readonly string[]): boolean {
  return isSameText(signature, sign(purpose, ...parts))
}

/** Compares two secrets without telling by the time it takes how much of them agrees. */
export function isSameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
