import { error, redirect } from '@sveltejs/kit'
import { networkOf } from '#modules/accounts/network.ts'
import { keepWayBack, subscribe } from '#modules/memberships/server/index.ts'
import { plansPath, postToGoBackTo } from '#modules/memberships/way-back.ts'
import { isId } from '#modules/platform/ids.ts'
import { db, postedForm, textField, useLimit } from '#modules/platform/server/index.ts'
import { startLimit, toPay } from '../buyer.server.ts'
import type { RequestHandler } from './$types'

/**
 * "Subscribe": the form names a plan, the post it is subscribed from if any, and a code with a mark of what it was shown to take off.
 * Whoever is not signed in proves their mailbox first, since a trial comes once for
 * a person, nobody has two of a group, and what is subscribed to is opened by an account.
 */
export const POST: RequestHandler = async ({ request, locals }) => {
  const form = await postedForm(request)
  const plan = textField(form, 'plan')
  const post = postToGoBackTo(textField(form, 'post'))
  const typed = textField(form, 'code').slice(0, 100).trim()
  if (!isId(plan)) error(400, 'This form does not say what to subscribe to. Go back and try again.')
  const { actor } = locals
  const back = (notice = '') => plansPath(plan, { code: typed, post, notice })
  if (!actor) redirect(303, `/sign-in?${new URLSearchParams({ next: back() })}`)
  const used = await useLimit(startLimit, networkOf(locals.network))
  if (!used.ok)
    error(
      429,
      `Too many payments were begun from here. Try again in ${used.retryAfterSeconds} seconds.`,
    )
  const led = await subscribe(
    actor,
    plan,
    typed === ''
      ? undefined
      : { typed, seen: textField(form, 'seen').slice(0, 200), network: networkOf(locals.network) },
  )
  if (led.ok) {
    await keepWayBack(db(), led.checkoutId, post)
    return toPay(led.url)
  }
  switch (led.reason) {
    case 'already':
      return redirect(303, '/dashboard/membership?notice=already')
    case 'disabled':
      return redirect(303, '/plans?notice=closed')
    case 'code':
      return redirect(303, back('code'))
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
