import type { MemberActor } from '#modules/accounts/types.ts'
import { offersOf } from '#modules/catalog/server/index.ts'
import type { Openers } from '#modules/content/types.ts'
import { planPrice, trialWords } from '#modules/memberships/plan-words.ts'
import { membershipsOf, plansOnOffer } from '#modules/memberships/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** The plan a member has already, while it does not open the post. */
export interface HeldPlan {
  readonly title: string
  /** It would open the post, but is shut itself: a payment is owed, or it is paused. */
  readonly isShut: boolean
}

/**
 * What opens a post and can be had now, for somebody whom it is not open to: plans first, then products in the order they were chosen;
 * of a member the plan they have, so that they are told why it is not enough.
 */
export async function waysIn(openers: Openers, member: MemberActor | undefined) {
  const [offered, offers, held] = await Promise.all([
    plansOnOffer(db()),
    offersOf(db(), openers.productIds),
    member && liveOf(member),
  ])
  const opens = (planId: string | undefined) =>
    planId !== undefined && (openers.anyPlan || openers.planIds.includes(planId))
  const { locale } = await siteIdentity(db())
  /** Of plans of one group a member has one: another is changed to, not begun. */
  const heldIn = (group: string) =>
    held?.find(({ planId }) => offered.some((plan) => plan.id === planId && plan.group === group))
  const own = held?.find(({ planId }) => opens(planId)) ?? held?.[0]
  const mine: HeldPlan | undefined = own && {
    title: own.title ?? 'a plan',
    isShut: opens(own.planId),
  }
  return {
    held: mine,
    plans: offered
      .filter(({ id }) => opens(id))
      .map((plan) => ({
        id: plan.id,
        title: plan.title,
        price: planPrice(plan, locale),
        trial: trialWords(plan.trialDays),
        changes: heldIn(plan.group)?.id,
      })),
    products: openers.productIds.flatMap((id) => {
      const offer = offers.get(id)
      return offer ? [{ slug: offer.slug, title: offer.title, price: offer.price }] : []
    }),
  }
}

export type WaysIn = Awaited<ReturnType<typeof waysIn>>

async function liveOf({ memberId }: MemberActor) {
  const { subscriptions } = await membershipsOf(db(), memberId)
  return subscriptions.filter(({ isLive }) => isLive)
}
