import { redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { lookAtMine, payWhatIsOwed } from '#modules/memberships/server/index.ts'
import { retryNotice } from '../retry.server.ts'
import type { RequestHandler } from './$types'

/**
 * Where Stripe's page for cards leads back to: what stands there now is looked up before it is shown, and a payment that is owed is
 * tried at once with the new card.
 */
export const GET: RequestHandler = async (event) => {
  const member = memberOnly(event)
  await lookAtMine(member)
  const notice = retryNotice(await payWhatIsOwed(member, 'back'))
  redirect(303, `/dashboard/membership?notice=${notice ?? 'card'}`)
}
