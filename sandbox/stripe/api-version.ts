/** The one version of Stripe's API this sandbox speaks. */
export const API_VERSION = '2026-10-28.endive'

/** Monthly releases of one name only add to each other, so every `*.endive` is served alike. */
export function isServedVersion(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}\.endive$/.test(version)
}
