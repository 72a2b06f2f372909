import { contentsWords } from '#modules/downloads/contents-words.ts'
import type { Goods } from '#modules/downloads/types.ts'

/** The one thing a row of the shelf offers: a single file at once, everything else on its own page. */
export type MainAction =
  | { readonly kind: 'download'; readonly href: string }
  | { readonly kind: 'open' }

/** links: where each version is fetched. undefined goods: it does not open, or its kind has no goods. */
export function mainAction(
  goods: Goods | undefined,
  links: Readonly<Record<string, string>>,
): MainAction {
  const [only, ...others] = goods?.items ?? []
  // With words to read first, or more than one thing, the page comes first.
  if (!only || only.kind !== 'file' || others.length > 0 || goods?.directionsHtml)
    return { kind: 'open' }
  const href = links[only.versions[0].id]
  return href === undefined ? { kind: 'open' } : { kind: 'download', href }
}

/** What is told below a title on the shelf: "3 files, 48 MB". */
export function shelfWords(goods: Goods | undefined, kindWord: string): string {
  return (goods && contentsWords(goods.items)) || kindWord
}

/** What a page that sent somebody here wants to be said. */
export function noticeOf(query: URLSearchParams): { title: string; words: string } | undefined {
  return query.get('notice') === 'already-yours'
    ? { title: 'You own this already', words: 'Nothing was charged. It is in the list below.' }
    : undefined
}
