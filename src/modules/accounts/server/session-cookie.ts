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

/** A cookie that holds a token of ours and our signature of it. */
interface TokenCookie {
  readonly name: string
  /** Keeps apart what each was made for: none is ever read as another. */
  readonly purpose: string
  /** Seconds. */
  readonly maxAge: number
}

const session: TokenCookie = {
  name: 'sundry_session',
  purpose: 'session',
  maxAge: sessionDays * 86_400,
}

/** Between the first and the second step of signing in. */
const half: TokenCookie = { name: 'sundry_half', purpose: 'half sign-in', maxAge: 15 * 60 }

/** By which a browser is known again, as long as browsers keep a cookie (400 days, RFC 6265bis). It opens nothing. */
const device: TokenCookie = {
  name: 'sundry_device',
  purpose: 'device',
  maxAge: 400 * 86_400,
}

/** The digest of the session token in the visitor's cookie; undefined when there is none or we did not write it. */
export const readSessionCookie = (cookies: CookieJar) => digestIn(cookies, session)
/** Gives the visitor a session to keep. Only after its transaction committed. */
export const writeSessionCookie = (cookies: CookieJar, token: string) =>
  write(cookies, session, token)
/** Moves on when the browser throws the cookie away, as the session itself was moved on. */
export const renewSessionCookie = (cookies: CookieJar) => renew(cookies, session)
export const clearSessionCookie = (cookies: CookieJar) => clear(cookies, session)

export const readHalfCookie = (cookies: CookieJar) => digestIn(cookies, half)
export const writeHalfCookie = (cookies: CookieJar, token: string) => write(cookies, half, token)
export const clearHalfCookie = (cookies: CookieJar) => clear(cookies, half)

/** The digest of the browser's token; a browser without one gets the token that makeToken makes. */
export function deviceOf(
  cookies: CookieJar,
  makeToken: () => { readonly token: string; readonly digest: string },
): string {
  const known = digestIn(cookies, device)
  if (known) {
    renew(cookies, device)
    return known
  }
  const { token, digest } = makeToken()
  write(cookies, device, token)
  return digest
}

/** The signature is checked first: made-up cookies cost no question to the database. */
function digestIn(cookies: CookieJar, kind: TokenCookie): string | undefined {
  const match = /^([\w-]{43})\.([\w-]{32})$/.exec(cookies.get(nameOf(kind)) ?? '')
  if (!match?.[1] || !match[2]) return undefined
  return isSigned(match[2], kind.purpose, match[1]) ? sha256(match[1]) : undefined
}

function write(cookies: CookieJar, kind: TokenCookie, token: string): void {
  cookies.set(nameOf(kind), `${token}.${sign(kind.purpose, token)}`, cookieOptions(kind.maxAge))
}

function renew(cookies: CookieJar, kind: TokenCookie): void {
  const value = cookies.get(nameOf(kind))
  if (value) cookies.set(nameOf(kind), value, cookieOptions(kind.maxAge))
}

function clear(cookies: CookieJar, kind: TokenCookie): void {
  cookies.set(nameOf(kind), '', cookieOptions(0))
}

/** __Host-: a browser takes it only over TLS, for this host alone and all its paths. */
function nameOf({ name }: TokenCookie): string {
  return isSecure() ? `__Host-${name}` : name
}

function cookieOptions(maxAge: number): CookieOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(), maxAge }
}

function isSecure(): boolean {
  return runtime().settings.origin.startsWith('https:')
}
