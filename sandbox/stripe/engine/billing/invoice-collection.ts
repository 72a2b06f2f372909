import type { ErrorBody } from '../../api-error.ts'
import type { Customer } from '../objects/customer.ts'
import type { Invoice, InvoicePayment, InvoiceRecord } from '../objects/invoice.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { PaymentOutcome } from '../payment-attempt.ts'
import type { Work } from '../work.ts'
import { USUAL_DUNNING } from '../account-record.ts'
import { cancelIntent } from '../authorizations.ts'
import { leastCharge } from '../currencies.ts'
import { liveCustomer } from '../customer.ts'
import { attemptPayment } from '../payment-attempt.ts'
import { newIntent, newIntentRecord } from '../payment-intent.ts'
import { DAY_SECONDS } from './calendar.ts'
import { moveBalance } from './customer-balance.ts'
import { dueOf, liveInvoice, subscriptionOf } from './invoice.ts'
import { changeSubscription, methodFor } from './subscription.ts'
import { onInvoiceSettled, onInvoiceUnpaid, onRetriesUsedUp } from './subscription-payment.ts'

/** How an attempt to collect an invoice ended. */
export type Collection = {
  invoice: Invoice
  result: 'paid' | 'processing' | 'requires_action' | 'declined' | 'no_method'
  error?: ErrorBody
}

/**
 * Makes a draft final: it gets its number, the customer's balance is set against it, and what is
 * left is to be paid. An invoice of nothing is paid at once.
 * @param paidBy the intent that has already taken its money (a checkout)
 */
export async function finalizeInvoice(
  work: Work,
  draft: Invoice,
  paidBy?: PaymentIntent,
): Promise<Invoice> {
  const record = await work.named('_invoice', draft.id, 'invoice')
  work.callOff(draft.id, 'invoice.finalize')
  const customer = await liveCustomer(work, draft.customer, 'customer')
  const { due, ending } =
    paidBy === undefined
      ? settleBalance(work, customer, draft)
      : { due: draft.total, ending: customer.balance }
  const sequence = customer.next_invoice_sequence
  const counted = await liveCustomer(work, draft.customer, 'customer')
  work.put('customer', { ...counted, next_invoice_sequence: sequence + 1 })
  const page = `${work.settings.publicUrl}/i/${record.door}`
  const open = work.put('invoice', {
    ...draft,
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    effective_at: work.now,
    ending_balance: ending,
    hosted_invoice_url: page,
    invoice_pdf: `${page}/pdf`,
    next_payment_attempt: null,
    number: `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`,
    starting_balance: customer.balance,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: work.now },
  })
  work.emit('invoice.finalized', open)
  if (record.instead === 'void') return voidInvoice(work, open)
  if (due === 0) return settled(work, open, 0)
  if (open.collection_method === 'send_invoice' && open.due_date !== null)
    work.later(open.due_date * 1000, 'invoice.overdue', open.id)
  if (paidBy === undefined) await intentFor(work, open, record)
  else await payableBy(work, open, record, paidBy)
  return record.instead === 'mark_uncollectible' ? writeOff(work, open) : open
}

/** Sets the customer's balance against an invoice: what is left to pay, and the balance after it. */
function settleBalance(
  work: Work,
  customer: Customer,
  invoice: Invoice,
): { due: number; ending: number } {
  const { total, currency } = invoice
  const due = dueOf(total, customer.balance)
  const moved = total <= 0 ? total : total - due
  let after = customer
  if (moved !== 0)
    after = moveBalance(work, customer, {
      amount: moved,
      currency,
      type: 'applied_to_invoice',
      invoice: invoice.id,
    }).customer
  if (due === 0 || due >= leastCharge(currency)) return { due, ending: after.balance }
  // Too little to charge: it waits for the next invoice.
  after = moveBalance(work, after, {
    amount: due,
    currency,
    type: 'invoice_too_small',
    invoice: invoice.id,
  }).customer
  return { due: 0, ending: after.balance }
}

/** The intent that takes an invoice's money: made when it is final, used again for each attempt. */
async function intentFor(
  work: Work,
  invoice: Invoice,
  record: InvoiceRecord,
): Promise<PaymentIntent> {
  if (record.intent !== null) return work.named('payment_intent', record.intent, 'payment_intent')
  const intent = work.put(
    'payment_intent',
    newIntent(work, {
      amount: invoice.amount_due,
      currency: invoice.currency,
      customer: invoice.customer,
      description: intentDescription(invoice),
      receipt_email: null,
      setup_future_usage: subscriptionOf(invoice) === null ? null : 'off_session',
      statement_descriptor: invoice.statement_descriptor,
    }),
  )
  work.put('_intent', newIntentRecord(intent, null))
  work.emit('payment_intent.created', intent)
  await payableBy(work, invoice, record, intent)
  return intent
}

