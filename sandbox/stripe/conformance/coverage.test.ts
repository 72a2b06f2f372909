import { expect, it } from 'vitest'
import { Coverage } from './coverage.ts'

const deleted = { id: 'cus_1', object: 'customer', deleted: true }

it('counts answers by operation and keeps what is wrong with them', () => {
  const coverage = new Coverage()
  const exchange = { method: 'DELETE', path: '/v1/customers/cus_1', form: '', status: 200 }
  coverage.addExchange({ ...exchange, body: deleted })
  coverage.addExchange({ ...exchange, body: { ...deleted, invented: 1 } })
  expect([...coverage.answered].map(([operation, count]) => [operation.sdk, count])).toEqual([
    ['Customers.del', 2],
  ])
  expect(coverage.findings).toEqual([
    {
      where: 'DELETE /v1/customers/{id} 200',
      faults: ['invented: not a property of this object'],
    },
  ])
})

it('does not count a refusal as an answer, and checks its shape', () => {
  const coverage = new Coverage()
  const refusal = { method: 'GET', path: '/v1/customers/cus_1', form: '', status: 404 }
  coverage.addExchange({ ...refusal, body: { error: { type: 'invalid_request_error' } } })
  coverage.addExchange({ ...refusal, body: deleted })
  expect(coverage.answered.size).toBe(0)
  expect(coverage.findings).toHaveLength(1)
})

it('knows which properties never had a value, inside lists and expanded objects too', () => {
  const coverage = new Coverage()
  const feature = {
    id: 'feat_1',
    object: 'entitlements.feature',
    active: true,
    livemode: false,
    lookup_key: 'key',
    metadata: {},
    name: 'Feature',
  }
  const entitlement = {
    id: 'ent_1',
    object: 'entitlements.active_entitlement',
    feature,
    livemode: false,
    lookup_key: 'key',
  }
  const list = { object: 'list', data: [entitlement], has_more: false, url: '/x' }
  const path = '/v1/entitlements/active_entitlements'
  coverage.addExchange({ method: 'GET', path, form: '', status: 200, body: list })
  expect(coverage.findings).toEqual([])
  expect(Object.fromEntries(coverage.neverSeen())).toEqual({
    'entitlements.active_entitlement': [],
    'entitlements.feature': [],
  })
})

it('notes values an open set does not list, though they are valid', () => {
  const coverage = new Coverage()
  const transaction = {
    id: 'txn_1',
    object: 'balance_transaction',
    amount: 100,
    available_on: 1,
    balance_type: 'payments',
    created: 1,
    currency: 'eur',
    description: null,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: 100,
    reporting_category: 'charge',
    source: null,
    status: 'pending',
    type: 'gift',
  }
  const path = '/v1/balance_transactions/txn_1'
  coverage.addExchange({ method: 'GET', path, form: '', status: 200, body: transaction })
  expect(coverage.findings).toEqual([])
  expect([...coverage.strangeValues]).toEqual(['balance_transaction.type: gift'])
})

it('checks events by their type', () => {
  const coverage = new Coverage()
  coverage.addEvent({ type: 'nothing.happened' })
  expect(coverage.findings.map(({ where }) => where)).toEqual(['nothing.happened'])
})
