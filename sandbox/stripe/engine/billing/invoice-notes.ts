import type { InvoiceItem, Pricing } from '../objects/invoice.ts'
import type { Debit, Subscription, SubscriptionItem } from '../objects/subscription.ts'
import type { Metadata } from '../params.ts'
import type { Reading, Work } from '../work.ts'
import { lineAmount } from '../line-items.ts'
import { pricingOf, takenOff } from './invoice-lines.ts'
import { productName } from './plan.ts'
import { restOf } from './proration.ts'
import { standingDiscounts } from './subscription-discounts.ts'

/** Something noted to be billed to a customer later; `InvoiceItem` as Stripe calls it. */
export function noteToBill(
  work: Work,
  facts: {
    amount: number
    currency: string
    customer: string
    description: string | null
    discountable?: boolean
    discounts?: readonly string[]
    invoice?: string | null
    metadata?: Metadata
    period: { start: number; end: number }
    pricing?: Pricing | null
    proration?: InvoiceItem['proration_details']
    quantity?: number
    subscription?: { id: string; item?: string }
    testClock: string | null
  },
): InvoiceItem {
  const { subscription, quantity = 1 } = facts
  const note = work.put('invoiceitem', {
    id: work.id('ii'),
    object: 'invoiceitem',
    amount: facts.amount,
    currency: facts.currency,
    customer: facts.customer,
    customer_account: null,
    date: work.now,
    description: facts.description,
    discountable: facts.discountable ?? true,
    discounts: facts.discounts ?? [],
    invoice: facts.invoice ?? null,
    livemode: false,
    metadata: facts.metadata ?? {},
    net_amount: facts.amount,
    parent:
      subscription === undefined
        ? null
        : {
            subscription_details: {
              subscription: subscription.id,
              ...(subscription.item === undefined ? {} : { subscription_item: subscription.item }),
            },
            type: 'subscription_details',
          },
    period: facts.period,
    pricing: facts.pricing ?? {
      type: 'price_details',
      unit_amount_decimal: `${quantity === 0 ? 0 : facts.amount / quantity}`,
    },
    proration: facts.proration !== undefined,
    ...(facts.proration === undefined ? {} : { proration_details: facts.proration }),
    quantity,
    quantity_decimal: `${quantity}`,
    tax_rates: [],
    test_clock: facts.testClock,
  })
  work.emit('invoiceitem.created', note)
  return note
}

/** Notes what an item was billed for and will not be used, from an instant on; nothing when nothing is left. */
export async function noteCredit(
  work: Work,
  subscription: Subscription,
  item: SubscriptionItem,
  debit: Debit | undefined,
  from: number,
): Promise<InvoiceItem | undefined> {
  const amount = debit === undefined ? 0 : -restOf(debit.amount, debit, from)
  if (debit === undefined || amount === 0) return undefined
  const name = await productName(work, item.price)
  return noteToBill(work, {
    ...noteFacts(subscription, item),
    amount,
    description: `Unused time on ${counted(item, name)} after ${dayOf(from)}`,
    period: { start: from, end: debit.end },
    proration: {
      credited_items:
        debit.invoice === null
          ? { invoice_item: debit.line, type: 'invoice_item' }
          : {
              invoice_line_item_details: {
                invoice: debit.invoice,
                invoice_line_items: [debit.line],
              },
              type: 'invoice_line_items',
            },
      discount_amounts: [],
    },
  })
}

/** Notes what an item costs from an instant to the end of its period, discounts taken off. */
export async function noteDebit(
  work: Work,
  subscription: Subscription,
  item: SubscriptionItem,
  period: { start: number; end: number },
  from: number,
): Promise<InvoiceItem> {
  const name = await productName(work, item.price)
  const amount = restOf(await netAmount(work, subscription, item), period, from)
  return noteToBill(work, {
    ...noteFacts(subscription, item),
    amount,
    description: `Remaining time on ${counted(item, name)} after ${dayOf(from)}`,
    period: { start: from, end: period.end },
    proration: { credited_items: null, discount_amounts: [] },
  })
}

async function netAmount(
  reading: Reading,
  subscription: Subscription,
  item: SubscriptionItem,
): Promise<number> {
  const amount = lineAmount(item.price, item.quantity)
  const discounts = await standingDiscounts(reading, subscription.discounts, reading.now)
  const [off = []] = takenOff(
    [
      {
        amount,
        currency: subscription.currency,
        discountable: true,
        pricing: pricingOf(item.price),
      },
    ],
    discounts,
  )
  return amount - off.reduce((sum, one) => sum + one.amount, 0)
}

function noteFacts(subscription: Subscription, item: SubscriptionItem) {
  return {
    currency: subscription.currency,
    customer: subscription.customer,
    discountable: false,
    pricing: pricingOf(item.price),
    quantity: item.quantity,
    subscription: { id: subscription.id, item: item.id },
    testClock: subscription.test_clock,
  }
}

function counted(item: SubscriptionItem, name: string): string {
  return item.quantity === 1 ? name : `${item.quantity} × ${name}`
}

/** `15 Mar 2026` */
function dayOf(instant: number): string {
  return new Date(instant * 1000).toLocaleDateString('en-GB', {
    dateStyle: 'medium',
    timeZone: 'UTC',
  })
}
