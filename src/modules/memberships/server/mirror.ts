import { customerFor } from '#modules/accounts/server/index.ts'
import { couponAtStripe, setPlanUseTaken } from '#modules/coupons/server/index.ts'
import {
  endSubscription,
  followSubscription,
  type SubscriptionStanding,
} from '#modules/entitlements/server/index.ts'
import type { SubscriptionMirror, ToldSubscription } from '#modules/payments/subscription-mirror.ts'
import { subscriptionDigest } from '#modules/payments/subscription-digest.ts'
import type {
  InvoiceView,
  SubscriptionItemView,
  SubscriptionView,
} from '#modules/payments/types.ts'
import { mailboxOf } from '#modules/platform/email-address.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { now, type Tx } from '#modules/platform/server/index.ts'
import { accessOf, isLive, type Access } from '../access.ts'
import { defaultGroup } from '../plan-form.ts'
import { recurringRevenue, type Billed } from '../recurring-revenue.ts'
import { settleGiven } from './given.ts'
import { mailboxMark } from './mailbox-mark.ts'
import { noteCardToTry } from './store.card-tries.ts'
import { settleMoney } from './settle-money.ts'
import { takenSoFar } from './store.discounts.ts'
import { findPlan, notePlansChangedThere } from './store.plans.ts'
import { moveTo } from './store.price-moves.ts'
import { tellHolder } from './tell-holder.ts'
import { settleTokens } from './token-lots.ts'
import {
  claimTrial,
  completeCheckout,
  digestsOf,
  emailOf,
  expireCheckout,
  findOrigin,
  giveAllotment,
  insertEvents,
  liveOfStripeCustomer,
  lockMirrored,
  markSurplus,
  memberExists,
  otherLive,
  planOfPrice,
  readRules,
  replaceItems,
  setGone,
  upsertInvoice,
  upsertSubscription,
  wasOffered,
  type MirroredSubscription,
  type NewSubscriptionEvent,
} from './store.mirror.ts'

/** What payments tells of subscriptions themselves; of their money: money-moves.ts. */
export const mirroredSubscriptions: Omit<
  SubscriptionMirror,
  'onPayment' | 'knowsPayment' | 'knownMoney'
> = {
  onSubscription: mirrorSubscription,

  async onGone(tx, { backendId, stripeSubscriptionId, cause }) {
    const known = await lockMirrored(tx, backendId, stripeSubscriptionId)
    if (!known)
      return 'Stripe does not know this subscription (any more), and neither does the shop.'
    if (known.isGone) return 'Stripe does not know this subscription any more.'
    await setGone(tx, known.id)
    const ended = { ...known, status: 'canceled' } as const
    await insertEvents(tx, [
      { ...eventOf(ended, 'gone', cause), ...deltas(billedOf(known), billedOf(ended)) },
    ])
    await endSubscription(tx, known.id, { actor: 'stripe', cause })
    if (known.customerId !== undefined) await settleGiven(tx, known.customerId, cause)
    return 'Stripe does not know this subscription any more: it has ended here.'
  },

  async onSessionExpired(tx, { backendId, stripeSessionId }) {
    const was = await expireCheckout(tx, backendId, stripeSessionId)
    return was ? 'Expired unpaid.' : 'This session was not open here.'
  },

  onOfferChanged: (tx, { backendId, offerId }) => notePlansChangedThere(tx, backendId, offerId),

  ofCustomer: liveOfStripeCustomer,

  digests: digestsOf,
}

/**
 * Writes a subscription down as it stands at Stripe, with everything that follows from it: its invoices, what the paid ones gave, the
 * right to its plan, its history. What is written depends on what is told and on nothing that was told before.
 */
