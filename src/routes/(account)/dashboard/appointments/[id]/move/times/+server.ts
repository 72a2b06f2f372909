import { error } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { appointmentOfMember } from '#modules/booking/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { timesAnswer } from '../../../../booking.server.ts'
import type { RequestHandler } from './$types'

/** The times of a month to which an appointment can be moved. */
export const GET: RequestHandler = async (event) => {
  const { memberId } = memberOnly(event)
  const one = await appointmentOfMember(db(), memberId, event.params.id)
  if (one?.state !== 'confirmed') error(404, 'There is no page here.')
  return timesAnswer(event.url.searchParams, one.productId, one)
}
