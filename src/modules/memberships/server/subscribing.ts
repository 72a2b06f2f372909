import { createHash } from 'node:crypto'
import { ownerAddress } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { freePlanUse, holdPlanUse } from '#modules/coupons/server/index.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, syncSubscription, within } from '#modules/payments/server/index.ts'
import { mailboxOf } from '#modules/platform/email-address.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import {
  db,
  inTransaction,
  log,
  queueMail,
  runtime,
  type Tx,
} from '#modules/platform/server/index.ts'
import { codeOffer, isCouponGone, madeCoupon, storedCoupon } from './plan-codes.ts'
import { ownerSurplusMail } from './mails/to-owner.ts'
import { findPlan, lockPlan, priceAtStripe } from './store.plans.ts'
import { sendPlanNow } from './send-plan.ts'
import {
  customerAtStripe,
  failCheckout,
  forgetCustomer,
  hadTrial,
  hasLive,
  insertCheckout,
  lockSubscriber,
  markToClose,
  openCheckoutsOfMember,
  settleSurplus,
  storeCustomerAtStripe,
  storeSession,
  takeDueCheckouts,
  takeTheseCheckouts,
  unsettledSurplus,
  type OpenCheckout,
  type Surplus,
} from './store.subscribing.ts'

/** A person who pressed "Subscribe" is told after this long that payments cannot be reached; nothing is lost. */
const personLimitMs = 8_000
/** How long a session takes payment. Stripe allows 30 minutes to 24 hours. */
const openForMs = 2 * 60 * 60_000
/** One that holds a use of a coupon keeps it from others meanwhile. */
const openWithCouponMs = 45 * 60_000
const mostASweep = 50

export type SubscribeRefusal =
  | 'no_such_plan'
  | 'disabled'
  | 'already'
  | 'unreachable'
  | 'refused'
  /** The code does not come off (any more), or not as it was shown. The plan's page says why. */
  | 'code'

export type OpenedSubscribing =
  | { readonly ok: true; readonly checkout: OpenCheckout; readonly toClose: readonly string[] }
  | { readonly ok: false; readonly reason: SubscribeRefusal }

/** The code somebody subscribes with. */
export interface WishedCode {
  readonly typed: string
  /** Mark of what was shown that comes off (codeOffer): other terms than those are not taken. */
  readonly seen: string
  /** Where it is used from. */
  readonly network: string
}

/**
 * Writes down that a member is about to subscribe, before Stripe is asked. Refused for a plan that is disabled and for a member who has
 * a subscription of its group. Pressed again, also in another tab, it is the checkout that is open; one for another plan of the
 * group is closed. A trial is offered once to a person.
 */
export async function openSubscribing(
  tx: Tx,
  member: MemberActor,
  planId: string,
  code?: WishedCode,
): Promise<OpenedSubscribing> {
  const refused = (reason: SubscribeRefusal) => ({ ok: false, reason }) as const
  const backend = await currentBackend()
  const email = await lockSubscriber(tx, member.memberId)
  const plan = isId(planId) ? await findPlan(tx, planId) : undefined
  if (!plan || email === undefined) return refused('no_such_plan')
  if (await hasLive(tx, backend.id, member.memberId, plan.group)) return refused('already')
  if (!(await lockPlan(tx, planId))?.isEnabled) return refused('disabled')
  const isTrialGone = await hadTrial(tx, plan.group, {
    memberId: member.memberId,
    mailbox: mailboxOf(email),
  })
  const offer = code && (await codeOffer(tx, { code: code.typed, plan, isTrialGone }))
  if (offer && (!offer.ok || offer.mark !== code.seen)) return refused('code')
  const coupon = offer?.ok ? offer : undefined
  const trialDays = coupon?.trialDays ?? (isTrialGone ? 0 : plan.trialDays)
  const couponAtStripeId = coupon && (await storedCoupon(tx, backend.id, coupon))
  const open = await openCheckoutsOfMember(tx, backend.id, member.memberId)
  // One that was opened while other terms stood there is of no use any more.
  const same = open.find(
    (one) =>
      one.planId === planId &&
      one.trialDays === trialDays &&
      one.couponAtStripeId === couponAtStripeId,
  )
  const toClose = open.flatMap((one) => (one === same ? [] : [one.id]))
  await markToClose(tx, toClose)
  if (same) return { ok: true, checkout: same, toClose }
  const id = newId()
  if (code && coupon) {
    const { couponId } = coupon
    const held = await holdPlanUse(tx, { checkoutId: id, couponId, email, network: code.network })
    if (!held.ok) return refused('code')
  }
  const createdAt = await insertCheckout(tx, {
    id,
    backendId: backend.id,
    memberId: member.memberId,
    planId,
    trialDays,
    couponAtStripeId,
  })
  return {
    ok: true,
    toClose,
    checkout: {
      id,
      memberId: member.memberId,
      planId,
      trialDays,
      couponAtStripeId,
      stripeSessionId: undefined,
      stripeSessionUrl: undefined,
      expiresAt: undefined,
      isToClose: false,
      createdAt,
    },
  }
}