async function mirrorSubscription(tx: Tx, told: ToldSubscription): Promise<string> {
  const { backendId, subscription: view, cause } = told
  const known = await lockMirrored(tx, backendId, view.stripeSubscriptionId)
  const holder = await holderOf(tx, backendId, view, known)
  const items: (SubscriptionItemView & { readonly ownPlanId: string | undefined })[] = []
  for (const one of view.items)
    items.push({ ...one, ownPlanId: await planOfPrice(tx, backendId, one, view.currency) })
  const item = items.find(({ ownPlanId }) => ownPlanId !== undefined) ?? items[0]
  if (!item) return 'A subscription without any item: there is nothing it could be to.'
  const nextPlanId = isWaiting(known, item) ? item.ownPlanId : undefined
  const next = nextPlanId === undefined ? undefined : await findPlan(tx, nextPlanId)
  const ownPlanId = next ? known?.planId : item.ownPlanId
  const plan = ownPlanId === undefined ? undefined : await findPlan(tx, ownPlanId)
  const group = plan?.group ?? known?.group ?? defaultGroup
  const id = known?.id ?? newId()
  const surplusReason =
    known?.surplusReason ??
    (await surplusOf(tx, { backendId, view, known, group, planId: plan?.id, ...holder, cause }))

  await upsertSubscription(tx, {
    id,
    backendId,
    view,
    item,
    group,
    ...holder,
    planId: plan?.id,
    nextPlanId,
    notedPlanId: hasNewPeriod(known, item) ? undefined : known?.notedPlanId,
    amountMinor: next && plan ? plan.amountMinor : item.amountMinor,
    couponAtStripeId: await ownCoupon(tx, backendId, view),
    surplusReason,
    pastDueSince: pastDueSince(view, known),
    digest: subscriptionDigest(view),
  })
  await replaceItems(tx, id, items)
  const given = await writeInvoices(tx, told, id, plan?.id)
  await settleMoney(tx, id)
  const taken = told.invoices.some(({ discountMinor }) => discountMinor > 0)
    ? await takenSoFar(tx, id)
    : undefined
  if (taken) await setPlanUseTaken(tx, taken.checkoutId, taken.minor)
  const present = await lockMirrored(tx, backendId, view.stripeSubscriptionId)
  if (!present) throw new Error(`Subscription ${view.stripeSubscriptionId} vanished.`)
  const events = await insertEvents(tx, eventsBetween(known, present, cause))
  await openOrShut(tx, present, cause)
  await settleTokens(tx, id)
  await tellHolder(tx, present, {
    title: plan?.title,
    next,
    wasTold: await wasToldOf(tx, present, events),
    trialEndsAt: view.trialEndsAt,
    events,
    paid: given,
    failed: told.invoices.filter(({ status, attempts }) => status === 'open' && attempts > 0),
  })
  if (present.status === 'past_due' || present.status === 'unpaid')
    await noteCardToTry(tx, present.id)
  if (view.trialEndsAt) await noteTrial(tx, present, view)
  if (holder.checkoutId !== undefined && view.status !== 'incomplete')
    await completeCheckout(tx, holder.checkoutId)

  const words = [
    present.customerId === undefined ? 'Nobody here is known to hold it.' : undefined,
    plan === undefined ? 'Its price is of no plan here.' : undefined,
    surplusReason === undefined ? undefined : 'It is one too many and will be given back.',
    given.length > 0
      ? `${given.length} paid period${given.length === 1 ? '' : 's'} given.`
      : undefined,
  ].filter((part) => part !== undefined)
  return [`${known ? 'Brought up to date' : 'Begun'}: ${view.status}.`, ...words].join(' ')
}

/** Whether a change of plan is the owner's move to another price, of which its holder was told weeks before. */
async function wasToldOf(
  tx: Tx,
  one: MirroredSubscription,
  events: readonly NewSubscriptionEvent[],
): Promise<boolean> {
  const isChange = events.some(({ what }) => what === 'plan' || what.startsWith('change_'))
  if (!isChange) return false
  const planId = one.nextPlanId ?? one.planId
  const taken = events.find(({ what }) => what === 'change_unset')?.detail.to
  return moveTo(tx, one.id, typeof taken === 'string' ? taken : planId)
}

