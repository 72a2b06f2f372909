import { membershipsOf, plansOnOffer } from '#modules/memberships/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import type { PageServerLoad } from './$types'

const notices = ['not-subscribed', 'closed'] as const

/** What can be subscribed to; for a member, what they have already. */
export const load: PageServerLoad = async ({ url, locals }) => {
  const plans = await plansOnOffer(db())
  const held = locals.actor
    ? (await membershipsOf(db(), locals.actor.memberId)).subscriptions.filter((one) => one.isLive)
    : []
  const asked = url.searchParams.get('plan')
  return {
    plans: plans.map((plan) => ({
      ...plan,
      isMine: held.some((one) => one.planId === plan.id),
    })),
    groups: [...new Set(plans.map(({ group }) => group))],
    /** By group, the subscription this member has in it: it is changed in the account, no other is begun. */
    heldIn: Object.fromEntries(
      plans.flatMap((plan) => {
        const mine = held.find((one) => one.planId === plan.id)
        return mine ? [[plan.group, mine.id]] : []
      }),
    ),
    chosen: plans.some(({ id }) => id === asked) ? (asked ?? undefined) : undefined,
    isSignedIn: locals.actor !== undefined,
    notice: notices.find((one) => one === url.searchParams.get('notice')),
  }
}
