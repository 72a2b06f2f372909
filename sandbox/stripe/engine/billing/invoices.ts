import type { Answer, Operation } from '../operation.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { Params } from '../params.ts'
import type { Work } from '../work.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { currencyOf } from '../currencies.ts'
import { liveCustomer } from '../customer.ts'
import { equals, inRange, listOperation, listPage, pageOfWhole } from '../lists.ts'
import { pathParam } from '../operation.ts'
import { methodNamed } from '../payment-method-params.ts'
import { searchOperation } from '../search.ts'
import { DAY_SECONDS } from './calendar.ts'
import { draftInvoice, invoiceAtPath } from './invoice.ts'
import {
  collect,
  finalizeInvoice,
  paidElsewhere,
  voidInvoice,
  writeOff,
} from './invoice-collection.ts'
import { redrawn } from './invoice-draft.ts'
import { noteLine } from './invoice-lines.ts'
import { previewInvoice } from './invoice-preview.ts'
import { grantDiscount, redemptionsOf } from './subscription-discounts.ts'
import { pendingNotes } from './subscription-invoice.ts'
import { ownMethod } from './subscription-params.ts'

const NOT_SERVED = [
  'account_tax_ids',
  'application_fee_amount',
  'automatically_finalizes_at',
  'custom_fields',
  'customer_account',
  'default_source',
  'default_tax_rates',
  'effective_at',
  'from_invoice',
  'number',
  'on_behalf_of',
  'payment_settings',
  'rendering',
  'shipping_cost',
  'shipping_details',
  'transfer_data',
]

const COLLECTION = ['charge_automatically', 'send_invoice'] as const

/** A deed on the invoice of a path, by the clock of its customer. */
function deed(
  route: string,
  act: (work: Work, invoice: Invoice, params: Params) => Promise<Answer>,
): Operation {
  return {
    route,
    async write(accountWork, params, path) {
      const invoice = await invoiceAtPath(accountWork, pathParam(path, 'invoice'))
      return act(await accountWork.onClock(invoice.test_clock), invoice, params)
    },
  }
}

export const invoiceOperations: readonly Operation[] = [
  { route: 'POST /v1/invoices', write: (work, params) => createInvoice(work, params) },
  {
    route: 'POST /v1/invoices/create_preview',
    write: (work, params) => previewInvoice(work, params),
  },
  {
    route: 'GET /v1/invoices/{invoice}',
    read: (reading, _params, path) => invoiceAtPath(reading, pathParam(path, 'invoice')),
  },
  deed('POST /v1/invoices/{invoice}', updateInvoice),
  deed('DELETE /v1/invoices/{invoice}', deleteDraft),
  deed('POST /v1/invoices/{invoice}/finalize', async (work, invoice, params) => {
    mustBe(invoice, 'finalized', ['draft'])
    const advance = params.flag('auto_advance') ?? invoice.auto_advance
    const open = await finalizeInvoice(work, { ...invoice, auto_advance: advance })
    // Stripe collects what advances by itself about an hour after it is final.
    if (open.status === 'open' && advance && open.collection_method === 'charge_automatically')
      work.later(work.nowMs + 3_600_000, 'invoice.retry', open.id)
    return open
  }),
  deed('POST /v1/invoices/{invoice}/pay', payInvoice),
  deed('POST /v1/invoices/{invoice}/void', async (work, invoice) => {
    mustBe(invoice, 'voided', ['open', 'uncollectible'])
    return voidInvoice(work, invoice)
  }),
  deed('POST /v1/invoices/{invoice}/mark_uncollectible', async (work, invoice) => {
    mustBe(invoice, 'marked uncollectible', ['open'])
    return writeOff(work, invoice)
  }),
  deed('POST /v1/invoices/{invoice}/send', async (work, invoice) => {
    mustBe(invoice, 'sent', ['draft', 'open'])
    if (invoice.collection_method !== 'send_invoice')
      throw invalidRequest('You can only send invoices with `collection_method=send_invoice`.')
    const sent = invoice.status === 'draft' ? await finalizeInvoice(work, invoice) : invoice
    work.emit('invoice.sent', sent)
    return sent
  }),
  {
    route: 'GET /v1/invoices/{invoice}/lines',
    async read(reading, params, path) {
      const invoice = await invoiceAtPath(reading, pathParam(path, 'invoice'))
      return pageOfWhole(invoice.lines.data, invoice.lines.url, params)
    },
  },
  listOperation('/v1/invoices', 'invoice', [
    equals('subscription', 'parent', 'subscription_details', 'subscription'),
    equals('customer'),
    equals('collection_method'),
    equals('status'),
    inRange('due_date', 'due_date'),
  ]),
  searchOperation('/v1/invoices', 'invoice', {
    created: 'number',
    currency: 'exact',
    customer: 'exact',
    number: 'text',
    receipt_number: 'exact',
    status: 'exact',
    total: 'number',
    'parent.subscription_details.subscription': 'exact',
  }),
  {
    route: 'GET /v1/invoice_payments',
    read: (reading, params) =>
      listPage(reading, 'invoice_payment', '/v1/invoice_payments', params, [
        equals('invoice'),
        (given) => {
          const intent = given.group('payment')?.text('payment_intent')
          return intent === undefined
            ? undefined
            : { path: ['payment', 'payment_intent'], is: intent }
        },
        equals('status'),
      ]),
  },
  {
    route: 'GET /v1/invoice_payments/{payment}',
    read: (reading, _params, path) =>
      reading.atPath('invoice_payment', pathParam(path, 'payment'), 'payment'),
  },
]