/**
 * Whether the price that is heard of counts from the next period on: its plan was noted before Stripe was asked for it, and the period
 * that was paid with the former plan goes on.
 */
function isWaiting(
  known: MirroredSubscription | undefined,
  item: SubscriptionItemView & { readonly ownPlanId: string | undefined },
): boolean {
  return (
    known?.planId !== undefined &&
    known.notedPlanId !== undefined &&
    known.notedPlanId !== known.planId &&
    item.ownPlanId === known.notedPlanId &&
    !hasNewPeriod(known, item)
  )
}

/** Whether a later period has begun than the one that was known. */
function hasNewPeriod(
  known: MirroredSubscription | undefined,
  { periodStartsAt }: SubscriptionItemView,
): boolean {
  return (
    known?.periodEndsAt !== undefined &&
    periodStartsAt !== undefined &&
    periodStartsAt >= known.periodEndsAt
  )
}

/** Which coupon of ours comes off. Its key is read from what Stripe tells: anything may stand there. */
async function ownCoupon(
  tx: Tx,
  backendId: number,
  { discount }: SubscriptionView,
): Promise<string | undefined> {
  const key = discount?.couponKey
  return key === undefined || !isId(key)
    ? undefined
    : (await couponAtStripe(tx, backendId, key))?.id
}

/** Who holds it: the member who opened its checkout, or whom the customer at Stripe was made for. Never by an address alone. */
async function holderOf(
  tx: Tx,
  backendId: number,
  view: SubscriptionView,
  known: MirroredSubscription | undefined,
): Promise<{
  readonly customerId: string | undefined
  readonly memberId: string | undefined
  readonly checkoutId: string | undefined
}> {
  const noted = view.note.subscription_checkout_id ?? ''
  const origin = await findOrigin(tx, backendId, {
    checkoutId: isId(noted) ? noted : undefined,
    stripeCustomerId: view.stripeCustomerId,
  })
  const memberNoted = view.note.member_id ?? ''
  const memberId =
    known?.memberId ?? origin.memberId ?? (isId(memberNoted) ? memberNoted : undefined)
  if (memberId === undefined || !(await memberExists(tx, memberId)))
    return { customerId: known?.customerId, memberId: undefined, checkoutId: origin.checkoutId }
  // Locks the member: of two subscriptions at once, the second sees the first.
  const customerId = await customerFor(tx, { memberId, email: (await emailOf(tx, memberId)) ?? '' })
  return { customerId: known?.customerId ?? customerId, memberId, checkoutId: origin.checkoutId }
}

/** The older of two stays, whichever was heard of first; of the same second, the one whose id comes first. */
function isOlder(
  one: { readonly startedAt: Date; readonly stripeSubscriptionId: string },
  other: { readonly startedAt: Date; readonly stripeSubscriptionId: string },
): boolean {
  const apart = one.startedAt.getTime() - other.startedAt.getTime()
  return apart === 0 ? one.stripeSubscriptionId < other.stripeSubscriptionId : apart < 0
}

async function surplusOf(
  tx: Tx,
  one: {
    readonly backendId: number
    readonly view: SubscriptionView
    readonly known: MirroredSubscription | undefined
    readonly group: string
    readonly planId: string | undefined
    readonly customerId: string | undefined
    readonly memberId: string | undefined
    readonly cause: string
  },
): Promise<'second' | 'plan_disabled' | undefined> {
  const { view, known, customerId } = one
  if (!isLive(view.status) || (known && isLive(known.status))) return undefined
  if (!known && one.planId !== undefined && !(await wasOffered(tx, one.planId, view.startedAt)))
    return 'plan_disabled'
  if (customerId === undefined) return undefined
  const { stripeSubscriptionId, startedAt } = view
  const other = await otherLive(tx, one.backendId, {
    memberId: one.memberId,
    customerId,
    group: one.group,
    stripeSubscriptionId,
  })
  if (!other) return undefined
  if (isOlder(other, { stripeSubscriptionId, startedAt })) return 'second'
  await markSurplus(tx, other.id, 'second')
  await insertEvents(tx, [
    {
      ...eventOf(other, 'surplus', one.cause),
      ...deltas(billedOf(other), undefined),
    },
  ])
  await endSubscription(tx, other.id, { actor: 'stripe', cause: one.cause })
  return undefined
}

