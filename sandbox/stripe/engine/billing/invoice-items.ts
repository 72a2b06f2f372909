import type { InvoiceItem } from '../objects/invoice.ts'
import type { Operation } from '../operation.ts'
import type { Params } from '../params.ts'
import type { Price } from '../objects/price.ts'
import type { Reading, Work } from '../work.ts'
import { invalidRequest, noSuchPathObject, notInSandbox } from '../../api-error.ts'
import { currencyOf } from '../currencies.ts'
import { liveCustomer } from '../customer.ts'
import { activePrice, lineAmount } from '../line-items.ts'
import { equals, listPage } from '../lists.ts'
import { pathParam } from '../operation.ts'
import { orKeep } from '../params.ts'
import { inlinePrice } from '../price.ts'
import { assertCurrency, liveInvoice } from './invoice.ts'
import { redrawn } from './invoice-draft.ts'
import { noteToBill } from './invoice-notes.ts'
import { pricingOf } from './invoice-lines.ts'
import { productName } from './plan.ts'
import { itemQuantity } from './subscription-items.ts'

const NOT_SERVED = [
  'customer_account',
  'discounts',
  'invoicing_rules',
  'quantity_decimal',
  'tax_code',
  'tax_rates',
]

export const invoiceItemOperations: readonly Operation[] = [
  { route: 'POST /v1/invoiceitems', write: (work, params) => createItem(work, params) },
  {
    route: 'GET /v1/invoiceitems/{item}',
    read: (reading, _params, path) => itemAtPath(reading, pathParam(path, 'item')),
  },
  {
    route: 'POST /v1/invoiceitems/{item}',
    write: (work, params, path) => updateItem(work, params, pathParam(path, 'item')),
  },
  {
    route: 'DELETE /v1/invoiceitems/{item}',
    async write(accountWork, _params, path) {
      const item = await itemAtPath(accountWork, pathParam(path, 'item'))
      const work = await accountWork.onClock(item.test_clock)
      await assertOpen(work, item)
      work.put(
        'invoiceitem',
        { id: item.id, object: 'invoiceitem', deleted: true },
        { listed: false },
      )
      work.emit('invoiceitem.deleted', item)
      if (item.invoice !== null) await redrawn(work, item.invoice)
      return { id: item.id, object: 'invoiceitem', deleted: true }
    },
  },
  {
    route: 'GET /v1/invoiceitems',
    read: (reading, params) =>
      listPage(reading, 'invoiceitem', '/v1/invoiceitems', params, [
        equals('customer'),
        equals('invoice'),
        (given) => {
          const pending = given.flag('pending')
          if (pending === undefined) return undefined
          const waits = { path: ['invoice'], is: null } as const
          return pending ? waits : { not: waits }
        },
      ]),
  },
]

async function itemAtPath(reading: Reading, id: string): Promise<InvoiceItem> {
  const item = await reading.atPath('invoiceitem', id, 'invoiceitem')
  if ('deleted' in item) throw noSuchPathObject('invoiceitem', id, 'invoiceitem')
  return item
}

async function assertOpen(work: Work, item: InvoiceItem): Promise<void> {
  if (item.invoice === null) return
  const invoice = await liveInvoice(work, item.invoice, 'invoice')
  if (invoice.status !== 'draft')
    throw invalidRequest('You cannot change an invoice item whose invoice is no longer a draft.')
}

