import { seenMark, type Shown } from '#modules/platform/server/index.ts'
import type { DownloadContents, FileVersion } from '../types.ts'
import type { NewItem } from './store.contents.ts'

// What the owner's forms about a download's contents show: see platform/server/seen.ts.

export function shownContentWords(
  of: Pick<DownloadContents, 'greeting' | 'directionsMd'>,
): Record<'greeting' | 'directionsMd', string> {
  return { greeting: of.greeting, directionsMd: of.directionsMd }
}

export function shownItem(item: NewItem): Shown & Record<'title' | 'note', string> {
  const { title, note } = item
  if (item.kind === 'link') return { title, note, url: item.url }
  return item.kind === 'snippet'
    ? { title, note, body: item.body, language: item.language }
    : { title, note }
}

export function shownVersion(
  version: Pick<FileVersion, 'label' | 'changes'>,
): Record<'label' | 'changes', string> {
  return { label: version.label, changes: version.changes }
}

/** What these contents show, form by form: "words", or the id of an item or a version. */
export function shownContents(contents: DownloadContents): ReadonlyMap<string, Shown> {
  const { items } = contents
  return new Map<string, Shown>([
    ['words', shownContentWords(contents)],
    ...items.map((item) => [item.id, shownItem(item)] as const),
    ...items.flatMap((item) =>
      item.kind === 'file'
        ? item.versions.map((version) => [version.id, shownVersion(version)] as const)
        : [],
    ),
  ])
}

/** The marks of all these forms. */
export function contentMarks(contents: DownloadContents): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...shownContents(contents)].map(([form, shown]) => [form, seenMark(shown)]),
  )
}
