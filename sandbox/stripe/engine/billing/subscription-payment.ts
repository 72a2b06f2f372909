import type { Invoice } from '../objects/invoice.ts'
import type { Subscription, SubscriptionRecord } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import { USUAL_DUNNING } from '../account-record.ts'
import { subscriptionOf } from './invoice.ts'
import { changeSubscription, isEnded, recordOf } from './subscription.ts'
import { endSubscription } from './subscription-end.ts'

/** The subscription an invoice bills, unless that is over. */
async function livingOf(work: Work, invoice: Invoice): Promise<Subscription | undefined> {
  const id = subscriptionOf(invoice)
  const subscription = id === null ? undefined : await work.get('subscription', id)
  return subscription === undefined || isEnded(subscription) ? undefined : subscription
}

/** An invoice was paid, or is no longer to be paid: what that makes of its subscription. */
export async function onInvoiceSettled(work: Work, invoice: Invoice): Promise<void> {
  const subscription = await livingOf(work, invoice)
  if (subscription === undefined) return
  const record = await recordOf(work, subscription.id)
  if (record.pending?.invoice === invoice.id && invoice.status === 'paid') {
    applyPending(work, subscription, record, record.pending)
    return
  }
  if (subscription.latest_invoice !== invoice.id) return
  if (!['incomplete', 'past_due', 'unpaid'].includes(subscription.status)) return
  if (subscription.status === 'incomplete' && invoice.status !== 'paid') {
    await endSubscription(work, subscription, null, 'incomplete_expired')
    return
  }
  const isTrial = subscription.trial_end !== null && subscription.trial_end > work.now
  changeSubscription(work, subscription, {
    ...subscription,
    status: isTrial ? 'trialing' : 'active',
  })
}

/** A change that waited for its invoice to be paid takes place. */
function applyPending(
  work: Work,
  subscription: Subscription,
  record: SubscriptionRecord,
  { after, debits }: NonNullable<SubscriptionRecord['pending']>,
): void {
  work.put('_subscription', { ...record, debits, pending: null })
  const { latest_invoice, metadata, default_payment_method } = subscription
  const changed = changeSubscription(work, subscription, {
    ...after,
    latest_invoice,
    metadata,
    default_payment_method,
    pending_update: null,
  })
  if (subscription.status === 'paused') work.emit('customer.subscription.resumed', changed)
  if (subscription.pending_update !== null)
    work.emit('customer.subscription.pending_update_applied', changed)
}

/** An attempt to collect an invoice failed. */
export async function onInvoiceUnpaid(work: Work, invoice: Invoice): Promise<void> {
  const subscription = await livingOf(work, invoice)
  if (subscription === undefined || subscription.latest_invoice !== invoice.id) return
  const record = await recordOf(work, subscription.id)
  if (record.pending?.invoice === invoice.id) return
  if (subscription.status === 'active' || subscription.status === 'trialing')
    changeSubscription(work, subscription, { ...subscription, status: 'past_due' })
}

/** The last attempt to collect an invoice failed: what the seller has decided for that. */
export async function onRetriesUsedUp(work: Work, invoice: Invoice): Promise<void> {
  const subscription = await livingOf(work, invoice)
  if (subscription === undefined) return
  const { afterwards } = work.accountRecord.dunning ?? USUAL_DUNNING
  if (afterwards === 'cancel') await endSubscription(work, subscription, 'payment_failed')
  if (afterwards === 'mark_unpaid')
    changeSubscription(work, subscription, { ...subscription, status: 'unpaid' })
}
