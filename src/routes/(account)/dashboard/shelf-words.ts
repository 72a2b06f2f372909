import type { Sessions } from '#modules/booking/types.ts'
import { contentsWords } from '#modules/downloads/contents-words.ts'
import type { Goods } from '#modules/downloads/types.ts'

/** The one thing a row of the shelf offers: a single file at once, a time of a service, everything else on its own page. */
export type MainAction =
  | { readonly kind: 'download'; readonly href: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'book' | 'booked' }

/** links: where each version is fetched. undefined goods: it does not open, or its kind has no goods. sessions: of a service. */
export function mainAction(
  goods: Goods | undefined,
  links: Readonly<Record<string, string>>,
  sessions?: Sessions,
): MainAction {
  if (sessions?.active) return { kind: 'booked' }
  if (sessions) return { kind: sessions.used < sessions.granted ? 'book' : 'open' }
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

/** What is left of a service: "2 of 3 sessions left". */
export function sessionWords({ granted, used, active }: Sessions): string {
  if (active)
    return granted === 1 ? 'Booked' : `Booked; ${granted - used} of ${granted} sessions left`
  if (used >= granted) return granted === 1 ? 'Your session is used' : 'All sessions are used'
  if (granted === 1) return 'One session, not booked yet'
  return `${granted - used} of ${granted} sessions left`
}

/** What a page that sent somebody here wants to be said. */
export function noticeOf(query: URLSearchParams): { title: string; words: string } | undefined {
  return query.get('notice') === 'already-yours'
    ? { title: 'You own this already', words: 'Nothing was charged. It is in the list below.' }
    : undefined
}