/** Since when it owes: since the invoice it owes was made. */
function pastDueSince(
  view: SubscriptionView,
  known: MirroredSubscription | undefined,
): Date | undefined {
  if (view.status !== 'past_due') return undefined
  const owed = view.latestInvoice?.status === 'open' ? view.latestInvoice.madeAt : undefined
  return known?.pastDueSince ?? owed ?? view.items[0]?.periodStartsAt
}

/** Returns the paid invoices that gave something now. */
async function writeInvoices(
  tx: Tx,
  told: ToldSubscription,
  subscriptionId: string,
  planId: string | undefined,
): Promise<InvoiceView[]> {
  const given: InvoiceView[] = []
  for (const invoice of told.invoices) {
    const invoiceId = await upsertInvoice(
      tx,
      { id: newId(), backendId: told.backendId, subscriptionId },
      invoice,
    )
    const isChange = invoice.reason === 'subscription_update' && invoice.paidMinor > 0
    if (invoice.status !== 'paid' || !(isOfPeriod(invoice) || isChange)) continue
    const allotted = await giveAllotment(tx, {
      invoiceId,
      subscriptionId,
      planId,
      isChange,
      periodStartsAt: invoice.periodStartsAt,
      periodEndsAt: invoice.periodEndsAt,
    })
    if (allotted) given.push(invoice)
  }
  return given
}

/** It pays for a period, the first or a further one. */
const isOfPeriod = ({ reason }: InvoiceView) =>
  reason === 'subscription_create' || reason === 'subscription_cycle'

// ---- what it opens ----

/** Opens or shuts what a subscription is to, as it stands now. */
export async function openOrShut(tx: Tx, one: MirroredSubscription, cause: string): Promise<void> {
  await bringRight(tx, one, cause)
  if (one.customerId !== undefined) await settleGiven(tx, one.customerId, cause)
}

async function bringRight(tx: Tx, one: MirroredSubscription, cause: string): Promise<void> {
  const by = { actor: 'stripe', cause } as const
  if (
    one.customerId === undefined ||
    one.planId === undefined ||
    one.surplusReason !== undefined ||
    one.isGone
  )
    return endSubscription(tx, one.id, by)
  const access = accessOf(one, await readRules(tx), await now(tx))
  const of = {
    subscriptionId: one.id,
    customerId: one.customerId,
    benefit: 'plan',
    subjectId: one.planId,
  }
  // Nothing is written of what was never open: an attempt whose first payment failed.
  if (access.why === 'not_started') return
  await followSubscription(tx, of, standingOf(access), by)
}

function standingOf(access: Access): SubscriptionStanding {
  if (access.isOpen) return { isOpen: true, until: access.until }
  switch (access.why) {
    case 'paused':
      return { isOpen: false, reason: 'paused' }
    case 'grace_over':
    case 'not_paid':
      return { isOpen: false, reason: 'unpaid' }
    case 'disputed':
    case 'dispute_lost':
    case 'refunded':
      return { isOpen: false, reason: access.why }
    default:
      return { isOpen: false, reason: 'ended' }
  }
}

async function noteTrial(tx: Tx, one: MirroredSubscription, view: SubscriptionView): Promise<void> {
  if (one.surplusReason !== undefined) return
  const email = one.memberId === undefined ? undefined : await emailOf(tx, one.memberId)
  await claimTrial(tx, one.id, one.group, [
    ...(one.memberId === undefined ? [] : [{ kind: 'member' as const, person: one.memberId }]),
    ...(email === undefined
      ? []
      : [{ kind: 'mailbox' as const, person: mailboxMark(mailboxOf(email)) }]),
    ...(view.cardFingerprint === undefined
      ? []
      : [{ kind: 'card' as const, person: view.cardFingerprint }]),
  ])
}

