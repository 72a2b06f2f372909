import type { Subscription } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import { endDiscount } from './subscription-discounts.ts'
import { isEnded } from './subscription.ts'

/** Ends a subscription now. What is not yet paid of it is no longer collected by itself. */
export async function endSubscription(
  work: Work,
  subscription: Subscription,
  reason: Subscription['cancellation_details']['reason'],
  status: 'canceled' | 'incomplete_expired' = 'canceled',
): Promise<Subscription> {
  if (isEnded(subscription)) return subscription
  const ended: Subscription = {
    ...subscription,
    cancel_at_period_end: false,
    canceled_at:
      status === 'canceled' ? (subscription.canceled_at ?? work.now) : subscription.canceled_at,
    cancellation_details: {
      ...subscription.cancellation_details,
      reason: subscription.cancellation_details.reason ?? reason,
    },
    discounts: [],
    ended_at: work.now,
    pause_collection: null,
    pending_update: null,
    status,
  }
  work.callOff(subscription.id)
  work.put('subscription', ended)
  const record = await work.get('_subscription', subscription.id)
  if (record !== undefined && record.pending !== null)
    work.put('_subscription', { ...record, pending: null })
  await stopCollecting(work, subscription.id)
  if (status === 'canceled') work.emit('customer.subscription.deleted', ended)
  else work.emit('customer.subscription.updated', ended, subscription)
  for (const discount of subscription.discounts) await endDiscount(work, discount)
  return ended
}

async function stopCollecting(work: Work, subscription: string): Promise<void> {
  const page = await work.list('invoice', {
    limit: 100,
    conditions: [
      { path: ['parent', 'subscription_details', 'subscription'], is: subscription },
      { path: ['status'], in: ['draft', 'open'] },
    ],
  })
  for (const invoice of page.data) {
    if ('deleted' in invoice) continue
    work.callOff(invoice.id)
    work.update('invoice', 'invoice.updated', invoice, {
      ...invoice,
      auto_advance: false,
      automatically_finalizes_at: null,
      next_payment_attempt: null,
    })
  }
}
