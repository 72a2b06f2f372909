/** Without script the page asks again by itself every three seconds, so often; then a link does. */
export const mostLooks = 40
export const lookEverySeconds = 3

/** With script it asks this often. */
export const mostAsked = 45

/** The pause before it asks again, in milliseconds: most payments are there within a second or two. */
export function pauseMs(asked: number): number {
  return asked < 10 ? 1_000 : 3_000
}

/** How often this page was already asked for, from its address; anything else than a small number counts as the first time. */
export function looksSoFar(query: URLSearchParams): number {
  const text = query.get('look') ?? ''
  return /^\d{1,3}$/.test(text) ? Number(text) : 0
}

/** The address that asks once more, or undefined when it was asked often enough. */
export function nextLook(url: URL): string | undefined {
  const looks = looksSoFar(url.searchParams)
  return looks < mostLooks ? lookAddress(url, looks + 1) : undefined
}

/** The address that begins anew. */
export function firstLook(url: URL): string {
  return lookAddress(url, undefined)
}

function lookAddress(url: URL, look: number | undefined): string {
  const query = new URLSearchParams(url.searchParams)
  query.delete('look')
  if (look !== undefined) query.set('look', String(look))
  return query.size > 0 ? `${url.pathname}?${query}` : url.pathname
}
