import { error } from '@sveltejs/kit'
import { tooMany } from '#modules/accounts/too-many.ts'
import { calendarOf, mayFetchCalendar } from '#modules/booking/server/index.ts'
import { db, sha256 } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

/** Appointments for programs that subscribe to a calendar: who has the address reads them, without signing in. */
export const GET: RequestHandler = async (event) => {
  const allowed = await mayFetchCalendar(event.locals.network)
  if (!allowed.ok)
    error(429, tooMany(event, 'Calendars were fetched very often', allowed.retryAfterSeconds))
  const calendar = await calendarOf(db(), event.params.key.replace(/\.ics$/, ''))
  if (calendar === undefined) error(404, 'This calendar does not exist (any more).')
  const tag = `"${sha256(calendar).slice(0, 32)}"`
  const headers = {
    etag: tag,
    // Asked anew each time, and answered with 304 while nothing has changed.
    'cache-control': 'private, no-cache',
    'x-robots-tag': 'noindex',
  }
  if (isKnown(event.request.headers.get('if-none-match'), tag))
    return new Response(null, { status: 304, headers })
  return new Response(calendar, {
    headers: {
      ...headers,
      'content-type': 'text/calendar; charset=utf-8',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  })
}

/** What stands in If-None-Match: some tags, each perhaps marked as weak by whoever stands between. */
function isKnown(known: string | null, tag: string): boolean {
  return (known ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}