function mustBe(invoice: Invoice, deed: string, states: readonly Invoice['status'][]): void {
  if (states.includes(invoice.status)) return
  throw invalidRequest(
    `This invoice can no longer be ${deed}: it is ${invoice.status}. Only invoices that are ${states.join(' or ')} can be.`,
    { code: invoice.status === 'draft' ? 'invoice_not_editable' : 'invoice_not_editable' },
  )
}

function refuse(params: Params): void {
  const refused = NOT_SERVED.find((name) => params.has(name) && !params.isCleared(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of an invoice`, refused)
  if (params.group('automatic_tax')?.flag('enabled') === true)
    throw notInSandbox('Automatic tax', 'automatic_tax[enabled]')
}

async function createInvoice(accountWork: Work, params: Params): Promise<Invoice> {
  refuse(params)
  const id = params.text('subscription')
  const subscription =
    id === undefined ? undefined : await accountWork.named('subscription', id, 'subscription')
  const customerId = params.text('customer') ?? subscription?.customer
  if (customerId === undefined) params.needText('customer')
  const customer = await liveCustomer(accountWork, customerId ?? '', 'customer')
  if (subscription !== undefined && subscription.customer !== customer.id)
    throw invalidRequest('The subscription is of another customer.', { param: 'subscription' })
  const work = await accountWork.onClock(customer.test_clock)
  const isIncluded =
    params.text('pending_invoice_items_behavior') === 'include' || subscription !== undefined
  const wanted = params.text('currency')
  const notes = isIncluded ? await pendingNotes(work, customer.id, subscription?.id ?? null) : []
  const currency =
    wanted === undefined
      ? (subscription?.currency ?? notes[0]?.currency ?? customer.currency ?? 'usd')
      : currencyOf(wanted, 'currency')
  const billed = notes.filter((note) => note.currency === currency)
  const collection = params.choice('collection_method', COLLECTION) ?? 'charge_automatically'
  const daysUntilDue = dueDays(work, params, collection)
  const redemptions = await redemptionsOf(work, params.groups('discounts') ?? [], {
    customer: customer.id,
    currency,
    subtotal: billed.reduce((sum, note) => sum + note.amount, 0),
  })
  const invoice = await draftInvoice(work, {
    customer,
    currency,
    reason: 'manual',
    lines: billed.map(noteLine),
    discounts: [],
    period: { start: work.now, end: work.now },
    autoAdvance: params.flag('auto_advance') ?? false,
    collection,
    daysUntilDue,
    defaultMethod: (await ownMethod(work, params, customer.id)) ?? null,
    description: params.text('description') ?? null,
    footer: params.text('footer') ?? null,
    metadata: params.metadata(),
    statementDescriptor: params.text('statement_descriptor') ?? null,
    ...(subscription === undefined
      ? {}
      : { subscription: { id: subscription.id, metadata: subscription.metadata } }),
  })
  for (const note of billed) work.put('invoiceitem', { ...note, invoice: invoice.id })
  if (invoice.auto_advance) {
    const at = work.nowMs + 3_600_000
    work.put('invoice', { ...invoice, automatically_finalizes_at: Math.floor(at / 1000) })
    work.later(at, 'invoice.finalize', invoice.id)
  }
  const discounts: string[] = []
  for (const redemption of redemptions)
    discounts.push(
      (await grantDiscount(work, redemption, { customer: customer.id, invoice: invoice.id })).id,
    )
  if (discounts.length === 0) return invoiceAtPath(work, invoice.id)
  const current = await invoiceAtPath(work, invoice.id)
  work.put('invoice', { ...current, discounts })
  return redrawn(work, invoice.id)
}

function dueDays(
  work: Work,
  params: Params,
  collection: Invoice['collection_method'],
): number | null {
  const days = params.integer('days_until_due')
  const date = params.integer('due_date')
  if (collection !== 'send_invoice') {
    if (days !== undefined || date !== undefined)
      throw invalidRequest('You can only set a due date with `collection_method=send_invoice`.', {
        param: days === undefined ? 'due_date' : 'days_until_due',
      })
    return null
  }
  if (date !== undefined && date <= work.now)
    throw invalidRequest('The due date must be in the future.', { param: 'due_date' })
  if (days === undefined && date === undefined)
    throw invalidRequest('You must pass days_until_due or due_date with `send_invoice`.', {
      code: 'parameter_missing',
      param: 'days_until_due',
    })
  return days ?? ((date ?? work.now) - work.now) / DAY_SECONDS
}

async function updateInvoice(work: Work, invoice: Invoice, params: Params): Promise<Answer> {
  refuse(params)
  if (params.has('discounts'))
    throw notInSandbox('Changing the discounts of an invoice', 'discounts')
  const isFinal = invoice.status !== 'draft'
  const other = params.names.find(
    (name) => !['metadata', 'auto_advance', 'default_payment_method', 'expand'].includes(name),
  )
  if (isFinal && other !== undefined)
    throw invalidRequest(
      `Finalized invoices can't be updated in this way: \`${other}\` is fixed.`,
      { code: 'invoice_not_editable', param: other },
    )
  const collection = params.choice('collection_method', COLLECTION) ?? invoice.collection_method
  const changesDue = params.has('days_until_due') || params.has('due_date')
  const dueDate =
    collection === 'send_invoice'
      ? changesDue || invoice.due_date === null
        ? Math.round(work.now + (dueDays(work, params, collection) ?? 0) * DAY_SECONDS)
        : invoice.due_date
      : null
  const text = (name: string, before: string | null): string | null =>
    params.has(name) ? (params.text(name) ?? null) : before
  return work.update('invoice', 'invoice.updated', invoice, {
    ...invoice,
    auto_advance: params.flag('auto_advance') ?? invoice.auto_advance,
    collection_method: collection,
    default_payment_method:
      (await ownMethod(work, params, invoice.customer)) ?? invoice.default_payment_method,
    description: text('description', invoice.description),
    due_date: isFinal ? invoice.due_date : dueDate,
    footer: text('footer', invoice.footer),
    metadata: params.metadata(invoice.metadata),
    statement_descriptor: text('statement_descriptor', invoice.statement_descriptor),
  })
}

async function deleteDraft(work: Work, invoice: Invoice): Promise<Answer> {
  mustBe(invoice, 'deleted', ['draft'])
  if (invoice.parent !== null)
    throw invalidRequest('Invoices of a subscription cannot be deleted; void them instead.')
  work.callOff(invoice.id)
  const page = await work.list('invoiceitem', {
    limit: 250,
    conditions: [{ path: ['invoice'], is: invoice.id }],
  })
  for (const item of page.data) {
    work.put(
      'invoiceitem',
      { id: item.id, object: 'invoiceitem', deleted: true },
      { listed: false },
    )
    work.emit('invoiceitem.deleted', item)
  }
  work.put('invoice', { id: invoice.id, object: 'invoice', deleted: true }, { listed: false })
  work.emit('invoice.deleted', invoice)
  return { id: invoice.id, object: 'invoice', deleted: true }
}

async function payInvoice(work: Work, found: Invoice, params: Params): Promise<Answer> {
  if (found.status === 'paid')
    throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' })
  mustBe(found, 'paid', ['draft', 'open', 'uncollectible'])
  if (params.has('source') || params.has('mandate') || params.flag('forgive') === true)
    throw notInSandbox('Paying an invoice by source or mandate, or forgiving it', 'forgive')
  const invoice = found.status === 'draft' ? await finalizeInvoice(work, found) : found
  if (invoice.status === 'paid') return invoice
  if (params.flag('paid_out_of_band') === true) return paidElsewhere(work, invoice)
  const id = params.text('payment_method')
  const method = id === undefined ? undefined : await methodNamed(work, id, 'payment_method')
  const outcome = await collect(work, invoice, { method, isScheduled: false })
  if (outcome.result === 'paid' || outcome.result === 'processing') return outcome.invoice
  return {
    declined: {
      status: 402,
      body: outcome.error ?? {
        type: outcome.result === 'no_method' ? 'invalid_request_error' : 'card_error',
        code:
          outcome.result === 'no_method'
            ? 'resource_missing'
            : 'invoice_payment_intent_requires_action',
        message:
          outcome.result === 'no_method'
            ? 'This customer has no attached payment source or default payment method.'
            : 'Payment for this invoice requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
      },
    },
  }
}
