import type { Operation } from './operation.ts'
import { shippingOf } from './addresses.ts'
import { captureIntent } from './authorizations.ts'
import { liveCustomer } from './customer.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { searchOperation } from './search.ts'

export const chargeOperations: readonly Operation[] = [
  {
    route: 'GET /v1/charges/{charge}',
    read: (reading, _params, path) => reading.atPath('charge', pathParam(path, 'charge'), 'charge'),
  },
  {
    route: 'POST /v1/charges/{charge}',
    async write(work, params, path) {
      const before = await work.atPath('charge', pathParam(path, 'charge'), 'charge')
      const customer = params.text('customer')
      if (customer !== undefined) await liveCustomer(work, customer, 'customer')
      const report = params.group('fraud_details')?.text('user_report')
      return work.update('charge', 'charge.updated', before, {
        ...before,
        customer: customer ?? before.customer,
        description: orKeep(params.settable('description'), before.description),
        fraud_details:
          report === undefined
            ? before.fraud_details
            : { ...before.fraud_details, user_report: report },
        metadata: params.metadata(before.metadata),
        receipt_email: orKeep(params.settable('receipt_email'), before.receipt_email),
        shipping: shippingOf(params.group('shipping')) ?? before.shipping,
        transfer_group: params.text('transfer_group') ?? before.transfer_group,
      })
    },
  },
  {
    route: 'POST /v1/charges/{charge}/capture',
    async write(work, params, path) {
      const charge = await work.atPath('charge', pathParam(path, 'charge'), 'charge')
      if (charge.payment_intent === null) return charge
      await captureIntent(work, charge.payment_intent, params.integer('amount'))
      return work.atPath('charge', charge.id, 'charge')
    },
  },
  listOperation('/v1/charges', 'charge', [
    equals('customer'),
    equals('payment_intent'),
    equals('transfer_group'),
  ]),
  searchOperation('/v1/charges', 'charge', {
    amount: 'number',
    created: 'number',
    currency: 'exact',
    customer: 'exact',
    disputed: 'boolean',
    refunded: 'boolean',
    status: 'exact',
    'payment_method_details.card.last4': 'exact',
    'payment_method_details.card.brand': 'exact',
  }),
]
