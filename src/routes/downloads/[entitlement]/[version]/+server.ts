import type { RequestEvent } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { networkOf } from '#modules/accounts/network.ts'
import { refusalWords, type Refusal } from '#modules/downloads/refusal-words.ts'
import { claimFile, deliverFile } from '#modules/downloads/server/index.ts'
import { db, useLimit } from '#modules/platform/server/index.ts'

/** Nobody fetches so often by hand; a download manager asks for a few parts a second at most. */
const limit = { name: 'download', most: 600, windowSeconds: 60 } as const

/** Hands out a file to whoever has proven that it is theirs: by a signed link within its hour, or by being signed in. */
export const GET: RequestHandler = async (event) => {
  const { params, url, request, locals } = event
  const used = await useLimit(limit, networkOf(locals.network))
  if (!used.ok)
    return new Response(`Too many requests. Try again in ${used.retryAfterSeconds} seconds.\n`, {
      status: 429,
      headers: { 'retry-after': String(used.retryAfterSeconds) },
    })
  const claimed = await claimFile(db(), {
    entitlementId: params.entitlement,
    versionId: params.version,
    expires: url.searchParams.get('expires'),
    signature: url.searchParams.get('signature'),
    memberId: locals.actor?.memberId,
  })
  if (!claimed.ok) return refuse(event, claimed.reason)
  const delivery = await deliverFile(
    db(),
    claimed.file,
    {
      method: request.method === 'HEAD' ? 'HEAD' : 'GET',
      range: request.headers.get('range'),
      ifRange: request.headers.get('if-range'),
      ifNoneMatch: request.headers.get('if-none-match'),
    },
    {
      entitlementId: params.entitlement,
      network: locals.network,
      userAgent: request.headers.get('user-agent') ?? undefined,
    },
  )
  return delivery.ok ? delivery.response : refuse(event, delivery.reason)
}

export const HEAD = GET

/** A page in the shop's look for browsers, the same words as plain text for everything else. */
async function refuse(event: RequestEvent, reason: Refusal): Promise<Response> {
  const { status, title, text } = refusalWords(reason)
  const headers = new Headers({ 'cache-control': 'private, no-store' })
  if (status === 503) headers.set('retry-after', reason === 'store_down' ? '60' : '600')
  if (event.request.headers.get('accept')?.includes('text/html')) {
    const page = await event.fetch(`/downloads/refused/${reason}`)
    headers.set('content-type', 'text/html; charset=utf-8')
    headers.set(
      'content-security-policy',
      page.headers.get('content-security-policy') ?? "default-src 'none'",
    )
    return new Response(await page.text(), { status, headers })
  }
  headers.set('content-type', 'text/plain; charset=utf-8')
  return new Response(`${title}. ${text}\n`, { status, headers })
}
