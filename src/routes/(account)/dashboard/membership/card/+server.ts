import { redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { lookAtMine } from '#modules/memberships/server/index.ts'
import type { RequestHandler } from './$types'

/** Where Stripe's page for cards leads back to: what stands there now is looked up before it is shown. */
export const GET: RequestHandler = async (event) => {
  await lookAtMine(memberOnly(event))
  redirect(303, '/dashboard/membership?notice=card')
}
