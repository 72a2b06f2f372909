import { describe, expect, it } from 'vitest'
import { checkEvent, checkResponse } from './index.ts'

function refund(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 're_1',
    object: 'refund',
    amount: 1200,
    balance_transaction: 'txn_1',
    charge: 'ch_1',
    created: 1700000000,
    currency: 'eur',
    customer: null,
    customer_account: null,
    metadata: { order: '7' },
    payment_intent: 'pi_1',
    payment_method: 'pm_1',
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
    ...changes,
  }
}

function without(object: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
}

const read = (body: unknown) => checkResponse('GET', '/v1/refunds/{refund}', 200, body)
const list = (body: unknown) => checkResponse('GET', '/v1/refunds', 200, body)
const transaction = {
  id: 'txn_1',
  object: 'balance_transaction',
  amount: 1200,
  available_on: 1700000000,
  balance_type: 'payments',
  created: 1700000000,
  currency: 'eur',
  description: null,
  exchange_rate: 1.0825,
  fee: 65,
  fee_details: [],
  net: 1135,
  reporting_category: 'charge',
  source: 'ch_1',
  status: 'pending',
  type: 'charge',
}

describe('answers', () => {
  it('accepts an object as described', () => {
    expect(read(refund())).toEqual([])
  })
  it('refuses an invented field', () => {
    expect(read(refund({ invented: 1 }))).toEqual(['invented: not a property of this object'])
  })
  it('refuses an invented field at depth', () => {
    const destination_details = { type: 'card', card: { type: 'refund', colour: 'blue' } }
    expect(read(refund({ destination_details }))).toEqual([
      'destination_details.card.colour: not a property of this object',
    ])
  })
  it('names a field that is missing', () => {
    expect(read(without(refund(), 'charge'))).toEqual(['charge: missing'])
  })
  it('lets an optional field be absent but not null', () => {
    expect(read(refund({ failure_reason: 'declined' }))).toEqual([])
    expect(read(refund({ failure_reason: null }))).toEqual([
      'failure_reason: null where string is expected',
    ])
  })
  it('lets a nullable field be null but not absent', () => {
    expect(read(refund({ reason: null }))).toEqual([])
    expect(read(without(refund(), 'reason'))).toEqual(['reason: missing'])
  })
  it('refuses fractions of amounts and timestamps', () => {
    expect(read(refund({ amount: 12.5, created: 1.5 }))).toEqual([
      'amount: 12.5 where integer is expected',
      'created: 1.5 where integer is expected',
    ])
  })
  it('refuses numbers sent as text', () => {
    expect(read(refund({ amount: '1200' }))).toEqual(['amount: "1200" where integer is expected'])
  })
  it('refuses metadata that is not text', () => {
    expect(read(refund({ metadata: { n: 1 } }))).toEqual(['metadata.n: 1 where string is expected'])
  })
  it('accepts new values of open sets', () => {
    expect(read(refund({ reason: 'some_new_reason' }))).toEqual([])
  })
  it('refuses new values of closed sets', () => {
    expect(read(refund({ object: 'repayment' }))).toEqual(['object: "repayment" is none of refund'])
  })
  it('accepts an id or the object where the id can be expanded', () => {
    expect(read(refund({ balance_transaction: transaction }))).toEqual([])
  })
  it('says what is wrong inside an expanded object', () => {
    expect(read(refund({ balance_transaction: { ...transaction, net: null } }))).toEqual([
      'balance_transaction.net: null where integer is expected',
    ])
  })
  it('refuses another object in place of an expanded one', () => {
    expect(read(refund({ balance_transaction: refund() })).length).toBeGreaterThan(0)
  })
  it('tells a deleted customer from a live one', () => {
    expect(read(refund({ customer: { id: 'cus_1', object: 'customer', deleted: true } }))).toEqual(
      [],
    )
    expect(read(refund({ customer: { id: 'cus_1', object: 'customer' } }))).toContain(
      'customer.created: missing',
    )
  })
  it('refuses an id of an undescribed object in expanded form', () => {
    expect(read(refund({ transfer_reversal: { id: 'trr_1' } }))).toEqual([
      'transfer_reversal: {"id":"trr_1"} where string or null is expected',
    ])
  })
  it('checks every member of a list', () => {
    const page = { object: 'list', has_more: false, url: '/v1/refunds' }
    expect(list({ ...page, data: [refund(), refund()] })).toEqual([])
    expect(list({ ...page, data: [refund(), refund({ amount: null })] })).toEqual([
      'data[1].amount: null where integer is expected',
    ])
  })
  it('wants a list to say whether there is more', () => {
    expect(list({ object: 'list', data: [], url: '/v1/refunds' })).toEqual(['has_more: missing'])
  })
  it('wants search results to name the next page', () => {
    const page = { object: 'search_result', data: [], has_more: false, url: '/v1/customers/search' }
    const search = (body: unknown) => checkResponse('GET', '/v1/customers/search', 200, body)
    expect(search({ ...page, next_page: null })).toEqual([])
    expect(search(page)).toEqual(['next_page: missing'])
  })
  it('wants decimals as text', () => {
    const plan = (amount_decimal: unknown) =>
      checkResponse('GET', '/v1/plans/{plan}', 200, { amount_decimal }).filter((fault) =>
        fault.startsWith('amount_decimal'),
      )
    expect(plan('12.5')).toEqual([])
    expect(plan(12.5)).toEqual(['amount_decimal: 12.5 where string or null is expected'])
    expect(plan('12,5')).toEqual(['amount_decimal: "12,5" is no decimal number'])
  })
  it('refuses a body that is no object', () => {
    expect(read(null)).toEqual(['body: null where object is expected'])
    expect(read(undefined)).toEqual(['body: nothing where object is expected'])
    expect(read([])).toEqual(['body: [] where object is expected'])
  })
  it('calls an undescribed operation a fault', () => {
    expect(checkResponse('GET', '/v1/terminal/readers', 200, {})).toEqual([
      'GET /v1/terminal/readers is not described',
    ])
  })
  it('stops after a bounded number of faults', () => {
    const data = Array.from({ length: 1000 }, () => ({}))
    expect(list({ object: 'list', data, has_more: false, url: '/' }).length).toBeLessThan(100)
  })
})