export type SubscribeResult =
  | { readonly ok: true; readonly checkoutId: string; readonly url: string }
  | { readonly ok: false; readonly reason: SubscribeRefusal }

/**
 * Leads a member to the hosted page where they subscribe. unreachable: nothing was charged and nothing is lost; a session whose
 * answer was lost is found again under its key, or closed by the sweep.
 */
export async function subscribe(
  member: MemberActor,
  planId: string,
  code?: WishedCode,
): Promise<SubscribeResult> {
  const attempt = () => tryToSubscribe(member, planId, code)
  return (await attempt()) ?? (await attempt()) ?? unmade
}

const unmade: SubscribeResult = { ok: false, reason: 'unreachable' }

/** undefined: the customer or the coupon was deleted at Stripe; the next try is a new checkout with a new one. */
async function tryToSubscribe(
  member: MemberActor,
  planId: string,
  code: WishedCode | undefined,
): Promise<SubscribeResult | undefined> {
  const opened = await inTransaction((tx) => openSubscribing(tx, member, planId, code))
  if (!opened.ok) return opened
  const { checkout } = opened
  try {
    // Those of other plans first: while one of them is open, it can be paid as well.
    await within(personLimitMs, closeAtOnce(opened.toClose))
    if (checkout.stripeSessionUrl !== undefined)
      return { ok: true, checkoutId: checkout.id, url: checkout.stripeSessionUrl }
    const session = await within(personLimitMs, askForSession(checkout))
    if (session.url === undefined) return { ok: false, reason: 'refused' }
    const isToClose = await storeSession(db('money'), checkout.id, session)
    // The plan was disabled, or another one chosen, while Stripe was asked.
    if (isToClose) return { ok: false, reason: 'disabled' }
    return { ok: true, checkoutId: checkout.id, url: session.url }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn(
      { checkout: checkout.id, fault: error.fault, error: error.message },
      'a session to subscribe was not made',
    )
    if (error.fault === 'not_found') return undefined
    return {
      ok: false,
      reason:
        error.fault === 'refused' || error.fault === 'unauthorised' ? 'refused' : 'unreachable',
    }
  }
}

async function closeAtOnce(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  for (const one of await takeTheseCheckouts(db('money'), ids)) await closeOrLook(one)
}

/** Every attempt for the same checkout asks for exactly the same, or its key is refused. */
async function askForSession(checkout: OpenCheckout) {
  const backend = await currentBackend()
  const { origin } = runtime().settings
  const { memberId } = checkout
  if (memberId === undefined)
    throw new GatewayError('refused', 'Whoever wanted to subscribe is not a member any more.')
  const stripePriceId = await priceOf(checkout.planId, backend.id)
  const stripeCustomerId = await customerOf(memberId, backend.id)
  const coupon = await madeCoupon(checkout)
  const openMs = coupon ? openWithCouponMs : openForMs
  try {
    return await backend.gateway.makeSubscriptionSession(
      {
        checkoutId: checkout.id,
        stripeCustomerId,
        stripePriceId,
        trialDays: checkout.trialDays,
        couponKey: coupon?.id,
        isFree: coupon?.isFree ?? false,
        note: { member_id: memberId, plan_id: checkout.planId },
        successUrl: `${origin}/dashboard/membership/begun/${checkout.id}`,
        cancelUrl: `${origin}/plans?notice=not-subscribed`,
        expiresAt: new Date(checkout.createdAt.getTime() + openMs),
      },
      'person',
    )
  } catch (error) {
    if (error instanceof GatewayError && error.fault === 'not_found') {
      if (coupon && (await isCouponGone(checkout)))
        await failCheckout(db('money'), checkout.id, 'The coupon was deleted at Stripe.')
      else await forgetCustomer(db('money'), backend.id, stripeCustomerId)
      // Its key was used for this customer, and stands for no other. One that has failed already stays as it is.
      await failCheckout(db('money'), checkout.id, 'The customer was deleted at Stripe.')
    }
    throw error
  }
}

