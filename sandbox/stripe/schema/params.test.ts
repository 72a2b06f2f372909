import { describe, expect, it } from 'vitest'
import { checkParams } from './index.ts'

const session = ['POST', '/v1/checkout/sessions'] as const
const customer = ['POST', '/v1/customers'] as const
const customers = ['GET', '/v1/customers'] as const
const product = ['POST', '/v1/products'] as const
const price = ['POST', '/v1/prices'] as const
const refund = ['POST', '/v1/refunds'] as const
const subscription = ['POST', '/v1/subscriptions/{subscription}'] as const
const events = ['GET', '/v1/events'] as const
const endpoint = ['POST', '/v1/webhook_endpoints'] as const

type Route = readonly [string, string]
type Raw = Record<string, unknown>

describe('parameters that are taken', () => {
  const taken: [string, Route, Raw, Raw][] = [
    ['text stays text', customer, { name: '42' }, { name: '42' }],
    ['whole numbers become integers', refund, { amount: '1200' }, { amount: 1200 }],
    ['negative numbers are numbers', customer, { balance: '-500' }, { balance: -500 }],
    ['negative zero is zero', customer, { balance: '-0' }, { balance: 0 }],
    [
      'booleans become booleans',
      product,
      { name: 'A', active: 'false' },
      { name: 'A', active: false },
    ],
    [
      'decimals stay exact text',
      price,
      { currency: 'eur', unit_amount_decimal: '0.125' },
      { currency: 'eur', unit_amount_decimal: '0.125' },
    ],
    [
      'percentages may have fractions',
      ['POST', '/v1/coupons'],
      { percent_off: '12.5' },
      { percent_off: 12.5 },
    ],
    ['a value of a set', session, { mode: 'payment' }, { mode: 'payment' }],
    [
      'nested objects and arrays',
      session,
      { line_items: [{ price: 'price_1', quantity: '2' }] },
      { line_items: [{ price: 'price_1', quantity: 2 }] },
    ],
    [
      'arrays with numeric keys, in the order of those',
      session,
      { line_items: { '10': { price: 'c' }, '2': { price: 'b' }, '0': { price: 'a' } } },
      { line_items: [{ price: 'a' }, { price: 'b' }, { price: 'c' }] },
    ],
    [
      'an empty text clears what can be cleared',
      customer,
      { address: '', metadata: '' },
      { address: '', metadata: '' },
    ],
    [
      'an empty text takes a metadata key away',
      customer,
      { metadata: { plan: '' } },
      { metadata: { plan: '' } },
    ],
    [
      'metadata keys are free',
      customer,
      { metadata: { order: '7', 'x y': 'ü' } },
      { metadata: { order: '7', 'x y': 'ü' } },
    ],
    [
      'maps by currency',
      price,
      { currency: 'eur', unit_amount: '1', currency_options: { usd: { unit_amount: '2' } } },
      { currency: 'eur', unit_amount: 1, currency_options: { usd: { unit_amount: 2 } } },
    ],
    [
      'a number where a number or a range may be',
      customers,
      { created: '1700000000' },
      { created: 1700000000 },
    ],
    [
      'a range where a number or a range may be',
      customers,
      { created: { gte: '1', lt: '9' } },
      { created: { gte: 1, lt: 9 } },
    ],
    [
      'a word where a word or a number may be',
      subscription,
      { trial_end: 'now' },
      { trial_end: 'now' },
    ],
    [
      'a number where a word or a number may be',
      subscription,
      { trial_end: '1700000000' },
      { trial_end: 1700000000 },
    ],
    [
      'an empty text where a word, a number or nothing may be',
      subscription,
      { cancel_at: '' },
      { cancel_at: '' },
    ],
    [
      'expand everywhere',
      ['DELETE', '/v1/customers/{customer}'],
      { expand: ['x'] },
      { expand: ['x'] },
    ],
    ['pages of 1 to 100', customers, { limit: '100' }, { limit: 100 }],
    [
      'several event types',
      events,
      { types: ['charge.refunded', 'x.y'] },
      { types: ['charge.refunded', 'x.y'] },
    ],
    [
      'values that already have their type',
      refund,
      { amount: 5, refund_application_fee: true },
      { amount: 5, refund_application_fee: true },
    ],
    ['nothing at all where nothing is needed', customer, {}, {}],
  ]
  it.each(taken)('%s', (_, [method, path], raw, params) => {
    expect(checkParams(method, path, raw)).toEqual({ ok: true, params })
  })

  it('keeps a metadata key named __proto__ as data', () => {
    const raw: unknown = JSON.parse('{"metadata":{"__proto__":"x"}}')
    const outcome = checkParams(...customer, raw as Raw)
    expect(JSON.stringify(outcome)).toBe('{"ok":true,"params":{"metadata":{"__proto__":"x"}}}')
  })
})

