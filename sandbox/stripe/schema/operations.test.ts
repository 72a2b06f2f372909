import { describe, expect, it } from 'vitest'
import { expandable, findOperation, matchPath, operations } from './index.ts'

describe('operations', () => {
  it('are keyed by method and path', () => {
    expect(operations.get('POST /v1/checkout/sessions')?.sdk).toBe('Checkout.Sessions.create')
    expect(operations.get('POST /v1/checkout/sessions')?.paramNames).toContain('line_items')
  })
  it('are found whatever placeholders are called', () => {
    expect(findOperation('POST', '/v1/refunds/{refund}/cancel')?.sdk).toBe('Refunds.cancel')
    expect(findOperation('POST', '/v1/refunds/{}/cancel')?.sdk).toBe('Refunds.cancel')
  })
  it('leave out what is not described', () => {
    for (const path of [
      '/v2/core/events',
      '/v1/terminal/readers',
      '/v1/issuing/cards',
      '/v1/accounts',
    ]) {
      expect([...operations.values()].some((operation) => operation.path.startsWith(path))).toBe(
        false,
      )
    }
  })
})

describe('the path of a request', () => {
  const sdk = (method: string, path: string) => matchPath(method, path)?.operation.sdk
  it('leads to its operation and values', () => {
    const match = matchPath('DELETE', '/v1/customers/cus_1/tax_ids/txi_2')
    expect(match?.operation.sdk).toBe('Customers.deleteTaxId')
    expect(match?.values).toEqual(['cus_1', 'txi_2'])
  })
  it('prefers fixed words to placeholders', () => {
    expect(sdk('GET', '/v1/customers/search')).toBe('Customers.search')
    expect(sdk('POST', '/v1/invoices/create_preview')).toBe('Invoices.createPreview')
    expect(sdk('GET', '/v1/customers/cus_1')).toBe('Customers.retrieve')
  })
  it('decodes values', () => {
    expect(matchPath('GET', '/v1/coupons/50%25%20off')?.values).toEqual(['50% off'])
  })
  it('is nothing for another method, another length, an empty id or a broken escape', () => {
    expect(sdk('PUT', '/v1/customers')).toBeUndefined()
    expect(sdk('GET', '/v1/customers/cus_1/')).toBeUndefined()
    expect(sdk('GET', '/v1/customers/')).toBeUndefined()
    expect(sdk('GET', '/v1/customers/%zz')).toBeUndefined()
    expect(sdk('GET', '')).toBeUndefined()
  })
})

describe('what can be expanded', () => {
  const cases: [string, string, boolean][] = [
    ['charge', 'customer', true],
    ['charge', 'balance_transaction', true],
    ['charge', 'payment_intent.latest_charge', true],
    ['charge', 'refunds', true],
    ['charge', 'refunds.data.balance_transaction', true],
    ['charge', 'outcome.rule', true],
    ['charge', 'amount', false],
    ['charge', 'billing_details', false],
    ['charge', 'nothing', false],
    ['charge', 'customer.nothing', false],
    ['charge', 'constructor', false],
    ['charge', '', false],
    ['checkout.session', 'line_items', true],
    ['checkout.session', 'line_items.data.price.product', true],
    ['checkout.session', 'payment_intent.latest_charge.balance_transaction', true],
    ['checkout.session', 'payment_intent.latest_charge.balance_transaction.source', true],
    ['checkout.session', 'payment_intent.latest_charge.balance_transaction.source.customer', false],
    ['invoice', 'payments', true],
    ['invoice', 'lines', false],
    ['invoice', 'discounts', true],
    ['price', 'tiers', true],
    ['price', 'recurring', false],
    ['/v1/charges', 'data.customer', true],
    ['/v1/charges', 'customer', false],
    ['/v1/charges', 'data', false],
    ['/v1/charges/search', 'total_count', true],
    ['/v1/charges/{charge}', 'customer', true],
  ]
  it.each(cases)('%s %s: %s', (of, path, allowed) => {
    expect(expandable(of, path)).toBe(allowed)
  })
  it('is asked of described objects only', () => {
    expect(() => expandable('terminal.reader', 'location')).toThrow('not described')
  })
})
