import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { customerDetail, ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { endActivation, licencesOf } from '#modules/licences/server/index.ts'
import { givenWords, lengthWords } from '#modules/memberships/given-words.ts'
import { causeWords, historyWords } from '#modules/memberships/history-words.ts'
import {
  cardWords,
  invoiceWords,
  membershipWords,
  nextForOwner,
} from '#modules/memberships/membership-words.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import {
  endNow,
  givenToCustomers,
  goOn,
  keepAccess,
  membershipHistory,
  membershipsOf,
  pauseNow,
  plans,
  startsTodayAgain,
  takePlanBack,
  type EndingResult,
} from '#modules/memberships/server/index.ts'
import { refundedWord } from '#modules/memberships/subscription-money.ts'
import { orderState, orderStateWords } from '#modules/orders/order-state.ts'
import {
  compsOfCustomers,
  endComp,
  ordersOfCustomer,
  ordersOfMember,
  spendingOf,
} from '#modules/orders/server/index.ts'
import { disputeStateWords } from '#modules/payments/dispute-words.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { formatDay, formatMoment } from '#modules/platform/dates.ts'
import { db, inTransaction, now, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const customer = await customerDetail(db(), event.params.id)
  if (!customer) error(404, 'There is no customer at this address.')
  const turn = turnOf(event.url.searchParams)
  const all = [customer.id, ...customer.sameMember.map((other) => other.id)]
  const [page, spending, comps] = await Promise.all([
    // A member's purchases are one history, whatever address they were made with.
    customer.memberId
      ? ordersOfMember(db(), customer.memberId, turn)
      : ordersOfCustomer(db(), customer.id, turn),
    spendingOf(db(), all),
    compsOfCustomers(db(), all),
  ])
  const licences = await licencesOf(
    db(),
    'comp',
    comps.map((comp) => comp.id),
  )
  const spent = [...spending.values()]
  const [memberships, givenPlans, allPlans] = await Promise.all([
    customer.memberId ? membershipsFor(customer.memberId) : [],
    givenTo(all),
    plans(db()),
  ])
  return {
    customer: {
      name: customer.member?.name || customer.name,
      email: customer.member?.email ?? customer.email,
      // The address of purchases and those of the same member, each once.
      addresses: [...new Set([customer.email, ...customer.sameMember.map((other) => other.email)])],
      member: customer.member && {
        createdAt: customer.member.createdAt,
        avatarUrl: customer.member.avatarUrl,
        isOwner: customer.member.role === 'owner',
      },
      createdAt: customer.createdAt,
    },
    orderCount: spent.reduce((sum, one) => sum + one.orders, 0),
    spentMinor: spent.reduce((sum, one) => sum + one.keptMinor, 0),
    orders: page.rows.map((order) => ({
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      titles: order.lines.map((line) => line.title),
      total: { minor: order.totalMinor, currency: order.currency },
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
    })),
    customerId: customer.id,
    comps: comps.map(({ id, title, reason, createdAt, endedAt, endedReason }) => ({
      id,
      title,
      reason,
      createdAt,
      endedAt,
      endedReason,
    })),
    licences,
    memberships,
    givenPlans,
    hasPlans: allPlans.length > 0,
    notice: event.url.searchParams.get('notice') ?? '',
    ...turnLinks(event.url, page),
  }
}

/** Plans that were given, what goes on first. */
async function givenTo(customerIds: readonly string[]) {
  const [given, site, at] = await Promise.all([
    givenToCustomers(db(), customerIds),
    siteIdentity(db()),
    now(db()),
  ])
  const dates = { zone: site.timeZone, locale: site.locale }
  return given.map((one) => ({
    id: one.id,
    title: one.title,
    length: one.months === undefined ? undefined : lengthWords(one.months, undefined),
    words: givenWords(one, dates, at, 'owner'),
    givenAt: one.givenAt,
    reason: one.reason,
    hasEnded: one.endedAt !== undefined,
    endedReason: one.endedReason,
  }))
}