export function intentDescription(invoice: Pick<Invoice, 'billing_reason' | 'number'>): string {
  if (invoice.billing_reason === 'subscription_create') return 'Subscription creation'
  if (invoice.billing_reason === 'subscription_cycle') return 'Subscription update'
  if (invoice.billing_reason === 'subscription_update') return 'Subscription update'
  return `Payment for Invoice ${invoice.number ?? ''}`.trim()
}

async function payableBy(
  work: Work,
  invoice: Invoice,
  record: InvoiceRecord,
  intent: PaymentIntent,
): Promise<void> {
  work.put('_invoice', { ...record, intent: intent.id })
  const known = await work.get('_intent', intent.id)
  work.put('_intent', { ...(known ?? newIntentRecord(intent, null)), invoice: invoice.id })
  work.put('invoice_payment', {
    id: work.id('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: work.now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  })
}

export async function paymentOf(work: Work, invoice: string): Promise<InvoicePayment | undefined> {
  const page = await work.list('invoice_payment', {
    limit: 1,
    conditions: [{ path: ['invoice'], is: invoice }],
  })
  return page.data[0]
}

/**
 * Tries to collect an open invoice with the given method, or with what it is usually paid with.
 * @param how.isScheduled one of the attempts the sandbox makes by itself, which end some day
 */
export async function collect(
  work: Work,
  invoice: Invoice,
  how: { method?: PaymentMethod | undefined; isScheduled: boolean },
): Promise<Collection> {
  const record = await work.named('_invoice', invoice.id, 'invoice')
  const method = how.method ?? (await usualMethod(work, invoice))
  const intent = await intentFor(work, invoice, record)
  if (method === undefined) {
    const failed = await collectionFailed(work, invoice, how.isScheduled, false)
    return { invoice: failed, result: 'no_method' }
  }
  const outcome = await attemptPayment(work, intent, method, {
    isOffSession: false,
    refusesAction: false,
  })
  return conclude(work, invoice.id, outcome, how.isScheduled)
}

async function usualMethod(work: Work, invoice: Invoice): Promise<PaymentMethod | undefined> {
  const id = subscriptionOf(invoice)
  const subscription = id === null ? undefined : await work.get('subscription', id)
  return methodFor(work, {
    customer: invoice.customer,
    default_payment_method:
      invoice.default_payment_method ?? subscription?.default_payment_method ?? null,
  })
}

/** What came of an attempt to pay an invoice, whoever made it. */
export async function conclude(
  work: Work,
  id: string,
  outcome: PaymentOutcome,
  isScheduled = false,
): Promise<Collection> {
  const invoice = await liveInvoice(work, id, 'invoice')
  if (outcome.result === 'succeeded') {
    const paid = await settled(work, invoice, outcome.intent.amount)
    await keepMethod(work, paid, outcome.intent.payment_method)
    return { invoice: paid, result: 'paid' }
  }
  if (outcome.result === 'processing' || outcome.result === 'authorized') {
    work.callOff(invoice.id, 'invoice.retry')
    const tried = work.update('invoice', 'invoice.updated', invoice, {
      ...invoice,
      attempt_count: invoice.attempt_count + 1,
      attempted: true,
      next_payment_attempt: null,
    })
    return { invoice: asInvoice(tried), result: 'processing' }
  }
  const needsAction = outcome.result === 'requires_action'
  const failed = await collectionFailed(work, invoice, isScheduled, needsAction)
  return outcome.result === 'declined'
    ? { invoice: failed, result: 'declined', error: outcome.error }
    : { invoice: failed, result: 'requires_action' }
}

/** `save_default_payment_method`: what an invoice was paid with pays the next ones too. */
async function keepMethod(work: Work, invoice: Invoice, method: string | null): Promise<void> {
  const id = subscriptionOf(invoice)
  const subscription = id === null ? undefined : await work.get('subscription', id)
  if (subscription === undefined || method === null) return
  if (subscription.payment_settings.save_default_payment_method !== 'on_subscription') return
  changeSubscription(work, subscription, { ...subscription, default_payment_method: method })
}

async function settled(
  work: Work,
  invoice: Invoice,
  paid: number,
  isElsewhere = false,
): Promise<Invoice> {
  work.callOff(invoice.id)
  const payment = await paymentOf(work, invoice.id)
  const after: Invoice = {
    ...invoice,
    amount_paid: paid,
    amount_remaining: 0,
    attempt_count: invoice.attempt_count + (paid > 0 && !isElsewhere ? 1 : 0),
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: work.now },
  }
  work.put('invoice', after)
  work.emit('invoice.updated', after, invoice)
  work.emit('invoice.paid', after)
  work.emit('invoice.payment_succeeded', after)
  if (payment !== undefined) {
    const isPaid = paid > 0 && !isElsewhere
    const done = work.put('invoice_payment', {
      ...payment,
      amount_paid: isPaid ? paid : null,
      status: isPaid ? 'paid' : 'canceled',
      status_transitions: isPaid
        ? { ...payment.status_transitions, paid_at: work.now }
        : { ...payment.status_transitions, canceled_at: work.now },
    })
    if (isPaid) work.emit('invoice_payment.paid', done)
  }
  await markDelinquent(work, invoice.customer, false)
  await onInvoiceSettled(work, after)
  return after
}

async function collectionFailed(
  work: Work,
  invoice: Invoice,
  isScheduled: boolean,
  needsAction: boolean,
): Promise<Invoice> {
  const { retryAfterDays } = work.accountRecord.dunning ?? USUAL_DUNNING
  const isRetried = invoice.auto_advance && invoice.billing_reason !== 'subscription_create'
  const days = retryAfterDays[invoice.attempt_count]
  const next =
    !isRetried || (isScheduled && days === undefined)
      ? null
      : isScheduled || invoice.next_payment_attempt === null
        ? work.now + (days ?? 0) * DAY_SECONDS
        : invoice.next_payment_attempt
  const isLast = isRetried && isScheduled && next === null
  const after: Invoice = {
    ...invoice,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
    auto_advance: invoice.auto_advance && !isLast,
    next_payment_attempt: next,
  }
  work.put('invoice', after)
  work.emit('invoice.updated', after, invoice)
  work.emit('invoice.payment_failed', after)
  if (needsAction) work.emit('invoice.payment_action_required', after)
  work.callOff(invoice.id, 'invoice.retry')
  if (next !== null) work.later(next * 1000, 'invoice.retry', invoice.id)
  await markDelinquent(work, invoice.customer, true)
  await onInvoiceUnpaid(work, after)
  if (isLast) await onRetriesUsedUp(work, after)
  return liveInvoice(work, after.id, 'invoice')
}

async function markDelinquent(work: Work, id: string, delinquent: boolean): Promise<void> {
  const customer = await work.get('customer', id)
  if (customer !== undefined && !('deleted' in customer))
    work.update('customer', 'customer.updated', customer, { ...customer, delinquent })
}

/** Money came another way. */
export async function paidElsewhere(work: Work, invoice: Invoice): Promise<Invoice> {
  await dropIntent(work, invoice)
  return settled(work, invoice, invoice.amount_due, true)
}

/** Takes an open invoice back, as if it had never been. */
export async function voidInvoice(work: Work, invoice: Invoice): Promise<Invoice> {
  work.callOff(invoice.id)
  await dropIntent(work, invoice)
  const applied = invoice.total > 0 ? invoice.total - invoice.amount_due : 0
  if (applied !== 0) {
    const customer = await liveCustomer(work, invoice.customer, 'customer')
    moveBalance(work, customer, {
      amount: -applied,
      currency: invoice.currency,
      type: 'unapplied_from_invoice',
      invoice: invoice.id,
    })
  }
  return closed(work, invoice, 'void', 'invoice.voided')
}

/** Gives an open invoice up; it can still be paid or voided. */
export async function writeOff(work: Work, invoice: Invoice): Promise<Invoice> {
  work.callOff(invoice.id)
  return closed(work, invoice, 'uncollectible', 'invoice.marked_uncollectible')
}

async function closed(
  work: Work,
  invoice: Invoice,
  status: 'void' | 'uncollectible',
  event: 'invoice.voided' | 'invoice.marked_uncollectible',
): Promise<Invoice> {
  const after: Invoice = {
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status,
    status_transitions: {
      ...invoice.status_transitions,
      ...(status === 'void' ? { voided_at: work.now } : { marked_uncollectible_at: work.now }),
    },
  }
  work.put('invoice', after)
  work.emit('invoice.updated', after, invoice)
  work.emit(event, after)
  await onInvoiceSettled(work, after)
  return after
}

async function dropIntent(work: Work, invoice: Invoice): Promise<void> {
  const record = await work.named('_invoice', invoice.id, 'invoice')
  const payment = await paymentOf(work, invoice.id)
  if (payment?.status === 'open')
    work.put('invoice_payment', {
      ...payment,
      status: 'canceled',
      status_transitions: { ...payment.status_transitions, canceled_at: work.now },
    })
  if (record.intent === null) return
  const intent = await work.named('payment_intent', record.intent, 'payment_intent')
  if (intent.status !== 'succeeded' && intent.status !== 'canceled')
    await cancelIntent(work, intent, null)
}

function asInvoice(doc: Invoice | { deleted: true }): Invoice {
  if ('deleted' in doc) throw new Error('An invoice that was worked on is deleted')
  return doc
}
