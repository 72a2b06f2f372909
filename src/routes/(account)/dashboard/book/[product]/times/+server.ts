import { error } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { sessionsOf } from '#modules/booking/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { timesAnswer } from '../../../booking.server.ts'
import type { RequestHandler } from './$types'

/** The times of a month, for the picker that looks again while somebody chooses. */
export const GET: RequestHandler = async (event) => {
  const { memberId } = memberOnly(event)
  const { product } = event.params
  if (!(await sessionsOf(db(), memberId, [product])).has(product))
    error(404, 'There is no page here.')
  return timesAnswer(event.url.searchParams, product)
}
