import { now, queueMail, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { InvoiceView } from '#modules/payments/types.ts'
import { accessOf } from '../access.ts'
import type { Plan } from '../types.ts'
import {
  cancelledMail,
  changePlannedMail,
  changeTakenBackMail,
  endedMail,
  membershipReceiptMail,
  pausedMail,
  paymentFailedMail,
  planChangedMail,
  resumedMail,
  trialEndingMail,
  unpausedMail,
  type ToHolder,
} from './mails/to-holder.ts'
import {
  emailOf,
  readRules,
  type MirroredSubscription,
  type NewSubscriptionEvent,
} from './store.mirror.ts'

/** A trial's end is told this long before. */
const trialNoticeMs = 3 * 86_400_000

/**
 * Mails to who holds a subscription, in the transaction that wrote down what they tell about: each once, however often and in which
 * order Stripe tells it. Nothing is told of one that is to be given back, or that nobody here is known to hold.
 */
export async function tellHolder(
  tx: Tx,
  one: MirroredSubscription,
  what: {
    readonly title: string | undefined
    /** The plan it changes to when the paid period ends. */
    readonly next: Plan | undefined
    /** A change of plan is one they were told of before, by the owner's move to another price. */
    readonly wasTold: boolean
    readonly trialEndsAt: Date | undefined
    readonly events: readonly (NewSubscriptionEvent & { readonly id: string })[]
    /** Paid invoices that gave something now. */
    readonly paid: readonly InvoiceView[]
    /** Open ones that were tried, and how often. */
    readonly failed: readonly InvoiceView[]
  },
): Promise<void> {
  if (one.memberId === undefined || one.surplusReason !== undefined) return
  const at = await now(tx)
  const isTrialEnding =
    one.status === 'trialing' &&
    one.cancelsAt === undefined &&
    what.trialEndsAt !== undefined &&
    what.trialEndsAt > at &&
    what.trialEndsAt.getTime() - at.getTime() <= trialNoticeMs
  const paid = what.paid.filter(({ paidMinor }) => paidMinor > 0)
  const failed = one.status === 'past_due' ? what.failed : []
  if (what.events.length + paid.length + failed.length === 0 && !isTrialEnding) return
  const [to, site] = await Promise.all([emailOf(tx, one.memberId), siteIdentity(tx)])
  if (to === undefined) return
  const holder: ToHolder = {
    to,
    dates: { zone: site.timeZone, locale: site.locale },
    subscription: { ...one, title: what.title ?? 'Your subscription' },
  }
  for (const invoice of paid) await queueMail(tx, membershipReceiptMail(holder, invoice))
  if (isTrialEnding && what.trialEndsAt)
    await queueMail(tx, trialEndingMail(holder, what.trialEndsAt))
  // Once for each try: of the first, and of those that follow by themselves.
  for (const invoice of failed) {
    const { until } = accessOf(one, await readRules(tx), at)
    const key = `${invoice.stripeInvoiceId}:${invoice.attempts}`
    await queueMail(tx, paymentFailedMail(holder, key, until, invoice.dueMinor))
  }
  for (const event of what.events) {
    if (event.what === 'cancel_set' && one.cancelsAt && one.status !== 'canceled')
      await queueMail(tx, cancelledMail(holder, event.id, one.cancelsAt))
    if (event.what === 'cancel_unset' && one.status !== 'canceled')
      await queueMail(tx, resumedMail(holder, event.id, one.periodEndsAt))
    if (
      event.what === 'plan' &&
      !what.wasTold &&
      event.detail.from !== null &&
      event.planId !== undefined
    )
      await queueMail(tx, planChangedMail(holder, event.id, one.periodEndsAt))
    if (event.what === 'change_set' && what.next && !what.wasTold)
      await queueMail(tx, changePlannedMail(holder, event.id, what.next, one.periodEndsAt))
    if (event.what === 'change_unset' && !what.wasTold && one.status !== 'canceled')
      await queueMail(tx, changeTakenBackMail(holder, event.id, one.periodEndsAt))
    if (event.what === 'paused' && one.status !== 'canceled')
      await queueMail(tx, pausedMail(holder, event.id, (await readRules(tx)).pauseKeepsAccess))
    if (event.what === 'resumed' && one.status !== 'canceled')
      await queueMail(tx, unpausedMail(holder, event.id, one.periodEndsAt))
    if (event.what === 'status' && one.status === 'canceled')
      await queueMail(tx, endedMail(holder, event.id))
  }
}
