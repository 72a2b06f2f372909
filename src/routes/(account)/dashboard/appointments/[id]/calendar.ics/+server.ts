import { error } from '@sveltejs/kit'
import { customerIdsOf, memberOnly } from '#modules/accounts/server/index.ts'
import { calendarFileOf } from '#modules/booking/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

/** One of one's own appointments as a file for a calendar. */
export const GET: RequestHandler = async (event) => {
  const member = memberOnly(event)
  const customerIds = await customerIdsOf(db(), member.memberId)
  const file = await calendarFileOf(db(), customerIds, event.params.id)
  if (file === undefined) error(404, 'You have no such appointment.')
  return new Response(file, {
    headers: {
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'attachment; filename="appointment.ics"',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    },
  })
}
