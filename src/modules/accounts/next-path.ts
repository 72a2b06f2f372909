const longest = 500

/**
 * Reads where a visitor wants to go next (`?next=`) and gives a path of this shop, or the fallback for
 * anything else. Safe to put into a Location header or a link: whatever slashes, dots, backslashes,
 * control characters or encodings are in the text, the result begins with one slash and stays here.
 */
export function nextPath(text: string | null | undefined, fallback: string): string {
  if (!text || text.length > longest || !text.startsWith('/')) return fallback
  // Browsers read a backslash as a slash and drop tabs and line breaks before they parse an address.
  if (/[\\\s\p{Cc}]/u.test(text)) return fallback
  if (!URL.canParse(text, here)) return fallback
  const url = new URL(text, here)
  if (url.origin !== here || !isPlainPath(url.pathname)) return fallback
  const path = url.pathname + url.search + url.hash
  return path.length > longest || leadsBack.test(url.pathname) ? fallback : path
}

/** Never asked; only its being our own origin counts. */
const here = 'http://shop.invalid'

/** Signing in must not end at signing in, nor at signing out again. */
const leadsBack = /^\/sign-(?:in|out)(?:\/|$)/i

/** Two slashes at the start name another host; so may what a proxy in between decodes to them. */
function isPlainPath(pathname: string): boolean {
  let path = pathname
  for (let round = 0; round < 4; round++) {
    if (path.startsWith('//') || /[\\\p{Cc}]/u.test(path)) return false
    const parsed = new URL(path, here)
    if (parsed.origin !== here || parsed.pathname.startsWith('//')) return false
    const decoded = decode(path)
    if (decoded === undefined) return false
    if (decoded === path) return true
    path = decoded
  }
  return false
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