describe('errors', () => {
  const failed = (status: number, body: unknown) =>
    checkResponse('POST', '/v1/refunds', status, body)
  it('accepts the shape of errors from status 400', () => {
    const error = {
      type: 'invalid_request_error',
      code: 'resource_missing',
      param: 'charge',
      message: "No such charge: 'ch_x'",
      doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
    }
    expect(failed(400, { error })).toEqual([])
  })
  it('refuses an object with an error status, and an error with a good one', () => {
    expect(failed(400, refund())).toContain('error: missing')
    expect(failed(200, { error: { type: 'api_error' } })).toContain('id: missing')
  })
  it('refuses types and fields errors do not have', () => {
    expect(failed(402, { error: { type: 'sad_error' } })).toHaveLength(1)
    expect(failed(402, { error: { type: 'card_error', mood: 'sad' } })).toEqual([
      'error.mood: not a property of this object',
    ])
  })
  it('holds errors at undescribed paths against the same shape', () => {
    expect(
      checkResponse('GET', '/v1/nothing', 404, { error: { type: 'invalid_request_error' } }),
    ).toEqual([])
  })
})

describe('events', () => {
  function event(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      id: 'evt_1',
      object: 'event',
      api_version: '2026-10-28.endive',
      created: 1700000000,
      data: { object: refund() },
      livemode: false,
      pending_webhooks: 1,
      request: { id: 'req_1', idempotency_key: null },
      type: 'refund.created',
      ...changes,
    }
  }
  it('accepts an event with the object of its type', () => {
    expect(checkEvent(event())).toEqual([])
  })
  it('refuses the object of another type', () => {
    expect(checkEvent(event({ type: 'charge.refunded' })).length).toBeGreaterThan(0)
  })
  it('refuses a type the API does not have', () => {
    expect(checkEvent(event({ type: 'refund.eaten' }))).toHaveLength(1)
  })
  it('refuses a type of a matter that is not described', () => {
    expect(checkEvent(event({ type: 'issuing_card.created' }))).toEqual([
      'type: issuing_card.created is not described',
    ])
  })
  it('refuses an invented field of the object and of the envelope', () => {
    expect(checkEvent(event({ data: { object: refund({ invented: 1 }) } }))).toEqual([
      'data.object.invented: not a property of this object',
    ])
    expect(checkEvent(event({ invented: 1 }))).toEqual(['invented: not a property of this object'])
  })
  it('accepts previous attributes that are a part of the object, null where nothing was', () => {
    const previous_attributes = {
      status: 'pending',
      metadata: { order: null },
      destination_details: null,
    }
    expect(checkEvent(event({ data: { object: refund(), previous_attributes } }))).toEqual([])
  })
  it('refuses previous attributes the object does not have', () => {
    const previous_attributes = { colour: 'blue' }
    expect(checkEvent(event({ data: { object: refund(), previous_attributes } }))).toEqual([
      'data.previous_attributes.colour: not a property of this object',
    ])
  })
  it('refuses previous attributes of another type', () => {
    const previous_attributes = { amount: 'ten' }
    expect(checkEvent(event({ data: { object: refund(), previous_attributes } }))).toHaveLength(1)
  })
})
