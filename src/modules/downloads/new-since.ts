import type { DownloadItem } from './types.ts'

/**
 * The ids of files that have a newer version than the one their buyer has: an earlier one was fetched whole, the newest was
 * not. What was never fetched is not new, it is unread.
 */
export function newSince(items: readonly DownloadItem[], fetched: ReadonlySet<string>): string[] {
  return items.flatMap((item) =>
    item.kind === 'file' &&
    !fetched.has(item.versions[0].id) &&
    item.versions.some((version) => fetched.has(version.id))
      ? [item.id]
      : [],
  )
}
