import type { Subscription } from '../objects/subscription.ts'
import type { Params } from '../params.ts'
import type { Work } from '../work.ts'
import type { LineDraft } from './invoice-lines.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { boundaryAfter } from './calendar.ts'
import { collect, finalizeInvoice } from './invoice-collection.ts'
import { itemLine } from './invoice-lines.ts'
import { noteCredit } from './invoice-notes.ts'
import {
  changeSubscription,
  itemsIn,
  periodOf,
  recordOf,
  rhythmOfAll,
  withItems,
} from './subscription.ts'
import { billSubscription, dropUsedUp } from './subscription-invoice.ts'
import { debitsOf } from './subscription-start.ts'
import { subscriptionAtPath } from './subscription-update.ts'

/** `POST /v1/subscriptions/{id}/pause`: no periods and no invoices until it is resumed. */
export async function pauseSubscription(
  accountWork: Work,
  params: Params,
  id: string,
): Promise<Subscription> {
  const { work, subscription: before } = await subscriptionAtPath(accountWork, id)
  if (!['active', 'trialing', 'past_due'].includes(before.status))
    throw invalidRequest(`A subscription that is ${before.status} cannot be paused.`)
  const unused = params.group('bill_for')?.group('unused_time_from')?.text('type') ?? 'none'
  if (unused === 'item_current_period_start')
    throw notInSandbox('Crediting the whole period', 'bill_for[unused_time_from]')
  if (unused === 'now') {
    const record = await recordOf(work, before.id)
    for (const item of before.items.data)
      await noteCredit(work, before, item, record.debits[item.id], work.now)
    work.put('_subscription', { ...record, debits: {} })
    if (params.text('invoicing_behavior') === 'invoice') await billCredits(work, before)
  }
  const current = await work.named('subscription', id, 'id')
  const paused = changeSubscription(work, current, {
    ...current,
    status: 'paused',
    status_details: {
      paused: {
        subscription: { type: 'pause_requested' },
        transitioned_at: work.now,
        type: 'subscription',
      },
    },
  })
  work.emit('customer.subscription.paused', paused)
  return paused
}

/** Bills what was noted for a subscription at once; credits go to the customer's balance. */
export async function billCredits(work: Work, subscription: Subscription): Promise<void> {
  const invoice = await billSubscription(work, subscription, {
    reason: 'subscription_update',
    lines: [],
    period: { start: work.now, end: work.now },
    autoAdvance: true,
    onlyOwnNotes: true,
  })
  const current = await work.named('subscription', subscription.id, 'subscription')
  changeSubscription(work, current, { ...current, latest_invoice: invoice.id })
  const open = await finalizeInvoice(work, invoice)
  if (open.status === 'open' && open.collection_method === 'charge_automatically')
    await collect(work, open, { isScheduled: true })
}

/** `POST /v1/subscriptions/{id}/resume`: a paused subscription goes on, once what is due is paid. */
export async function resumeSubscription(
  accountWork: Work,
  params: Params,
  id: string,
): Promise<Subscription> {
  const { work, subscription: before } = await subscriptionAtPath(accountWork, id)
  if (before.status !== 'paused')
    throw invalidRequest(`Only paused subscriptions can be resumed; this one is ${before.status}.`)
  const keepsAnchor = params.group('billing_cycle_anchor')?.text('type') === 'unchanged'
  const after = resumed(work, before, keepsAnchor)
  if (keepsAnchor && periodOf(before).end > work.now) {
    const changed = changeSubscription(work, before, after)
    work.emit('customer.subscription.resumed', changed)
    return changed
  }
  const lines: LineDraft[] = []
  for (const item of after.items.data) lines.push(await itemLine(work, item, periodOf(after)))
  const invoice = await billSubscription(work, after, {
    reason: 'subscription_update',
    lines,
    period: { start: work.now, end: work.now },
    autoAdvance: true,
  })
  const record = await recordOf(work, id)
  const debits = debitsOf(invoice)
  const atOnce = params.text('payment_behavior') === 'resume_on_payment_attempt'
  if (atOnce) {
    work.put('_subscription', { ...record, debits })
    const changed = changeSubscription(work, before, { ...after, latest_invoice: invoice.id })
    work.emit('customer.subscription.resumed', changed)
  } else {
    work.put('_subscription', { ...record, pending: { invoice: invoice.id, after, debits } })
    work.put('subscription', { ...before, latest_invoice: invoice.id })
  }
  const open = await finalizeInvoice(work, atOnce ? invoice : { ...invoice, auto_advance: false })
  await dropUsedUp(work, id, open)
  if (open.status === 'open' && open.collection_method === 'charge_automatically')
    await collect(work, open, { isScheduled: atOnce })
  return work.named('subscription', id, 'id')
}

function resumed(work: Work, before: Subscription, keepsAnchor: boolean): Subscription {
  const rhythm = rhythmOfAll(before)
  const isInPeriod = keepsAnchor && periodOf(before).end > work.now
  const anchor = keepsAnchor ? before.billing_cycle_anchor : work.now
  const period = isInPeriod
    ? periodOf(before)
    : { start: work.now, end: boundaryAfter(anchor, rhythm, work.now) }
  const isTrial = before.trial_end !== null && before.trial_end > work.now
  const { status_details: _why, ...rest } = before
  return {
    ...withItems(rest, itemsIn(before.items.data, period)),
    billing_cycle_anchor: anchor,
    status: isTrial && isInPeriod ? 'trialing' : 'active',
  }
}
