import { createHash } from 'node:crypto'

/** What a form shows, by name. */
export type Shown = Readonly<Record<string, unknown>>

/**
 * A mark of what somebody saw: the same values, the same mark. A form carries it along, so that saving over what another tab or
 * person saved meanwhile is noticed.
 */
export function seenMark(shown: Shown): string {
  const values = Object.keys(shown)
    .toSorted()
    .map((name) => [name, shown[name] ?? null])
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22)
}

/** Whether a save would replace something its writer has not seen. seen: the form's mark; undefined for writers without a form. */
export function overwrites(seen: string | undefined, stored: Shown, next: Shown): boolean {
  return seen !== undefined && seen !== seenMark(stored) && seenMark(stored) !== seenMark(next)
}
