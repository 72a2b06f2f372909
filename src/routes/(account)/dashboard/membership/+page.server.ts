import { fail, redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { reductionWords } from '#modules/coupons/coupon-words.ts'
import type { RunningDiscount } from '#modules/memberships/discount-run.ts'
import { givenWords, lengthWords } from '#modules/memberships/given-words.ts'
import { cardWords, invoiceWords, membershipWords } from '#modules/memberships/membership-words.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import {
  cancelMine,
  cardPageOf,
  givenToMember,
  keepPlan,
  membershipsOf,
  payWhatIsOwed,
  plansOnOffer,
  resumeMine,
  type HeldInvoice,
} from '#modules/memberships/server/index.ts'
import { refundedWord } from '#modules/memberships/subscription-money.ts'
import { formatDay, formatMoment, type DateWords } from '#modules/platform/dates.ts'
import { db, now, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { toPay } from '../../../buyer.server.ts'
import type { Actions, PageServerLoad } from './$types'
import { retryNotice } from './retry.server.ts'

const home = '/dashboard/membership'
const notices = [
  'begun',
  'already',
  'cancelled',
  'resumed',
  'card',
  'changed',
  'planned',
  'kept',
  'paid',
  'unpaid',
  'untried',
  'too-often',
  'not-owed',
] as const

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const [{ subscriptions, invoices }, given, site, offered, at] = await Promise.all([
    membershipsOf(db(), memberId),
    givenToMember(db(), memberId),
    siteIdentity(db()),
    plansOnOffer(db()),
    now(db()),
  ])
  const dates = { zone: site.timeZone, locale: site.locale }
  return {
    memberships: subscriptions.map((one) => ({
      id: one.id,
      title: one.title ?? 'Subscription',
      description: one.description,
      price: planPrice(one, site.locale),
      comesOff: one.isLive && one.discount ? comesOff(one.discount, one, dates) : undefined,
      isLive: one.isLive,
      isOpen: one.access.isOpen,
      tokens: one.isLive ? one.tokens : 0,
      words: membershipWords(one, dates),
      startedAt: one.startedAt,
      /** Until when it would stay open if it were cancelled now, to the minute. */
      openUntil: one.periodEndsAt && formatMoment(one.periodEndsAt, dates),
      isEnding: one.cancelsAt !== undefined,
      changesTo: one.isLive && one.cancelsAt === undefined ? one.next?.title : undefined,
      owes: one.status === 'past_due' || one.status === 'unpaid',
      canChange:
        one.status !== 'past_due' &&
        one.status !== 'unpaid' &&
        one.isLive &&
        one.hasOthers &&
        one.planId !== undefined,
      card: one.isLive && one.card ? cardWords(one.card) : undefined,
    })),
    given: given.map((one) => ({
      id: one.id,
      title: one.title,
      description: one.description,
      length: one.months === undefined ? undefined : lengthWords(one.months, undefined),
      words: givenWords(one, dates, at, 'holder'),
      givenAt: one.givenAt,
      hasEnded: one.endedAt !== undefined || (one.until !== undefined && one.until <= at),
    })),
    invoices: invoices.map((invoice) => ({
      id: invoice.id,
      number: invoice.number ?? '',
      total: { minor: invoice.totalMinor, currency: invoice.currency },
      madeAt: invoice.madeAt,
      pdfUrl: invoice.pdfUrl,
      payUrl: invoice.payUrl,
      refunded: { minor: invoice.refundedMinor, currency: invoice.currency },
      isPartly: invoice.refundedMinor > 0 && invoice.refundedMinor < invoice.paidMinor,
      ...stateOf(invoice),
    })),
    hasPlans: offered.length > 0,
    notice: notices.find((one) => one === event.url.searchParams.get('notice')),
  }
}

/** What went back says more of an invoice than that it was paid. */
function stateOf(invoice: HeldInvoice) {
  const word = refundedWord(invoice)
  return word ? { word, tone: 'quiet' as const } : invoiceWords[invoice.status]
}

/** "50 % off with SPRING, until 5 February 2027". */
function comesOff(
  { reduction, name, duration, endsAt }: RunningDiscount,
  held: { readonly currency: string },
  dates: DateWords,
): string {
  const off =
    'basisPoints' in reduction
      ? reductionWords(reduction, dates.locale)
      : reductionWords({ ...reduction, currency: held.currency }, dates.locale)
  const until =
    duration === 'once'
      ? ', the next payment'
      : endsAt
        ? `, until ${formatDay(endsAt, dates)}`
        : ', every payment'
  return `${off} with ${name}${until}`
}

const problems = {
  not_found: 'There is no such subscription of yours.',
  not_possible: 'That is not possible any more: the subscription has ended or changed meanwhile.',
  unreachable: 'Payments cannot be reached right now. Please try again in a moment.',
} as const
const statuses = { not_found: 404, not_possible: 409, unreachable: 503 } as const

export const actions: Actions = {
  async cancel(event) {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const result = await cancelMine(
      member,
      textField(form, 'subscription'),
      textField(form, 'reason'),
    )
    if (!result.ok) return fail(statuses[result.reason], { problem: problems[result.reason] })
    redirect(303, `${home}?notice=cancelled`)
  },

  async resume(event) {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const result = await resumeMine(member, textField(form, 'subscription'))
    if (!result.ok) return fail(statuses[result.reason], { problem: problems[result.reason] })
    redirect(303, `${home}?notice=resumed`)
  },

  /** Takes back a change of plan that waits for the period's end. */
  async keep(event) {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const result = await keepPlan(member, textField(form, 'subscription'))
    if (!result.ok)
      return fail(statuses[result.reason], {
        problem:
          result.reason === 'not_possible'
            ? 'This cannot be taken back: the plan you had is not offered any more.'
            : problems[result.reason],
      })
    redirect(303, `${home}?notice=kept`)
  },

  /** Tries what is owed at once with the card on file. */
  async retry(event) {
    const notice = retryNotice(await payWhatIsOwed(memberOnly(event)))
    redirect(303, `${home}?notice=${notice ?? 'not-owed'}`)
  },

  async card(event) {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const result = await cardPageOf(member, textField(form, 'subscription'))
    if (!result.ok) return fail(statuses[result.reason], { problem: problems[result.reason] })
    return toPay(result.url)
  },
}
