import type { Price } from '../objects/price.ts'
import type { InvoiceItem, InvoiceLine, Period } from '../objects/invoice.ts'
import type { SubscriptionItem } from '../objects/subscription.ts'
import type { Reading } from '../work.ts'
import type { StandingDiscount } from './subscription-discounts.ts'
import { smallestStep } from '../currencies.ts'
import { discountOver } from '../discount-amounts.ts'
import { termsIn } from '../discounts.ts'
import { lineAmount } from '../line-items.ts'
import { priceInWords, productName } from './plan.ts'

/** A line before it has an invoice. */
export type LineDraft = Omit<
  InvoiceLine,
  'id' | 'invoice' | 'discount_amounts' | 'pretax_credit_amounts'
>

function blankLine(
  facts: Pick<LineDraft, 'amount' | 'currency' | 'description' | 'parent' | 'period'> &
    Partial<LineDraft>,
): LineDraft {
  return {
    object: 'line_item',
    discountable: true,
    discounts: [],
    livemode: false,
    metadata: {},
    pricing: null,
    quantity: 1,
    quantity_decimal: '1',
    subscription: null,
    subtotal: facts.amount,
    taxes: [],
    ...facts,
  }
}

/** What an item of a subscription costs for a period; nothing while it is on trial. */
export async function itemLine(
  reading: Reading,
  item: SubscriptionItem,
  period: Period,
  how: { isTrial?: boolean; amount?: number } = {},
): Promise<LineDraft> {
  const name = await productName(reading, item.price)
  const amount = how.isTrial === true ? 0 : (how.amount ?? lineAmount(item.price, item.quantity))
  return blankLine({
    amount,
    currency: item.price.currency,
    description:
      how.isTrial === true
        ? `Trial period for ${name}`
        : `${item.quantity} × ${name} (at ${priceInWords(item.price)})`,
    metadata: item.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: { credited_items: null },
        subscription: item.subscription,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period,
    pricing: pricingOf(item.price, how.isTrial === true),
    quantity: item.quantity,
    quantity_decimal: `${item.quantity}`,
    subscription: item.subscription,
  })
}

export function pricingOf(price: Price, isFree = false): LineDraft['pricing'] {
  return {
    price_details: { price: price.id, product: price.product },
    type: 'price_details',
    unit_amount_decimal: isFree ? '0' : price.unit_amount_decimal,
  }
}

/** The line of something that was noted to be billed. */
export function noteLine(item: InvoiceItem): LineDraft {
  const details = item.parent?.subscription_details
  const credited = item.proration_details?.credited_items?.invoice_line_item_details ?? null
  return blankLine({
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    discountable: item.discountable,
    discounts: item.discounts,
    metadata: item.metadata,
    parent:
      details?.subscription_item === undefined
        ? {
            invoice_item_details: {
              invoice_item: item.id,
              proration: item.proration,
              proration_details: { credited_items: credited },
              subscription: details?.subscription ?? null,
            },
            subscription_item_details: null,
            type: 'invoice_item_details',
          }
        : {
            invoice_item_details: null,
            subscription_item_details: {
              invoice_item: item.id,
              proration: item.proration,
              proration_details: { credited_items: credited },
              subscription: details.subscription,
              subscription_item: details.subscription_item,
            },
            type: 'subscription_item_details',
          },
    period: item.period,
    pricing: item.pricing,
    quantity: item.quantity,
    quantity_decimal: item.quantity_decimal,
    subscription: details?.subscription ?? null,
  })
}

/** What discounts take off lines, one after the other; minor units by line and discount. */
export function takenOff(
  lines: readonly Pick<LineDraft, 'amount' | 'currency' | 'discountable' | 'pricing'>[],
  discounts: readonly StandingDiscount[],
): readonly (readonly { amount: number; discount: string }[])[] {
  const off: { amount: number; discount: string }[][] = lines.map(() => [])
  const left = lines.map((line) => (line.discountable ? Math.max(0, line.amount) : 0))
  for (const { discount, coupon, record } of discounts) {
    const currency = lines[0]?.currency ?? 'usd'
    const terms = termsIn(coupon, record, currency)
    if (terms === undefined) continue
    const product = (at: number): string => lines[at]?.pricing?.price_details?.product ?? ''
    const open = left.map((amount, at) =>
      record.products === null || record.products.includes(product(at)) ? amount : 0,
    )
    if (open.every((amount) => amount === 0)) continue
    for (const [at, amount] of discountOver(open, terms, smallestStep(currency)).entries()) {
      if (amount === 0) continue
      left[at] = (left[at] ?? 0) - amount
      off[at]?.push({ amount, discount: discount.id })
    }
  }
  return off
}
