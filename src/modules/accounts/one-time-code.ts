import { randomInt } from 'node:crypto'

/** How long a mailed code is good, and how often it may be mistyped before it is dead. */
export const codeMinutes = 10
export const wrongTriesAllowed = 5

/** Six digits from the system's random source, leading zeros kept: "004217". */
export function makeCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0')
}

/**
 * Reads a code as people type and paste it ("123 456", "123-456", full-width digits).
 * undefined when it is not six digits.
 */
export function readCode(text: string): string | undefined {
  if (text.length > 40) return undefined
  const digits = text.normalize('NFKC').replace(/[\s\-.]/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}
