import type { Customer } from './objects/customer.ts'
import type { Deleted } from './objects/deleted.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchObject, noSuchPathObject, notInSandbox } from '../api-error.ts'
import { addressOf, shippingOf } from './addresses.ts'
import { endSubscription } from './billing/subscription-end.ts'
import { blankCustomer } from './customer.ts'
import { isEmail } from './email.ts'
import { equals, limitOf, listOperation, listPage } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { attachToCustomer } from './payment-methods.ts'
import { searchOperation } from './search.ts'

const TAX_EXEMPT = ['none', 'exempt', 'reverse'] as const

/** Parameters Stripe knows for customers and this sandbox has nothing to do with yet. */
const NOT_SERVED = ['cash_balance', 'source', 'tax', 'tax_id_data', 'coupon']

export const customerOperations: readonly Operation[] = [
  {
    route: 'POST /v1/customers',
    write: (work, params) => createCustomer(work, params),
  },
  {
    route: 'GET /v1/customers/{customer}',
    read: (reading, _params, path) => reading.atPath('customer', pathParam(path, 'customer'), 'id'),
  },
  {
    route: 'POST /v1/customers/{customer}',
    async write(work, params, path) {
      const before = await liveCustomerAtPath(work, pathParam(path, 'customer'))
      const after = await changedCustomer(work, before, params)
      return work.update('customer', 'customer.updated', before, after)
    },
  },
  {
    route: 'DELETE /v1/customers/{customer}',
    write: (work, _params, path) => deleteCustomer(work, pathParam(path, 'customer')),
  },
  listOperation('/v1/customers', 'customer', [
    equals('email'),
    // What goes by a test clock is listed only when one asks for it.
    (params) => ({ path: ['test_clock'], is: params.text('test_clock') ?? null }),
  ]),
  searchOperation('/v1/customers', 'customer', {
    created: 'number',
    email: 'text',
    name: 'text',
    phone: 'text',
  }),
  {
    route: 'GET /v1/customers/{customer}/payment_methods',
    async read(reading, params, path) {
      const customer = pathParam(path, 'customer')
      await reading.atPath('customer', customer, 'customer')
      return listPage(
        reading,
        'payment_method',
        `/v1/customers/${customer}/payment_methods`,
        params,
        [equals('type'), equals('allow_redisplay')],
        { limit: limitOf(params), conditions: [{ path: ['customer'], is: customer }] },
      )
    },
  },
  {
    route: 'GET /v1/customers/{customer}/payment_methods/{payment_method}',
    async read(reading, _params, path) {
      await reading.atPath('customer', pathParam(path, 'customer'), 'customer')
      const id = pathParam(path, 'payment_method')
      const method = await reading.atPath('payment_method', id, 'payment_method')
      if (method.customer !== pathParam(path, 'customer'))
        throw noSuchObject('payment_method', id, 'payment_method')
      return method
    },
  },
]

async function createCustomer(accountWork: Work, params: Params): Promise<Customer> {
  const clock = params.text('test_clock') ?? null
  const work = await accountWork.onClock(clock)
  const blank = { ...blankCustomer(work), test_clock: clock }
  const customer = await changedCustomer(work, blank, params)
  work.put('customer', customer)
  work.emit('customer.created', customer)
  const method = params.text('payment_method')
  if (method !== undefined) await attachToCustomer(work, method, customer.id, 'payment_method')
  return customer
}

async function changedCustomer(work: Work, before: Customer, params: Params): Promise<Customer> {
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`Setting a customer's \`${refused}\``, refused)
  const email = params.settable('email')
  if (typeof email === 'string' && !isEmail(email))
    throw invalidRequest(`Invalid email address: ${email}`, {
      code: 'email_invalid',
      param: 'email',
    })
  const prefix = params.text('invoice_prefix')
  if (prefix !== undefined && !/^[A-Z0-9]{3,12}$/.test(prefix))
    throw invalidRequest('The invoice prefix must be 3 to 12 uppercase letters or numbers.', {
      param: 'invoice_prefix',
    })
  return {
    ...before,
    address: params.isCleared('address')
      ? null
      : (addressOf(params.group('address'), before.address) ?? before.address),
    balance: params.integer('balance') ?? before.balance,
    description: orKeep(params.settable('description'), before.description),
    email: orKeep(email, before.email),
    invoice_prefix: prefix ?? before.invoice_prefix,
    invoice_settings: await invoiceSettings(work, before, params),
    metadata: params.metadata(before.metadata),
    name: orKeep(params.settable('name'), before.name),
    next_invoice_sequence: params.integer('next_invoice_sequence') ?? before.next_invoice_sequence,
    phone: orKeep(params.settable('phone'), before.phone),
    preferred_locales: params.texts('preferred_locales') ?? before.preferred_locales,
    shipping: params.isCleared('shipping')
      ? null
      : (shippingOf(params.group('shipping')) ?? before.shipping),
    tax_exempt: params.choice('tax_exempt', TAX_EXEMPT) ?? before.tax_exempt,
  }
}

async function invoiceSettings(
  work: Work,
  before: Customer,
  params: Params,
): Promise<Customer['invoice_settings']> {
  const given = params.group('invoice_settings')
  if (given === undefined) return before.invoice_settings
  const method = given.settable('default_payment_method')
  if (typeof method === 'string') {
    const param = given.path('default_payment_method')
    const found = await work.named('payment_method', method, param)
    if (found.customer !== before.id)
      throw invalidRequest(
        `The payment method ${method} is not attached to this customer. Attach it first.`,
        { param },
      )
  }
  return {
    ...before.invoice_settings,
    default_payment_method: orKeep(method, before.invoice_settings.default_payment_method),
    footer: orKeep(given.settable('footer'), before.invoice_settings.footer),
  }
}

async function deleteCustomer(work: Work, id: string): Promise<Deleted<'customer'>> {
  const customer = await liveCustomerAtPath(work, id)
  const gone: Deleted<'customer'> = { id, object: 'customer', deleted: true }
  work.put('customer', gone, { listed: false })
  const subscriptions = await work.list('subscription', {
    limit: 100,
    conditions: [{ path: ['customer'], is: id }],
  })
  for (const one of subscriptions.data)
    await endSubscription(await work.onClock(one.test_clock), one, 'cancellation_requested')
  const methods = await work.list('payment_method', {
    limit: 100,
    conditions: [{ path: ['customer'], is: id }],
  })
  for (const method of methods.data) work.put('payment_method', { ...method, customer: null })
  work.emit('customer.deleted', customer)
  return gone
}

/** The customer of a path, if it still lives: 404 otherwise, as Stripe answers. */
async function liveCustomerAtPath(reading: Reading, id: string): Promise<Customer> {
  const customer = await reading.atPath('customer', id, 'id')
  if ('deleted' in customer) throw noSuchPathObject('customer', id, 'id')
  return customer
}
