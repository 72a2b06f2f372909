import type { Customer } from '../objects/customer.ts'
import type { BillingReason, Invoice, InvoiceLine } from '../objects/invoice.ts'
import type { Metadata } from '../params.ts'
import type { LineDraft } from './invoice-lines.ts'
import type { StandingDiscount } from './subscription-discounts.ts'
import type { Reading, Work } from '../work.ts'
import { invalidRequest, noSuchObject, noSuchPathObject } from '../../api-error.ts'
import { takenOff } from './invoice-lines.ts'

/** Stripe takes at most so many lines on one invoice. */
const MOST_LINES = 250

export type InvoiceFacts = {
  customer: Customer
  currency: string
  reason: BillingReason
  lines: readonly LineDraft[]
  discounts: readonly StandingDiscount[]
  period: { start: number; end: number }
  /** Finalize it by itself, and collect. */
  autoAdvance: boolean
  collection: Invoice['collection_method']
  daysUntilDue?: number | null
  defaultMethod?: string | null
  description?: string | null
  footer?: string | null
  metadata?: Metadata
  subscription?: { id: string; metadata: Metadata; prorationDate?: number }
  finalizesAt?: number | null
  instead?: 'mark_uncollectible' | 'void' | null
  statementDescriptor?: string | null
}

/** Makes an invoice that is still a draft, and says so. */
export async function draftInvoice(work: Work, facts: InvoiceFacts): Promise<Invoice> {
  const { customer } = facts
  assertCurrency(customer, facts.currency)
  const id = work.id('in')
  const door = work.id('door').slice('door_'.length)
  const invoice = withLines(blankInvoice(work, id, facts), linesOn(work, id, facts), customer)
  if (customer.currency === null && facts.lines.length > 0)
    work.update('customer', 'customer.updated', customer, {
      ...customer,
      currency: facts.currency,
    })
  work.put('_invoice', {
    id,
    object: '_invoice',
    created: work.now,
    intent: null,
    door,
    instead: facts.instead ?? null,
  })
  work.put('_invoice_door', { id: door, object: '_invoice_door', created: work.now, invoice: id })
  work.put('invoice', invoice)
  work.emit('invoice.created', invoice)
  return invoice
}

/** A customer pays in one currency for ever. */
export function assertCurrency(customer: Customer, currency: string): void {
  if (customer.currency === null || customer.currency === currency) return
  throw invalidRequest(
    `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${customer.currency}.`,
    { param: 'currency' },
  )
}

/** Lines as they stand on an invoice, with what discounts take off each. */
export function linesOn(
  work: Work,
  invoice: string,
  facts: Pick<InvoiceFacts, 'lines' | 'discounts'>,
): readonly InvoiceLine[] {
  if (facts.lines.length > MOST_LINES)
    throw invalidRequest(`An invoice has at most ${MOST_LINES} lines.`, { param: 'lines' })
  const off = takenOff(facts.lines, facts.discounts)
  return facts.lines.map((line, at) => {
    const amounts = off[at] ?? []
    return {
      ...line,
      id: work.id('il'),
      invoice,
      discount_amounts: amounts,
      pretax_credit_amounts: amounts.map((one) => ({ ...one, type: 'discount' as const })),
    }
  })
}

/** The same invoice with other lines; its sums follow. */
export function withLines(
  invoice: Invoice,
  lines: readonly InvoiceLine[],
  customer: Customer,
): Invoice {
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0)
  const byDiscount = new Map<string, number>()
  for (const line of lines)
    for (const { amount, discount } of line.discount_amounts)
      byDiscount.set(discount, (byDiscount.get(discount) ?? 0) + amount)
  const discounts = [...byDiscount].map(([discount, amount]) => ({ amount, discount }))
  const total = subtotal - discounts.reduce((sum, one) => sum + one.amount, 0)
  const due = dueOf(total, customer.balance)
  return {
    ...invoice,
    amount_due: due,
    amount_remaining: due,
    lines: { ...invoice.lines, data: lines },
    starting_balance: customer.balance,
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_discount_amounts: discounts,
    total_excluding_tax: total,
    total_pretax_credit_amounts: discounts.map((one) => ({ ...one, type: 'discount' as const })),
  }
}

/** What is left to pay of a total when the customer's balance is set against it. */
export function dueOf(total: number, balance: number): number {
  return total <= 0 ? 0 : Math.max(0, total + balance)
}

/** The metadata of a subscription as it was when it was billed. */
export function subscriptionParent(
  facts: NonNullable<InvoiceFacts['subscription']>,
): Invoice['parent'] {
  return {
    quote_details: null,
    subscription_details: {
      metadata: facts.metadata,
      subscription: facts.id,
      ...(facts.prorationDate === undefined
        ? {}
        : { subscription_proration_date: facts.prorationDate }),
    },
    type: 'subscription_details',
  }
}

export function subscriptionOf(invoice: Invoice): string | null {
  return invoice.parent?.subscription_details?.subscription ?? null
}

/** The invoice a parameter names, if it was not deleted. */
export async function liveInvoice(reading: Reading, id: string, param: string): Promise<Invoice> {
  const invoice = await reading.named('invoice', id, param)
  if ('deleted' in invoice) throw noSuchObject('invoice', id, param)
  return invoice
}

/** The invoice of a path, if it was not deleted. */
export async function invoiceAtPath(reading: Reading, id: string): Promise<Invoice> {
  const invoice = await reading.atPath('invoice', id, 'invoice')
  if ('deleted' in invoice) throw noSuchPathObject('invoice', id, 'invoice')
  return invoice
}

function blankInvoice(work: Work, id: string, facts: InvoiceFacts): Invoice {
  const { customer } = facts
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: facts.autoAdvance,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: facts.finalizesAt ?? null,
    billing_reason: facts.reason,
    collection_method: facts.collection,
    created: work.now,
    currency: facts.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: customer.phone,
    customer_shipping: customer.shipping,
    customer_tax_exempt: customer.tax_exempt,
    customer_tax_ids: [],
    default_payment_method: facts.defaultMethod ?? null,
    default_source: null,
    default_tax_rates: [],
    description: facts.description ?? null,
    discounts: facts.discounts.map((one) => one.discount.id),
    due_date:
      facts.collection === 'send_invoice' ? work.now + (facts.daysUntilDue ?? 30) * 86_400 : null,
    effective_at: null,
    ending_balance: null,
    footer: facts.footer ?? customer.invoice_settings.footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', data: [], has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: facts.metadata ?? {},
    next_payment_attempt:
      facts.autoAdvance && facts.collection === 'charge_automatically'
        ? (facts.finalizesAt ?? null)
        : null,
    number: null,
    on_behalf_of: null,
    parent: facts.subscription === undefined ? null : subscriptionParent(facts.subscription),
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: facts.period.end,
    period_start: facts.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: facts.statementDescriptor ?? null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  }
}
