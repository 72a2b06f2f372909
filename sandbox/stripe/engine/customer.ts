import type { Address } from './addresses.ts'
import type { Customer } from './objects/customer.ts'
import type { Reading, Work } from './work.ts'
import { noSuchObject } from '../api-error.ts'

/** The customer that checkout makes of a buyer who came without one. */
export function customerFromCheckout(
  work: Work,
  buyer: { email: string | null; name: string | null; address: Address | null },
): Customer {
  const customer = { ...blankCustomer(work), ...buyer }
  work.put('customer', customer)
  work.emit('customer.created', customer)
  return customer
}

export function blankCustomer(work: Work): Customer {
  const id = work.id('cus')
  return {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: work.now,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
}

/** The customer a parameter names, if it still lives: 400 otherwise. */
export async function liveCustomer(reading: Reading, id: string, param: string): Promise<Customer> {
  const customer = await reading.named('customer', id, param)
  if ('deleted' in customer) throw noSuchObject('customer', id, param)
  return customer
}