/** A member's plans with what happened to each, newest first. */
async function membershipsFor(memberId: string) {
  const [{ subscriptions, invoices }, site] = await Promise.all([
    membershipsOf(db(), memberId),
    siteIdentity(db()),
  ])
  const dates = { zone: site.timeZone, locale: site.locale }
  const history = await membershipHistory(
    db(),
    subscriptions.map(({ id }) => id),
  )
  return Promise.all(
    subscriptions.map(async (one) => ({
      id: one.id,
      title: one.title ?? 'Subscription',
      price: planPrice(one, site.locale),
      isLive: one.isLive,
      isPaused: one.isPaused,
      canPause: !one.isPaused && (one.status === 'active' || one.status === 'trialing'),
      isChargedToday: one.isPaused && (await startsTodayAgain(one.id)),
      words: membershipWords(one, dates),
      next: nextForOwner(one, dates),
      startedAt: one.startedAt,
      card: one.isLive && one.card ? cardWords(one.card) : undefined,
      /** It went back at Stripe, where nobody said what becomes of it. */
      isClosedByRefund: one.isLive && one.access.why === 'refunded' && !one.isToEnd,
      payments: invoices
        .filter(({ subscriptionId }) => subscriptionId === one.id)
        .map((invoice) => {
          const went = refundedWord(invoice)
          const state = went ? { word: went, tone: 'quiet' as const } : invoiceWords[invoice.status]
          return {
            id: invoice.id,
            name: invoice.number ?? 'Payment',
            at: formatDay(invoice.madeAt, dates),
            total: { minor: invoice.totalMinor, currency: invoice.currency },
            refunded: { minor: invoice.refundedMinor, currency: invoice.currency },
            isPartly: invoice.refundedMinor > 0 && invoice.refundedMinor < invoice.paidMinor,
            state,
            dispute:
              invoice.dispute === undefined
                ? undefined
                : `Disputed: ${disputeStateWords(invoice.dispute).toLowerCase()}`,
            isRefundable: invoice.isRefundable,
          }
        }),
      history: history
        .filter(({ subscriptionId }) => subscriptionId === one.id)
        .map((line) => ({
          id: line.id,
          at: formatMoment(line.at, dates),
          words: historyWords(line, dates),
          cause: causeWords(line.cause),
        })),
    })),
  )
}

const membershipProblems = {
  not_found: { status: 404, words: 'There is no such subscription.' },
  not_possible: {
    status: 409,
    words: 'That is not possible any more: the subscription has ended or changed meanwhile.',
  },
  unreachable: {
    status: 503,
    words: 'Stripe cannot be reached right now. Nothing was changed here; try again in a moment.',
  },
} as const

function membershipDone(result: EndingResult, customerId: string, notice: string) {
  if (result.ok) redirect(303, `/admin/customers/${customerId}?notice=${notice}`)
  const { status, words } = membershipProblems[result.reason]
  return fail(status, { errors: { membership: words } })
}

export const actions: Actions = {
  /** Ends a subscription at once; nothing is given back by it. */
  async endMembership(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const result = await endNow(owner, textField(form, 'subscription'))
    return membershipDone(result, event.params.id, 'membership-ended')
  },

  /** Asks for no money until it goes on. */
  async pauseMembership(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const result = await pauseNow(owner, textField(form, 'subscription'))
    return membershipDone(result, event.params.id, 'membership-paused')
  },

  /** Lets a paused one go on; it may be charged today. */
  async resumeMembership(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const result = await goOn(owner, textField(form, 'subscription'))
    return membershipDone(result, event.params.id, 'membership-resumed')
  },

  /** Opens again what is closed because its payment went back at Stripe. */
  async keepAccess(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const result = await keepAccess(owner, textField(form, 'subscription'))
    return membershipDone(result, event.params.id, 'access-kept')
  },

  /** Takes back a plan that was given. */
  async takePlanBack(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const reason = oneLine(textField(form, 'reason').slice(0, 2_000)).slice(0, 500)
    if (reason === '')
      return fail(400, { errors: { reason: 'Say in a few words why. It is kept.' } })
    await inTransaction((tx) => takePlanBack(tx, owner, textField(form, 'given'), reason))
    redirect(303, `/admin/customers/${event.params.id}?notice=plan-taken-back`)
  },

  /** Ends an activation of a licence key that was given. */
  async endActivation(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const customer = await customerDetail(db(), event.params.id)
    if (!customer) error(404, 'There is no customer at this address.')
    const all = [customer.id, ...customer.sameMember.map((other) => other.id)]
    const isEnded = await inTransaction(async (tx) => {
      const comps = await compsOfCustomers(tx, all)
      return endActivation(
        tx,
        { kind: 'owner', memberId: owner.memberId },
        { kind: 'comp', ids: comps.map((comp) => comp.id) },
        textField(form, 'activation'),
      )
    })
    redirect(
      303,
      `/admin/customers/${event.params.id}?notice=activation-${isEnded ? 'ended' : 'gone'}#licences`,
    )
  },

  /** Takes back what was given. */
  async takeBack(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const reason = oneLine(textField(form, 'reason').slice(0, 2_000)).slice(0, 500)
    if (reason === '')
      return fail(400, { errors: { reason: 'Say in a few words why. It is kept.' } })
    await inTransaction((tx) => endComp(tx, owner, textField(form, 'comp'), reason))
    redirect(303, `/admin/customers/${event.params.id}?notice=taken-back`)
  },
}
