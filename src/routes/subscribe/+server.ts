import { error, redirect } from '@sveltejs/kit'
import { networkOf } from '#modules/accounts/network.ts'
import { subscribe } from '#modules/memberships/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { postedForm, textField, useLimit } from '#modules/platform/server/index.ts'
import { startLimit, toPay } from '../buyer.server.ts'
import type { RequestHandler } from './$types'

/**
 * "Subscribe": the form names a plan, and nothing else. Whoever is not signed in proves their mailbox first, since a trial comes once for
 * a person, nobody has two of a group, and what is subscribed to is opened by an account.
 */
export const POST: RequestHandler = async ({ request, locals }) => {
  const plan = textField(await postedForm(request), 'plan')
  if (!isId(plan)) error(400, 'This form does not say what to subscribe to. Go back and try again.')
  const { actor } = locals
  if (!actor)
    redirect(303, `/sign-in?${new URLSearchParams({ next: `/plans?plan=${plan}#plan-${plan}` })}`)
  const used = await useLimit(startLimit, networkOf(locals.network))
  if (!used.ok)
    error(
      429,
      `Too many payments were begun from here. Try again in ${used.retryAfterSeconds} seconds.`,
    )
  const led = await subscribe(actor, plan)
  if (led.ok) return toPay(led.url)
  switch (led.reason) {
    case 'already':
      return redirect(303, '/dashboard/membership?notice=already')
    case 'disabled':
      return redirect(303, '/plans?notice=closed')
    case 'no_such_plan':
      return error(410, 'This plan is not offered any more.')
    case 'refused':
      return error(
        503,
        'The payment page could not be opened. Nothing was charged; the shop’s owner can see why.',
      )
    case 'unreachable':
      return error(
        503,
        'Payments cannot be reached right now. Nothing was charged; please try again in a moment.',
      )
  }
}