async function priceOf(planId: string, backendId: number): Promise<string> {
  const known = await priceAtStripe(db('money'), backendId, planId)
  if (known !== undefined) return known
  await sendPlanNow(planId)
  const made = await priceAtStripe(db('money'), backendId, planId)
  if (made === undefined)
    throw new GatewayError('unreachable', 'The plan has not been brought to Stripe yet.')
  return made
}

/** Made before the first checkout, once a member, however many ask at once. */
async function customerOf(memberId: string, backendId: number): Promise<string> {
  const backend = await currentBackend()
  const { customer, email } = await inTransaction(async (tx) => ({
    email: await lockSubscriber(tx, memberId),
    customer: await customerAtStripe(tx, backendId, memberId, newId()),
  }))
  if (customer.stripeCustomerId !== undefined) return customer.stripeCustomerId
  const { stripeCustomerId } = await backend.gateway.makeCustomer(
    { key: customer.id, memberId, email: email ?? '', name: undefined },
    'person',
  )
  await storeCustomerAtStripe(db('money'), customer.id, stripeCustomerId)
  return stripeCustomerId
}

/**
 * Looks after what no event told of: sessions that are to be closed, sessions whose answer was lost, sessions that should have
 * ended; and gives back what somebody subscribed to twice. Several processes may sweep at once. Returns how many were looked at.
 */
export async function sweepSubscribing(): Promise<number> {
  const backend = await currentBackend()
  const due = await takeDueCheckouts(db('money'), backend.id, mostASweep)
  const surplus = await unsettledSurplus(db('money'), backend.id, mostASweep)
  for (const one of due) await tolerate('subscription_checkout', one.id, () => closeOrLook(one))
  for (const one of surplus) await tolerate('subscription', one.id, () => giveBack(one))
  return due.length + surplus.length
}

async function tolerate(kind: string, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ kind, id, fault: error.fault, error: error.message }, 'sweep could not ask Stripe')
  }
}

async function closeOrLook(checkout: OpenCheckout): Promise<void> {
  const backend = await currentBackend()
  let sessionId = checkout.stripeSessionId
  if (sessionId === undefined) {
    try {
      const session = await askForSession(checkout)
      await storeSession(db('money'), checkout.id, session)
      sessionId = session.sessionId
    } catch (error) {
      if (!(error instanceof GatewayError) || error.fault !== 'refused') throw error
      return failCheckout(db('money'), checkout.id, `Stripe made no session: ${error.message}`)
    }
  }
  // Nobody was sent to one whose answer was lost; one that should be closed, or has ended, is closed for good.
  const session = await backend.gateway.expireSession(sessionId, 'background')
  if (session.stripeSubscriptionId !== undefined)
    await syncSubscription(session.stripeSubscriptionId, { cause: 'sweep', lane: 'background' })
  else if (session.standing === 'expired')
    await failCheckout(db('money'), checkout.id, 'Nobody paid before it was closed.')
}

/** Cancels what is one too many and gives its money back; each step under a key of its own, so it may be done again. */
async function giveBack(surplus: Surplus): Promise<void> {
  const backend = await currentBackend()
  await backend.gateway.cancelNow(surplus.stripeSubscriptionId, 'background')
  for (const { intentId, paidMinor } of surplus.payments)
    try {
      await backend.gateway.createRefund(
        {
          refundId: idFrom(`${surplus.id} ${intentId}`),
          paymentIntentId: intentId,
          amountMinor: paidMinor,
        },
        'background',
      )
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'charge_already_refunded') throw error
    }
  await inTransaction(async (tx) => {
    if (surplus.checkoutId !== null) await freePlanUse(tx, surplus.checkoutId)
    const to = await ownerAddress(tx)
    if ((await settleSurplus(tx, surplus.id)) && to !== undefined)
      await queueMail(tx, ownerSurplusMail(surplus, to))
  })
  await syncSubscription(surplus.stripeSubscriptionId, {
    cause: `given back: ${surplus.reason}`,
    lane: 'background',
  })
}

/** An id that is always the same for the same words. */
function idFrom(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
