import { randomUUID } from 'node:crypto'
import { error as refuse } from '@sveltejs/kit'
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit/hooks'
import { actorOf } from '#modules/accounts/server/index.ts'
import {
  changingPublicData,
  databaseTrouble,
  db,
  log,
  runtime,
  StorageUnavailableError,
  withRequestId,
} from '#modules/platform/server/index.ts'
import { formTargets } from '#modules/payments/hosted-pages.ts'
import { policyWithAds } from '#modules/site/ads.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { startServices } from '#boot/server/services.ts'
import { publicPageHeader, forwarded } from '#server/forwarded.ts'

export const init: ServerInit = startServices

/** Pages that are the same for everybody who is not signed in. */
const publicArea = /^\/\(store\)/

export const handle: Handle = ({ event, resolve }) => {
  const requestId = event.request.headers.get(forwarded.requestId) ?? randomUUID()
  return withRequestId(requestId, async () => {
    event.locals.requestId = requestId
    event.locals.network = event.getClientAddress()
    const response = await inTime(event.request, async () => {
      event.locals.actor = await actorOf(db(), event.cookies)
      const isOwnersAct = event.locals.actor?.kind === 'owner' && event.request.method !== 'GET'
      const answer = async () =>
        resolve(event, {
          transformPageChunk: async ({ html }) =>
            html.includes(languageMark)
              ? html.replace(languageMark, await languageOf(event.route.id))
              : html,
        })
      return isOwnersAct ? changingPublicData(answer) : answer()
    })
    if (event.locals.actor?.kind === 'owner' && publicArea.test(event.route.id ?? ''))
      allowFrameOfDraft(response.headers, event.url)
    allowAds(response.headers, event.locals.adNonce)
    secure(
      response.headers,
      event.url,
      event.route.id,
      event.locals.actor !== undefined,
      event.request.method,
      response.status,
    )
    return response
  })
}

/** Somebody who waits longer has gone. Each step of a page has a limit of its own; this is for many slow ones after each other. */
const readLimitMs = 10_000
/** What is done is better told late than not; and some acts ask others, who take their time. */
const formLimitMs = 28_000

/** Answers in words when the work takes too long; it goes on by itself. Uploads take as long as they take. */
async function inTime<Result>(request: Request, work: () => Promise<Result>): Promise<Result> {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form')
  if (!isRead && !isForm) return work()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TooSlowError('not answered in time')),
      isRead ? readLimitMs : formLimitMs,
    )
  })
  const working = work()
  working.catch(() => undefined) // of one that is too late nobody hears any more
  try {
    return await Promise.race([working, late])
  } catch (error) {
    if (!(error instanceof TooSlowError)) throw error
    log.warn({ path: new URL(request.url).pathname }, 'request took too long')
    return refuse(
      503,
      isRead
        ? 'The shop is very slow right now. Please try again in a moment.'
        : 'The shop is very slow right now, and this may have been done all the same. Look before you do it again.',
    )
  } finally {
    clearTimeout(timer)
  }
}

class TooSlowError extends Error {}

/** Stands in src/app.html. */
const languageMark = '%lang%'
let lastLanguage = 'en'
/** The shop's row is remembered; a page that tells of a database in trouble does not wait for it once more. */
const languageLimitMs = 300

/**
 * The language a page is read out in: the one the owner chose for the shop, whose words, dates and prices fill it. The owner's own
 * pages are in English.
 */
async function languageOf(route: string | null): Promise<string> {
  if (route?.startsWith('/(admin)')) return 'en'
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((done) => {
    timer = setTimeout(() => done(lastLanguage), languageLimitMs)
  })
  const known = siteIdentity(db()).then(
    ({ locale }) => locale,
    () => lastLanguage, // the page itself has told what is wrong
  )
  try {
    lastLanguage = await Promise.race([known, late])
    return lastLanguage
  } finally {
    clearTimeout(timer)
  }
}

/** The owner's page about the look shows the shop's pages as a draft, in frames of its own. */
function allowFrameOfDraft(headers: Headers, url: URL): void {
  const policy = headers.get('content-security-policy')
  if (policy && url.searchParams.get('look') === 'draft')
    headers.set(
      'content-security-policy',
      policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    )
}

function allowAds(headers: Headers, nonce: string | undefined): void {
  const policy = headers.get('content-security-policy')
  if (policy && nonce) headers.set('content-security-policy', policyWithAds(policy, nonce))
}

function targets(): string {
  const { settings } = runtime()
  return formTargets({
    isRehearsal: settings.stripe.mode === 'rehearsal',
    apiBase: settings.stripeApiBase,
  })
}

function secure(
  headers: Headers,
  url: URL,
  route: string | null,
  isSignedIn: boolean,
  method: string,
  status: number,
): void {
  const set = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value)
  }
  set('x-content-type-options', 'nosniff')
  set('referrer-policy', 'strict-origin-when-cross-origin')
  set('cross-origin-opener-policy', 'same-origin')
  set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()')
  if (url.protocol === 'https:') set('strict-transport-security', 'max-age=31536000')
  const policy = headers.get('content-security-policy')
  // A page that is passed on from the sandbox says by itself where its forms may lead.
  if (policy && !/(?:^|;)\s*form-action\s/.test(policy))
    headers.set('content-security-policy', `${policy}; form-action ${targets()}`)
  // The page for errors outside of pages (src/error.html) brings its few styles with it; nothing else may do anything.
  else if (!policy)
    set(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )

  const isPublic =
    method === 'GET' &&
    status === 200 &&
    !isSignedIn &&
    publicArea.test(route ?? '') &&
    url.search === ''
  if (isPublic) {
    set('cache-control', 'public, max-age=0, must-revalidate')
    headers.set(publicPageHeader, '1')
  } else set('cache-control', 'private, no-store')
}

export const handleError: HandleServerError = ({ kind, error, event }) => {
  const reference = event.locals.requestId?.slice(0, 8)
  if (kind === 'unknown') {
    const trouble = troubleOf(error)
    if (trouble) {
      log.error({ error: String(error), path: event.url.pathname, reference, trouble }, 'put off')
      return { status: 503, message: troubleWords[trouble](startsPayment(event)), reference }
    }
    log.error({ err: error, path: event.url.pathname, reference }, 'request failed')
    return { message: 'Something went wrong on our side. Nothing you did is lost.', reference }
  }
  return { reference }
}

/** What passes by itself, or when somebody has made room, and is nobody's mistake. */
function troubleOf(error: unknown): keyof typeof troubleWords | undefined {
  if (error instanceof StorageUnavailableError) return 'files'
  if (error instanceof Error && 'code' in error && fullCodes.has(String(error.code))) return 'full'
  return databaseTrouble(error)
}

/** No room left, here or within what this user may take; a disk that was made read-only. */
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

const troubleWords = {
  files: () =>
    'Files cannot be reached right now; nothing was changed. Go back, and try again in a minute.',
  away: (nothingCharged: string) =>
    `The shop cannot reach its database right now. ${nothingCharged}Nothing that you bought or did before is lost. Please try again in a moment.`,
  full: (nothingCharged: string) =>
    `Nothing can be stored in this shop right now; what is there can be read. ${nothingCharged}Please try again later.`,
}

/** Where somebody was about to be sent to pay. On the way back from paying it would not be true. */
function startsPayment({ request, url }: { request: Request; url: URL }): string {
  return request.method === 'POST' && /^\/(?:buy|cart|subscribe)\b/.test(url.pathname)
    ? 'Nothing was charged. '
    : ''
}
