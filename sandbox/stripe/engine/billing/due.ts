import type { Work } from '../work.ts'
import { liveInvoice } from './invoice.ts'
import { collect, finalizeInvoice, voidInvoice } from './invoice-collection.ts'
import { changeSubscription, isEnded, recordOf } from './subscription.ts'
import { SUBSCRIPTION_TASKS } from './subscription-cycle.ts'
import { endSubscription } from './subscription-end.ts'

/** What falls due in billing, by the task's name: an id of a subscription or an invoice comes with it. */
export const BILLING_TASKS: Readonly<
  Record<string, (work: Work, object: string) => Promise<unknown>>
> = {
  ...Object.fromEntries(
    Object.entries(SUBSCRIPTION_TASKS).map(([name, run]) => [
      name,
      async (work: Work, id: string) => {
        const subscription = await work.named('subscription', id, 'subscription')
        if (!isEnded(subscription)) await run(work, subscription)
      },
    ]),
  ),
  'subscription.expire': expireIncomplete,
  'subscription.drop_update': dropUpdate,
  async 'invoice.finalize'(work, id) {
    const draft = await liveInvoice(work, id, 'invoice')
    if (draft.status !== 'draft' || !draft.auto_advance) return
    const open = await finalizeInvoice(work, draft)
    if (open.status !== 'open') return
    if (open.collection_method === 'send_invoice') work.emit('invoice.sent', open)
    else await collect(work, open, { isScheduled: true })
  },
  async 'invoice.retry'(work, id) {
    const invoice = await liveInvoice(work, id, 'invoice')
    if (invoice.status === 'open' && invoice.auto_advance)
      await collect(work, invoice, { isScheduled: true })
  },
  async 'invoice.overdue'(work, id) {
    const invoice = await liveInvoice(work, id, 'invoice')
    if (invoice.status === 'open') work.emit('invoice.overdue', invoice)
  },
}

/** The first invoice was not paid within 23 hours. */
async function expireIncomplete(work: Work, id: string): Promise<void> {
  const subscription = await work.named('subscription', id, 'subscription')
  if (subscription.status !== 'incomplete') return
  await endSubscription(work, subscription, null, 'incomplete_expired')
  if (subscription.latest_invoice === null) return
  const invoice = await liveInvoice(work, subscription.latest_invoice, 'invoice')
  if (invoice.status === 'open') await voidInvoice(work, invoice)
}

/** A change that waited for its payment has waited too long. */
async function dropUpdate(work: Work, id: string): Promise<void> {
  const subscription = await work.named('subscription', id, 'subscription')
  const record = await recordOf(work, id)
  if (record.pending === null) return
  work.put('_subscription', { ...record, pending: null })
  const invoice = await liveInvoice(work, record.pending.invoice, 'invoice')
  const after = changeSubscription(work, subscription, { ...subscription, pending_update: null })
  if (invoice.status === 'open') await voidInvoice(work, invoice)
  work.emit('customer.subscription.pending_update_expired', after)
}
