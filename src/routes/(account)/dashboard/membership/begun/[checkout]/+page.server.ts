import { error, redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { lookAtSubscribing, wayBack } from '#modules/memberships/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { firstLook, nextLook } from '../../../../../checkout/[id]/looks.ts'
import type { PageServerLoad } from './$types'

/** Where Stripe sends who has subscribed: it looks there through the same door as every event, and waits until it is so. */
export const load: PageServerLoad = async (event) => {
  const member = memberOnly(event)
  event.depends('subscribing:state')
  const checkout = await lookAtSubscribing(member, event.params.checkout)
  if (!checkout) error(404, 'There is no such attempt to subscribe of yours.')
  if (checkout.state === 'complete') {
    const post = await wayBack(db(), member, event.params.checkout)
    redirect(303, post === undefined ? '/dashboard/membership?notice=begun' : `${post}?said=begun`)
  }
  return {
    isOver: checkout.state !== 'open',
    title: checkout.planTitle,
    payUrl: checkout.state === 'open' ? checkout.stripeSessionUrl : undefined,
    looks: { next: nextLook(event.url), first: firstLook(event.url) },
  }
}
