import type { Operation } from '../operation.ts'
import { invalidRequest, noSuchPathObject } from '../../api-error.ts'
import { currencyOf } from '../currencies.ts'
import { liveCustomer } from '../customer.ts'
import { listPage } from '../lists.ts'
import { pathParam } from '../operation.ts'
import { orKeep } from '../params.ts'
import { moveBalance } from './customer-balance.ts'

export const customerBalanceOperations: readonly Operation[] = [
  {
    route: 'POST /v1/customers/{customer}/balance_transactions',
    async write(accountWork, params, path) {
      const found = await liveCustomer(accountWork, pathParam(path, 'customer'), 'customer')
      const work = await accountWork.onClock(found.test_clock)
      const currency = currencyOf(params.needText('currency'), 'currency')
      if (found.currency !== null && found.currency !== currency)
        throw invalidRequest(`The customer's balance is in ${found.currency}.`, {
          param: 'currency',
        })
      const amount = params.integer('amount') ?? 0
      return moveBalance(work, found, {
        amount,
        currency,
        type: 'adjustment',
        description: params.text('description') ?? null,
        metadata: params.metadata(),
      }).transaction
    },
  },
  {
    route: 'GET /v1/customers/{customer}/balance_transactions',
    async read(reading, params, path) {
      const customer = pathParam(path, 'customer')
      await reading.atPath('customer', customer, 'customer')
      return listPage(
        reading,
        'customer_balance_transaction',
        `/v1/customers/${customer}/balance_transactions`,
        params,
        [],
        { conditions: [{ path: ['customer'], is: customer }] },
      )
    },
  },
  {
    route: 'GET /v1/customers/{customer}/balance_transactions/{transaction}',
    async read(reading, _params, path) {
      const id = pathParam(path, 'transaction')
      const found = await reading.atPath('customer_balance_transaction', id, 'transaction')
      if (found.customer !== pathParam(path, 'customer'))
        throw noSuchPathObject('customer_balance_transaction', id, 'transaction')
      return found
    },
  },
  {
    route: 'POST /v1/customers/{customer}/balance_transactions/{transaction}',
    async write(work, params, path) {
      const id = pathParam(path, 'transaction')
      const found = await work.atPath('customer_balance_transaction', id, 'transaction')
      if (found.customer !== pathParam(path, 'customer'))
        throw noSuchPathObject('customer_balance_transaction', id, 'transaction')
      return work.put('customer_balance_transaction', {
        ...found,
        description: orKeep(params.settable('description'), found.description),
        metadata: params.metadata(found.metadata),
      })
    },
  },
]
