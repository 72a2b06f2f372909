import { randomUUID } from 'node:crypto'
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit/hooks'
import { actorOf } from '#modules/accounts/server/index.ts'
import {
  changingPublicData,
  db,
  log,
  runtime,
  withRequestId,
} from '#modules/platform/server/index.ts'
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
    event.locals.actor = await actorOf(db(), event.cookies)
    const isOwnersAct = event.locals.actor?.kind === 'owner' && event.request.method !== 'GET'
    const response = await (isOwnersAct
      ? changingPublicData(async () => resolve(event))
      : resolve(event))
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
    headers.set('content-security-policy', `${policy}; form-action ${formTargets()}`)
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

/** A form's answer may lead to the hosted payment page; browsers check that against form-action too. */
function formTargets(): string {
  const { settings } = runtime()
  return settings.stripe.mode === 'rehearsal'
    ? "'self'"
    : `'self' https://checkout.stripe.com ${settings.stripeApiBase ?? ''}`.trim()
}

export const handleError: HandleServerError = ({ kind, error, event }) => {
  const reference = event.locals.requestId?.slice(0, 8)
  if (kind === 'unknown') {
    log.error({ err: error, path: event.url.pathname, reference }, 'request failed')
    return { message: 'Something went wrong on our side. Nothing you did is lost.', reference }
  }
  return { reference }
}
