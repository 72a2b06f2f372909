import { networkOf } from '#modules/accounts/network.ts'
import { canonicalCode } from '#modules/coupons/discount.ts'
import { planRefusalWords } from '#modules/coupons/coupon-words.ts'
import { courseWords } from '#modules/memberships/discount-run.ts'
import { codeOffers, membershipsOf, plansOnOffer } from '#modules/memberships/server/index.ts'
import { postToGoBackTo } from '#modules/memberships/way-back.ts'
import type { Plan } from '#modules/memberships/types.ts'
import { db, useLimit } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { PageServerLoad, PageServerLoadEvent } from './$types'
import { codeLimit } from '../../coupon-limit.server.ts'

const notices = ['not-subscribed', 'closed', 'code'] as const

/** What can be subscribed to; for a member, what they have already; with a code, what it makes of each plan. */
export const load: PageServerLoad = async (event) => {
  const { url, locals } = event
  const plans = await plansOnOffer(db())
  const held = locals.actor
    ? (await membershipsOf(db(), locals.actor.memberId)).subscriptions.filter((one) => one.isLive)
    : []
  const asked = url.searchParams.get('plan')
  const typed = (url.searchParams.get('code') ?? '').slice(0, 100).trim()
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
    /** The post that is waiting to be read on. */
    post: postToGoBackTo(url.searchParams.get('post')),
    isSignedIn: locals.actor !== undefined,
    notice: notices.find((one) => one === url.searchParams.get('notice')),
    code: typed === '' || plans.length === 0 ? undefined : await triedCode(event, typed, plans),
  }
}

/** What a code that was typed makes of each plan, or why it is of no use for any. */
async function triedCode(event: PageServerLoadEvent, typed: string, plans: readonly Plan[]) {
  const { actor, network } = event.locals
  const none = { typed, code: undefined, offers: {} }
  const used = await useLimit(codeLimit, networkOf(network))
  if (!used.ok)
    return {
      ...none,
      problem: `Several codes were tried from here. Try again in ${used.retryAfterSeconds} seconds.`,
    }
  const site = await siteIdentity(db())
  const dates = { zone: site.timeZone, locale: site.locale }
  const told = await codeOffers(db(), { code: typed, plans, member: actor })
  const offers = Object.fromEntries(
    [...told].map(([id, offer]) => {
      const plan = plans.find((one) => one.id === id)
      return [
        id,
        offer.ok && plan
          ? { ok: true as const, mark: offer.mark, ...courseWords(plan, offer.course, dates) }
          : {
              ok: false as const,
              problem: offer.ok ? '' : planRefusalWords(offer.refusal, site.currency, dates),
            },
      ]
    }),
  )
  const problems = [...new Set(Object.values(offers).map((one) => (one.ok ? '' : one.problem)))]
  // The same for all of them is said once, beside the field.
  const problem = problems.length === 1 && problems[0] !== '' ? problems[0] : undefined
  return {
    typed,
    code: problem === undefined ? canonicalCode(typed) : undefined,
    offers: problem === undefined ? offers : {},
    problem,
  }
}