describe('parameters that are refused', () => {
  const empty = (path: string) =>
    `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`
  const refused: [string, Route, Raw, string | undefined, string | undefined, string | RegExp][] = [
    [
      'an unknown name',
      customer,
      { foo: '1' },
      'parameter_unknown',
      'foo',
      'Received unknown parameter: foo',
    ],
    [
      'several unknown names',
      customer,
      { foo: '1', bar: '2' },
      'parameter_unknown',
      'foo',
      'Received unknown parameters: foo, bar',
    ],
    [
      'an unknown name inside',
      session,
      { line_items: [{ price: 'p' }, { prize: 'p' }] },
      'parameter_unknown',
      'line_items[1][prize]',
      'Received unknown parameter: line_items[1][prize]',
    ],
    [
      'a name of every object',
      customer,
      { constructor: '1' },
      'parameter_unknown',
      'constructor',
      'Received unknown parameter: constructor',
    ],
    [
      'a missing name',
      price,
      { unit_amount: '1' },
      'parameter_missing',
      'currency',
      'Missing required param: currency.',
    ],
    [
      'a missing name inside',
      session,
      { line_items: [{ price_data: { unit_amount: '1' } }] },
      'parameter_missing',
      'line_items[0][price_data][currency]',
      'Missing required param: line_items[0][price_data][currency].',
    ],
    [
      'a number that is none',
      refund,
      { amount: 'ten' },
      'parameter_invalid_integer',
      'amount',
      'Invalid integer: ten',
    ],
    [
      'a fraction of a cent',
      refund,
      { amount: '10.5' },
      'parameter_invalid_integer',
      'amount',
      'Invalid integer: 10.5',
    ],
    [
      'an exponent',
      refund,
      { amount: '1e3' },
      'parameter_invalid_integer',
      'amount',
      'Invalid integer: 1e3',
    ],
    [
      'a number beyond exactness',
      refund,
      { amount: '9007199254740993' },
      'parameter_invalid_integer',
      'amount',
      'Invalid integer: 9007199254740993',
    ],
    [
      'a number inside',
      session,
      { line_items: { '3': { price: 'p', quantity: 'x' } } },
      'parameter_invalid_integer',
      'line_items[3][quantity]',
      'Invalid integer: x',
    ],
    [
      'a boolean that is none',
      product,
      { name: 'A', active: 'yes' },
      undefined,
      'active',
      'Invalid boolean: yes',
    ],
    [
      'a decimal that is none',
      price,
      { currency: 'eur', unit_amount_decimal: '1,5' },
      undefined,
      'unit_amount_decimal',
      'Invalid decimal: 1,5',
    ],
    [
      'a value outside a set of three',
      session,
      { mode: 'gift' },
      undefined,
      'mode',
      'Invalid mode: must be one of payment, setup, or subscription',
    ],
    [
      'a value outside a set of two',
      session,
      { submit_type: 'pay', customer_creation: 'never' },
      undefined,
      'customer_creation',
      'Invalid customer_creation: must be one of always or if_required',
    ],
    [
      'a value outside a set of one',
      refund,
      { origin: 'x' },
      undefined,
      'origin',
      'Invalid origin: must be customer_balance',
    ],
    [
      'a value outside a set the typings leave open',
      refund,
      { reason: 'mood' },
      undefined,
      'reason',
      'Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer',
    ],
    [
      'a value outside a set, inside',
      endpoint,
      { url: 'https://a.example', enabled_events: ['charge.refunded', 'charge.eaten'] },
      undefined,
      'enabled_events[1]',
      /^Invalid enabled_events\[1\]: must be one of \*, account\./,
    ],
    [
      'an empty text that cannot be cleared',
      refund,
      { charge: '' },
      'parameter_invalid_empty',
      'charge',
      empty('charge'),
    ],
    [
      'an empty number',
      refund,
      { amount: '' },
      'parameter_invalid_empty',
      'amount',
      empty('amount'),
    ],
    [
      'an empty array that cannot be cleared',
      session,
      { line_items: '' },
      'parameter_invalid_empty',
      'line_items',
      empty('line_items'),
    ],
    ['an empty choice', session, { mode: '' }, 'parameter_invalid_empty', 'mode', empty('mode')],
    ['text for an object', customer, { shipping: 'x' }, undefined, 'shipping', 'Invalid object'],
    [
      'an array for an object',
      customer,
      { metadata: ['x'] },
      undefined,
      'metadata',
      'Invalid object',
    ],
    ['text for an array', session, { line_items: 'x' }, undefined, 'line_items', 'Invalid array'],
    [
      'an object for an array',
      session,
      { line_items: { price: 'p' } },
      undefined,
      'line_items',
      'Invalid array',
    ],
    [
      'an object for text',
      customer,
      { name: { first: 'A' } },
      undefined,
      'name',
      'Invalid string: {"first":"A"}',
    ],
    [
      'an object for a number',
      refund,
      { amount: { gte: '1' } },
      undefined,
      'amount',
      'Invalid integer: {"gte":"1"}',
    ],
    [
      'a word where another word or a number may be',
      subscription,
      { trial_end: 'soon' },
      'parameter_invalid_integer',
      'trial_end',
      'Invalid integer: soon',
    ],
    [
      'text where a number or a range may be',
      customers,
      { created: 'today' },
      'parameter_invalid_integer',
      'created',
      'Invalid integer: today',
    ],
    [
      'an unknown bound of a range',
      customers,
      { created: { after: '1' } },
      'parameter_unknown',
      'created[after]',
      'Received unknown parameter: created[after]',
    ],
    [
      'pages of none',
      customers,
      { limit: '0' },
      'parameter_invalid_integer',
      'limit',
      "This value must be greater than or equal to 1 (it currently is '0').",
    ],
    [
      'pages above 100',
      customers,
      { limit: '101' },
      'parameter_invalid_integer',
      'limit',
      "This value must be less than or equal to 100 (it currently is '101').",
    ],
    [
      'expand that is no list',
      customer,
      { expand: 'sources' },
      undefined,
      'expand',
      'Invalid array',
    ],
    [
      'too long a metadata key',
      customer,
      { metadata: { ['k'.repeat(41)]: 'v' } },
      undefined,
      `metadata[${'k'.repeat(41)}]`,
      /up to 40 characters.*that is 41 characters/,
    ],
    [
      'too long a metadata value',
      customer,
      { metadata: { k: 'v'.repeat(501) } },
      undefined,
      'metadata[k]',
      /up to 500 characters.*that is 501 characters/,
    ],
    [
      'too many metadata keys',
      customer,
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) },
      undefined,
      'metadata',
      'You can set up to 50 keys, but you passed 51.',
    ],
    [
      'metadata inside metadata',
      customer,
      { metadata: { a: { b: 'c' } } },
      undefined,
      'metadata[a]',
      /must be strings/,
    ],
    [
      'too long a text',
      customer,
      { name: 'n'.repeat(5001) },
      undefined,
      'name',
      /must be at most 5000 characters$/,
    ],
    [
      'a parameter taken away in this version',
      session,
      { payment_method_types: ['card'] },
      'payment_method_types_no_longer_supported',
      'payment_method_types',
      /no longer supported/,
    ],
    [
      'the same name where it never was',
      refund,
      { payment_method_types: ['card'] },
      'parameter_unknown',
      'payment_method_types',
      'Received unknown parameter: payment_method_types',
    ],
    [
      'more values than any request has',
      customer,
      { metadata: Array.from({ length: 5001 }, () => 'x') },
      undefined,
      undefined,
      /too many/,
    ],
  ]
  it.each(refused)('%s', (_, [method, path], raw, code, param, message) => {
    const outcome = checkParams(method, path, raw)
    if (outcome.ok) throw new Error('was taken')
    expect(outcome.error.type).toBe('invalid_request_error')
    expect(outcome.error.code).toBe(code)
    expect(outcome.error.param).toBe(param)
    if (typeof message === 'string') expect(outcome.error.message).toBe(message)
    else expect(outcome.error.message).toMatch(message)
  })

  it('refuses a tree deeper than any request without following it', () => {
    let deep: Raw = {}
    for (let level = 0; level < 10_000; level += 1) deep = { a: deep }
    expect(checkParams(...customer, deep)).toMatchObject({ ok: false })
  })

  it('throws for an operation that is not described', () => {
    expect(() => checkParams('POST', '/v1/issuing/cards', {})).toThrow('not described')
  })
})
