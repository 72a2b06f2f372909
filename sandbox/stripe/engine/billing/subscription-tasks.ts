import type { Subscription } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import { DAY_SECONDS } from './calendar.ts'

/** docs.stripe.com/billing/subscriptions/overview: an unpaid first invoice is waited for 23 hours. */
export const INCOMPLETE_SECONDS = 23 * 3_600

/** How long before a trial ends its buyer is told. */
export const TRIAL_NOTICE_SECONDS = 3 * DAY_SECONDS

/** How long before a renewal its invoice is announced. */
const RENEWAL_NOTICE_SECONDS = 7 * DAY_SECONDS

/**
 * Plans everything that falls due for a subscription as it stands now, in place of what was planned
 * before. What is past is not planned again.
 */
export function planSubscription(work: Work, subscription: Subscription): void {
  const { id, status } = subscription
  work.callOff(id)
  const plan = (at: number, task: string): void => {
    if (at * 1000 > work.nowMs) work.later(at * 1000, `subscription.${task}`, id)
  }
  // What falls due at the very moment it is planned must not be lost.
  const planSurely = (at: number, task: string): void =>
    work.later(Math.max(at * 1000, work.nowMs), `subscription.${task}`, id)
  if (subscription.pending_update !== null)
    planSurely(subscription.pending_update.expires_at, 'drop_update')
  if (status === 'incomplete') planSurely(subscription.created + INCOMPLETE_SECONDS, 'expire')
  if (subscription.pause_collection?.resumes_at != null)
    planSurely(subscription.pause_collection.resumes_at, 'collect_again')
  if (status === 'canceled' || status === 'incomplete_expired' || status === 'incomplete') return
  const end = Math.min(...subscription.items.data.map((item) => item.current_period_end))
  const start = Math.max(...subscription.items.data.map((item) => item.current_period_start))
  const { cancel_at: cancelAt } = subscription
  if (cancelAt !== null && (cancelAt < end || status === 'paused')) planSurely(cancelAt, 'cancel')
  if (status === 'paused') return
  planSurely(end, 'cycle')
  if (status === 'trialing' && subscription.trial_end !== null)
    plan(subscription.trial_end - TRIAL_NOTICE_SECONDS, 'trial_will_end')
  const willRenew = !subscription.cancel_at_period_end && (cancelAt === null || cancelAt > end)
  if (willRenew && end - start > RENEWAL_NOTICE_SECONDS)
    plan(end - RENEWAL_NOTICE_SECONDS, 'upcoming')
}
