import { isSigned, runtime, sha256, sign } from '#modules/platform/server/index.ts'

export const sessionDays = 30

/** What this needs of SvelteKit's cookies. */
export interface CookieJar {
  get(name: string): string | undefined
  set(name: string, value: string, options: CookieOptions): void
}

export interface CookieOptions {
  readonly path: '/'
  readonly httpOnly: true
  readonly sameSite: 'lax'
  readonly secure: boolean
  /** Seconds. */
  readonly maxAge: number
}

/**
 * The digest of the session token in the visitor's cookie; undefined when there is none or we did not
 * write it. The signature is checked first: made-up cookies cost no question to the database.
 */
export function readSessionCookie(cookies: CookieJar): string | undefined {
  const value = cookies.get(cookieName())
  const match = /^([\w-]{43})\.([\w-]{32})$/.exec(value ?? '')
  if (!match?.[1] || !match[2]) return undefined
  return isSigned(match[2], 'session', match[1]) ? sha256(match[1]) : undefined
}

/** Gives the visitor a session to keep. Only after its transaction committed. */
export function writeSessionCookie(cookies: CookieJar, token: string): void {
  cookies.set(
    cookieName(),
    `${token}.${sign('session', token)}`,
    cookieOptions(sessionDays * 86_400),
  )
}

/** Moves on when the browser throws the cookie away, as the session itself was moved on. */
export function renewSessionCookie(cookies: CookieJar): void {
  const value = cookies.get(cookieName())
  if (value) cookies.set(cookieName(), value, cookieOptions(sessionDays * 86_400))
}

export function clearSessionCookie(cookies: CookieJar): void {
  cookies.set(cookieName(), '', cookieOptions(0))
}

/** __Host-: a browser takes it only over TLS, for this host alone and all its paths. */
function cookieName(): string {
  return isSecure() ? '__Host-sundry_session' : 'sundry_session'
}

function cookieOptions(maxAge: number): CookieOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(), maxAge }
}

function isSecure(): boolean {
  return runtime().settings.origin.startsWith('https:')
}
