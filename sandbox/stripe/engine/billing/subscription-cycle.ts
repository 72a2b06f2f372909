import type { Invoice } from '../objects/invoice.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import type { LineDraft } from './invoice-lines.ts'
import { HOUR_MS } from '../../durations.ts'
import { boundaryAfter } from './calendar.ts'
import { itemLine } from './invoice-lines.ts'
import {
  changeSubscription,
  itemsIn,
  methodFor,
  periodOf,
  recordOf,
  rhythmOfAll,
  withItems,
} from './subscription.ts'
import { endSubscription } from './subscription-end.ts'
import { billSubscription, dropUsedUp } from './subscription-invoice.ts'
import { debitsOf } from './subscription-start.ts'

/** How long a renewal's invoice stays a draft, so that a program can still add to it. */
const DRAFT_MS = HOUR_MS

/** A period of a subscription has come to its end. */
export async function endPeriod(work: Work, subscription: Subscription): Promise<void> {
  const { end } = periodOf(subscription)
  if (
    subscription.cancel_at_period_end ||
    (subscription.cancel_at !== null && subscription.cancel_at <= end)
  ) {
    await endSubscription(work, subscription, 'cancellation_requested')
    return
  }
  const isTrialEnd = subscription.status === 'trialing'
  if (isTrialEnd && subscription.collection_method === 'charge_automatically') {
    const { missing_payment_method: missing } = subscription.trial_settings.end_behavior
    if (missing !== 'create_invoice' && (await methodFor(work, subscription)) === undefined) {
      if (missing === 'cancel') await endSubscription(work, subscription, null)
      else pauseForMethod(work, subscription)
      return
    }
  }
  await renew(work, subscription)
}

/** Puts a trial without payment method to rest until it is resumed. */
function pauseForMethod(work: Work, subscription: Subscription): void {
  const paused = changeSubscription(work, subscription, {
    ...subscription,
    status: 'paused',
    status_details: {
      paused: {
        subscription: { type: 'trial_end_without_payment_method' },
        transitioned_at: work.now,
        type: 'subscription',
      },
    },
  })
  work.emit('customer.subscription.paused', paused)
}

/** The next period begins, before it is paid; its invoice is final in an hour. */
async function renew(work: Work, subscription: Subscription): Promise<Invoice> {
  const before = periodOf(subscription)
  const { lines, next } = await nextPeriod(work, subscription)
  const { behavior } = subscription.pause_collection ?? {}
  const isCollected = subscription.status !== 'unpaid' && behavior !== 'keep_as_draft'
  const finalizesAt = isCollected ? Math.floor((work.nowMs + DRAFT_MS) / 1000) : null
  const invoice = await billSubscription(work, subscription, {
    reason: 'subscription_cycle',
    lines,
    period: before,
    autoAdvance: isCollected,
    finalizesAt,
    instead: behavior === 'keep_as_draft' ? null : (behavior ?? null),
  })
  const record = await recordOf(work, subscription.id)
  work.put('_subscription', { ...record, debits: debitsOf(invoice) })
  changeSubscription(work, subscription, {
    ...next,
    latest_invoice: invoice.id,
    status: subscription.status === 'trialing' ? 'active' : subscription.status,
  })
  await dropUsedUp(work, subscription.id, invoice)
  if (finalizesAt !== null) work.later(finalizesAt * 1000, 'invoice.finalize', invoice.id)
  return invoice
}

/** What the next period is and costs. */
export async function nextPeriod(
  work: Work,
  subscription: Subscription,
): Promise<{
  period: { start: number; end: number }
  lines: readonly LineDraft[]
  next: Subscription
}> {
  const { end } = periodOf(subscription)
  const period = {
    start: end,
    end: boundaryAfter(subscription.billing_cycle_anchor, rhythmOfAll(subscription), end),
  }
  const items = itemsIn(subscription.items.data, period)
  const lines: LineDraft[] = []
  for (const item of items) lines.push(await itemLine(work, item, period))
  return { period, lines, next: withItems(subscription, items) }
}

/** Announces the invoice of a renewal, a week before it is made. It exists in the event only. */
export async function announceRenewal(work: Work, subscription: Subscription): Promise<void> {
  const preview = await work.rehearse(
    (rehearsal) => nextInvoice(rehearsal, subscription),
    periodOf(subscription).end * 1000,
  )
  work.emit('invoice.upcoming', preview)
}

/** The invoice of the next period as it would be if nothing happened before. */
export async function nextInvoice(work: Work, subscription: Subscription): Promise<Invoice> {
  const { lines } = await nextPeriod(work, subscription)
  const invoice = await billSubscription(work, subscription, {
    reason: 'upcoming',
    lines,
    period: periodOf(subscription),
    autoAdvance: false,
  })
  return previewOf(invoice)
}

/** An invoice that is shown and does not exist: nothing leads to it. */
export function previewOf(invoice: Invoice): Invoice {
  const id = `upcoming_${invoice.id}`
  return {
    ...invoice,
    id,
    billing_reason:
      invoice.billing_reason === 'subscription_cycle' ? 'upcoming' : invoice.billing_reason,
    auto_advance: false,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({
        ...line,
        id: line.id.replace(/^il_/, 'il_tmp_'),
        invoice: id,
      })),
      url: `/v1/invoices/${id}/lines`,
    },
  }
}

/** The rest of what falls due for a subscription, by the task's name. */
export const SUBSCRIPTION_TASKS: Readonly<
  Record<string, (work: Work, subscription: Subscription) => Promise<unknown>>
> = {
  'subscription.cycle': endPeriod,
  'subscription.upcoming': announceRenewal,
  async 'subscription.trial_will_end'(work, subscription) {
    work.emit('customer.subscription.trial_will_end', subscription)
  },
  'subscription.cancel': (work, subscription) =>
    endSubscription(work, subscription, 'cancellation_requested'),
  async 'subscription.collect_again'(work, subscription) {
    changeSubscription(work, subscription, { ...subscription, pause_collection: null })
  },
}