// ---- its history ----

function billedOf(one: MirroredSubscription): Billed | undefined {
  if (one.surplusReason !== undefined || one.isGone) return undefined
  return {
    ...one,
    amountMinor: one.amountMinor - one.recurringOffMinor,
    isEnding: one.cancelsAt !== undefined,
  }
}

function deltas(before: Billed | undefined, after: Billed | undefined) {
  const of = (one: Billed | undefined) => recurringRevenue(one ? [one] : [])
  return {
    revenueDeltaMinor: of(after).monthlyMinor - of(before).monthlyMinor,
    committedDeltaMinor: of(after).committedMinor - of(before).committedMinor,
  }
}

/** One line of the record, which moves no revenue. */
export function eventOf(
  one: MirroredSubscription,
  what: NewSubscriptionEvent['what'],
  cause: string,
  detail: NewSubscriptionEvent['detail'] = {},
): NewSubscriptionEvent {
  return {
    subscriptionId: one.id,
    what,
    status: one.status,
    planId: one.planId,
    cause,
    detail,
    revenueDeltaMinor: 0,
    committedDeltaMinor: 0,
    currency: one.currency,
  }
}

/** What became different, each as a line; the first one carries what it all changed of the revenue. */
function eventsBetween(
  before: MirroredSubscription | undefined,
  after: MirroredSubscription,
  cause: string,
): NewSubscriptionEvent[] {
  const event = (what: NewSubscriptionEvent['what'], detail: NewSubscriptionEvent['detail'] = {}) =>
    eventOf(after, what, cause, detail)
  const day = (date: Date | undefined) => date?.toISOString() ?? null
  const events: NewSubscriptionEvent[] = []
  if (!before) {
    events.push(event('begun'))
    if (after.surplusReason) events.push(event('surplus', { reason: after.surplusReason }))
    if (after.cancelsAt) events.push(event('cancel_set', { at: day(after.cancelsAt) }))
  } else {
    if (before.status !== after.status) events.push(event('status', { from: before.status }))
    if (before.planId !== after.planId) events.push(event('plan', { from: before.planId ?? null }))
    if (after.nextPlanId !== undefined && before.nextPlanId !== after.nextPlanId)
      events.push(event('change_set', { to: after.nextPlanId, at: day(after.periodEndsAt) }))
    if (before.nextPlanId !== undefined && !after.nextPlanId && before.planId === after.planId)
      events.push(event('change_unset', { to: before.nextPlanId }))
    if (!before.surplusReason && after.surplusReason)
      events.push(event('surplus', { reason: after.surplusReason }))
    if (before.discount?.name !== after.discount?.name)
      events.push(
        after.discount
          ? event('discount_set', { name: after.discount.name })
          : event('discount_over', { name: before.discount?.name ?? null }),
      )
    if (before.isPaused !== after.isPaused)
      events.push(event(after.isPaused ? 'paused' : 'resumed'))
    if (before.cancelsAt?.getTime() !== after.cancelsAt?.getTime())
      events.push(
        event(after.cancelsAt ? 'cancel_set' : 'cancel_unset', { at: day(after.cancelsAt) }),
      )
    if (
      before.periodEndsAt &&
      after.periodEndsAt &&
      after.periodEndsAt > before.periodEndsAt &&
      before.planId === after.planId
    )
      events.push(event('renewed', { until: day(after.periodEndsAt) }))
  }
  const [first, ...others] = events
  const change = deltas(before && billedOf(before), billedOf(after))
  if (!first)
    return change.revenueDeltaMinor === 0 && change.committedDeltaMinor === 0
      ? []
      : [{ ...event('status', { from: after.status }), ...change }]
  return [{ ...first, ...change }, ...others]
}
