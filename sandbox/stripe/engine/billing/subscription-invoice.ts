import type { BillingReason, Invoice, InvoiceItem } from '../objects/invoice.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { Reading, Work } from '../work.ts'
import type { LineDraft } from './invoice-lines.ts'
import { liveCustomer } from '../customer.ts'
import { draftInvoice } from './invoice.ts'
import { noteLine } from './invoice-lines.ts'
import { changeSubscription } from './subscription.ts'
import { endDiscount, standingDiscounts } from './subscription-discounts.ts'

const MOST_NOTES = 100

/**
 * What is noted to be billed to a customer: with any invoice, or with those of one subscription;
 * oldest first.
 */
export async function pendingNotes(
  reading: Reading,
  customer: string,
  subscription: string | null,
): Promise<readonly InvoiceItem[]> {
  const page = await reading.list('invoiceitem', {
    limit: MOST_NOTES,
    conditions: [
      { path: ['customer'], is: customer },
      { path: ['invoice'], is: null },
    ],
  })
  return page.data
    .filter((item): item is InvoiceItem => !('deleted' in item))
    .filter((item) => {
      const of = item.parent?.subscription_details.subscription
      return of === undefined || of === subscription
    })
    .toReversed()
}

/**
 * A draft invoice of a subscription: the given lines and everything that was noted for it, with its
 * discounts. The subscription names it as its latest.
 */
export async function billSubscription(
  work: Work,
  subscription: Subscription,
  bill: {
    reason: BillingReason
    lines: readonly LineDraft[]
    period: { start: number; end: number }
    autoAdvance: boolean
    finalizesAt?: number | null
    prorationDate?: number
    instead?: 'mark_uncollectible' | 'void' | null
    /** Only what was noted for the subscription itself. */
    onlyOwnNotes?: boolean
  },
): Promise<Invoice> {
  const customer = await liveCustomer(work, subscription.customer, 'customer')
  const notes = (await pendingNotes(work, customer.id, subscription.id)).filter(
    (note) =>
      note.currency === subscription.currency &&
      (bill.onlyOwnNotes !== true || note.parent !== null),
  )
  const discounts = await standingDiscounts(work, subscription.discounts, work.now)
  const invoice = await draftInvoice(work, {
    customer,
    currency: subscription.currency,
    reason: bill.reason,
    lines: [...notes.map(noteLine), ...bill.lines],
    discounts,
    period: bill.period,
    autoAdvance: bill.autoAdvance,
    collection: subscription.collection_method,
    daysUntilDue: subscription.days_until_due,
    description: subscription.description,
    finalizesAt: bill.finalizesAt ?? null,
    instead: bill.instead ?? null,
    subscription: {
      id: subscription.id,
      metadata: subscription.metadata,
      ...(bill.prorationDate === undefined ? {} : { prorationDate: bill.prorationDate }),
    },
  })
  for (const note of notes) work.put('invoiceitem', { ...note, invoice: invoice.id })
  return invoice
}

/** Takes discounts away that were for once and have been used, or whose months are over. */
export async function dropUsedUp(work: Work, id: string, invoice: Invoice): Promise<void> {
  const subscription = await work.named('subscription', id, 'subscription')
  const used = new Set(invoice.total_discount_amounts.map((one) => one.discount))
  const kept: string[] = []
  for (const one of subscription.discounts) {
    const discount = await work.get('discount', one)
    const coupon =
      discount === undefined ? undefined : await work.get('coupon', discount.source.coupon)
    const isOver =
      discount === undefined ||
      (discount.end !== null && discount.end <= work.now) ||
      (coupon?.duration === 'once' && used.has(one))
    if (isOver) await endDiscount(work, one)
    else kept.push(one)
  }
  if (kept.length !== subscription.discounts.length)
    changeSubscription(work, subscription, { ...subscription, discounts: kept })
}
