import { error, fail, redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { priceWith } from '#modules/memberships/discount-run.ts'
import { cardWords } from '#modules/memberships/membership-words.ts'
import { changePreview, changeRefusalWords } from '#modules/memberships/plan-change.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import {
  changePlan,
  changesOf,
  lookAtChange,
  membershipsOf,
  type ChangeProblem,
} from '#modules/memberships/server/index.ts'
import { formatDay } from '#modules/platform/dates.ts'
import { db, postedForm, textField, useLimit } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const home = '/dashboard/membership'
/** Each look and each change asks Stripe. */
const askLimit = { name: 'plan_change', most: 20, windowSeconds: 60 } as const

/** To which plan a subscription may be changed, and when. What it costs is asked for by a press: no page waits for Stripe. */
export const load: PageServerLoad = async (event) => {
  const member = memberOnly(event)
  const [changes, site, { subscriptions }] = await Promise.all([
    changesOf(db(), member, event.params.subscription),
    siteIdentity(db()),
    membershipsOf(db(), member.memberId),
  ])
  if (!changes) error(404, 'There is no subscription of yours at this address, or it has ended.')
  const { held, title, plans } = changes
  const dates = { zone: site.timeZone, locale: site.locale }
  const card = subscriptions.find(({ id }) => id === held.id)?.card
  const ends = held.periodEndsAt && formatDay(held.periodEndsAt, dates)
  return {
    subscription: held.id,
    title,
    price: priceWith(held, held.discount, held.periodEndsAt, dates),
    card: card && cardWords(card),
    choices: plans.map(({ plan, change }) => ({
      id: plan.id,
      title: plan.title,
      description: plan.description,
      price: planPrice(plan, site.locale),
      isPossible: change.ok,
      words: !change.ok
        ? changeRefusalWords(change.reason)
        : change.when === 'period_end'
          ? `From ${ends ?? 'the end of what is paid'} on; nothing is charged today.`
          : held.status === 'trialing'
            ? 'At once; your trial goes on.'
            : 'At once; what is left of your plan comes off the price.',
    })),
  }
}

function problemOf(reason: ChangeProblem): { status: number; problem: string } {
  switch (reason) {
    case 'not_found':
      return { status: 404, problem: 'There is no such subscription or plan.' }
    case 'cost_changed':
      return {
        status: 409,
        problem: 'What this costs has changed since you looked. Nothing was charged; look again.',
      }
    case 'payment_failed':
      return {
        status: 402,
        problem:
          'The card was not charged, and your plan stays exactly as it was. Change the card, then try again.',
      }
    case 'not_possible':
      return {
        status: 409,
        problem: 'This change is not possible any more. Nothing was charged; your plan stays.',
      }
    case 'unreachable':
      return {
        status: 503,
        problem:
          'Payments cannot be reached right now. If the change was made all the same, your membership says so in a moment; pressing again makes it once.',
      }
    default:
      return { status: 409, problem: changeRefusalWords(reason) }
  }
}

/** A refusal, or what was asked for. */
async function askedOf(event: Parameters<Actions[string]>[0]): Promise<{
  readonly member: MemberActor
  readonly form: FormData
  readonly refused: ReturnType<typeof problemOf> | undefined
}> {
  const member = memberOnly(event)
  const form = await postedForm(event.request)
  const used = await useLimit(askLimit, member.memberId)
  const refused = used.ok
    ? undefined
    : {
        status: 429,
        problem: `That was pressed very often. Try again in ${used.retryAfterSeconds} seconds.`,
      }
  return { member, form, refused }
}

export const actions: Actions = {
  /** What the change would cost, to the cent. Nothing is done. */
  async look(event) {
    const { member, form, refused } = await askedOf(event)
    if (refused) return fail(refused.status, { problem: refused.problem })
    const look = await lookAtChange(
      member,
      event.params.subscription ?? '',
      textField(form, 'plan'),
    )
    if (!look.ok) {
      const { status, problem } = problemOf(look.reason)
      return fail(status, { problem })
    }
    const site = await siteIdentity(db())
    const dates = { zone: site.timeZone, locale: site.locale }
    return {
      preview: {
        planId: look.plan.id,
        title: look.plan.title,
        at: look.at.toISOString(),
        todayMinor: look.cost.todayMinor,
        isForGood: look.isForGood,
        ...changePreview(look.change, look.plan, look.cost, dates, look.discount),
      },
    }
  },

  async change(event) {
    const { member, form, refused } = await askedOf(event)
    if (refused) return fail(refused.status, { problem: refused.problem })
    const at = new Date(textField(form, 'at').slice(0, 40))
    const today = textField(form, 'today')
    const isWhole = !Number.isNaN(at.getTime()) && /^\d{1,10}$/.test(today)
    const result = await changePlan(
      member,
      event.params.subscription ?? '',
      textField(form, 'plan'),
      isWhole ? { at, todayMinor: Number(today) } : { at: new Date(0), todayMinor: 0 },
    )
    if (!result.ok) {
      const { status, problem } = problemOf(result.reason)
      return fail(status, { problem })
    }
    redirect(303, `${home}?notice=${result.when === 'now' ? 'changed' : 'planned'}`)
  },
}