async function createItem(accountWork: Work, params: Params): Promise<InvoiceItem> {
  refuse(params)
  const customer = await liveCustomer(accountWork, params.needText('customer'), 'customer')
  const work = await accountWork.onClock(customer.test_clock)
  const priced = await pricedBy(work, params)
  const quantity = itemQuantity(params, 1)
  const amount = priced === undefined ? amountOf(params, quantity) : lineAmount(priced, quantity)
  const currency =
    priced?.currency ??
    currencyOf(params.text('currency') ?? customer.currency ?? 'usd', 'currency')
  assertCurrency(customer, currency)
  const invoice = params.text('invoice')
  if (invoice !== undefined) {
    const draft = await liveInvoice(work, invoice, 'invoice')
    if (draft.status !== 'draft' || draft.customer !== customer.id)
      throw invalidRequest('Items can be added to drafts of the same customer only.', {
        param: 'invoice',
      })
    if (draft.currency !== currency)
      throw invalidRequest(`The invoice is in ${draft.currency}, the item in ${currency}.`, {
        param: 'currency',
      })
  }
  const subscription = params.text('subscription')
  if (subscription !== undefined) {
    const found = await work.named('subscription', subscription, 'subscription')
    if (found.customer !== customer.id)
      throw invalidRequest('The subscription is of another customer.', { param: 'subscription' })
  }
  const item = noteToBill(work, {
    amount,
    currency,
    customer: customer.id,
    description:
      params.text('description') ?? (priced === undefined ? null : await productName(work, priced)),
    discountable: params.flag('discountable') ?? amount >= 0,
    invoice: invoice ?? null,
    metadata: params.metadata(),
    period: periodOf(work, params),
    ...(priced === undefined ? {} : { pricing: pricingOf(priced) }),
    quantity,
    ...(subscription === undefined ? {} : { subscription: { id: subscription } }),
    testClock: customer.test_clock,
  })
  if (invoice !== undefined) await redrawn(work, invoice)
  return item
}

function refuse(params: Params): void {
  const refused = NOT_SERVED.find((name) => params.has(name) && !params.isCleared(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of an invoice item`, refused)
}

async function pricedBy(work: Work, params: Params): Promise<Price | undefined> {
  const id = params.group('pricing')?.text('price')
  const data = params.group('price_data')
  const price =
    data !== undefined
      ? await inlinePrice(work, data)
      : id === undefined
        ? undefined
        : await activePrice(work, id, 'pricing[price]')
  if (price?.recurring != null)
    throw invalidRequest('Only one-time prices can be billed by themselves.', {
      param: 'pricing[price]',
    })
  return price
}

function amountOf(params: Params, quantity: number): number {
  const whole = params.integer('amount')
  const decimal = params.raw('unit_amount_decimal')
  if (whole === undefined && decimal === undefined)
    throw invalidRequest(
      'You must specify one of amount, pricing, price_data, unit_amount_decimal.',
      {
        code: 'parameter_missing',
        param: 'amount',
      },
    )
  if (whole !== undefined && decimal !== undefined)
    throw invalidRequest('You may only specify one of amount, unit_amount_decimal.', {
      param: 'amount',
    })
  return whole ?? Math.round(Number(decimal) * quantity)
}

function periodOf(work: Work, params: Params): { start: number; end: number } {
  const given = params.group('period')
  const start = given?.integer('start') ?? work.now
  const end = given?.integer('end') ?? start
  if (end < start) throw invalidRequest('A period ends after it begins.', { param: 'period[end]' })
  return { start, end }
}

async function updateItem(accountWork: Work, params: Params, id: string): Promise<InvoiceItem> {
  refuse(params)
  const before = await itemAtPath(accountWork, id)
  const work = await accountWork.onClock(before.test_clock)
  await assertOpen(work, before)
  const priced = await pricedBy(work, params)
  const quantity = itemQuantity(params, before.quantity)
  const isPriced = priced !== undefined || params.has('amount') || params.has('unit_amount_decimal')
  if (
    params.has('quantity') &&
    !isPriced &&
    before.quantity > 0 &&
    before.amount % before.quantity !== 0
  )
    throw notInSandbox('Another quantity of an item with a broken unit amount', 'quantity')
  const amount =
    priced !== undefined
      ? lineAmount(priced, quantity)
      : isPriced
        ? amountOf(params, quantity)
        : before.quantity === 0
          ? before.amount
          : (before.amount / before.quantity) * quantity
  const after = work.put('invoiceitem', {
    ...before,
    amount,
    description: orKeep(params.settable('description'), before.description),
    discountable: params.flag('discountable') ?? before.discountable,
    metadata: params.metadata(before.metadata),
    net_amount: amount,
    period: params.has('period') ? periodOf(work, params) : before.period,
    pricing: priced === undefined ? before.pricing : pricingOf(priced),
    quantity,
    quantity_decimal: `${quantity}`,
  })
  if (after.invoice !== null) await redrawn(work, after.invoice)
  return after
}
