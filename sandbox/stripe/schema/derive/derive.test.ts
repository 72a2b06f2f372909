import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { description } from '../description.ts'
import { descriptionText } from './derive.ts'

const sdkRoot = fileURLToPath(new URL('../../../../node_modules/stripe', import.meta.url))
const generated = new URL('../generated.json', import.meta.url)

describe('the committed description', () => {
  it('is what the installed stripe package gives', { timeout: 60_000 }, () => {
    const differs = descriptionText(sdkRoot) !== readFileSync(generated, 'utf8')
    expect(differs, 'run: node scripts/derive-stripe-schemas.ts').toBe(false)
  })
  it('names the versions it was made from', () => {
    const manifest: unknown = JSON.parse(readFileSync(`${sdkRoot}/package.json`, 'utf8'))
    expect(manifest).toMatchObject({ version: description.stripe })
    expect(description.apiVersion).toMatch(/^\d{4}-\d{2}-\d{2}\.\w+$/)
  })
})

describe('the derivation', () => {
  const property = (object: string, name: string) =>
    description.components[object]?.properties?.[name]
  const param = (key: string, name: string) =>
    description.operations[key]?.params.properties?.[name]

  it('refuses unnamed properties of every object', () => {
    for (const [name, schema] of Object.entries(description.components)) {
      expect(schema.additionalProperties, name).toBe(false)
    }
  })
  it('makes null a type', () => {
    expect(property('refund', 'status')).toEqual({ type: ['string', 'null'] })
    expect(property('customer', 'discount')).toEqual({
      anyOf: [{ $ref: '#/components/discount' }, { type: 'null' }],
    })
  })
  it('gives an id or the object where the id can be expanded, deleted ones included', () => {
    expect(property('refund', 'customer')).toEqual({
      anyOf: [
        { type: 'string' },
        { $ref: '#/components/customer' },
        { $ref: '#/components/deleted_customer' },
        { type: 'null' },
      ],
      'x-expandable': true,
    })
  })
  it('leaves the id alone where the object is not described', () => {
    expect(property('refund', 'transfer_reversal')).toEqual({
      type: ['string', 'null'],
      'x-expands': ['transfer_reversal'],
    })
  })
  it('keeps open sets open in answers and closes them in requests', () => {
    const values = ['duplicate', 'fraudulent', 'requested_by_customer']
    expect(property('refund', 'reason')).toEqual({
      type: ['string', 'null'],
      'x-open-enum': ['duplicate', 'expired_uncaptured_charge', ...values.slice(1)],
    })
    expect(param('POST /v1/refunds', 'reason')).toEqual({ type: 'string', enum: values })
  })
  it('writes decimals as text and metadata as a map of text', () => {
    expect(property('price', 'unit_amount_decimal')).toEqual({
      type: ['string', 'null'],
      format: 'decimal',
    })
    expect(property('price', 'metadata')).toEqual({
      type: 'object',
      additionalProperties: { type: 'string' },
    })
  })
  it('takes amounts and timestamps as whole numbers and rates as fractions', () => {
    expect(property('refund', 'amount')).toEqual({ type: 'integer' })
    expect(property('refund', 'created')).toEqual({ type: 'integer' })
    expect(property('tax_rate', 'percentage')).toEqual({ type: 'number' })
  })
  it('lets the empty text clear what requests can clear', () => {
    expect(param('POST /v1/customers/{id}', 'metadata')).toEqual({
      anyOf: [
        { type: 'string', enum: [''] },
        { type: 'object', additionalProperties: { type: 'string' } },
      ],
    })
  })
  it('marks what is left out unless expanded', () => {
    expect(property('checkout.session', 'line_items')?.['x-includable']).toBe(true)
    expect(property('price', 'tiers')?.['x-includable']).toBe(true)
    expect(property('invoice', 'lines')?.['x-includable']).toBeUndefined()
    expect(property('item', 'discounts')?.['x-includable']).toBe(true)
    const details = property('checkout.session', 'total_details')?.properties
    expect(details?.['breakdown']?.['x-includable']).toBe(true)
  })
  it('reads limits of length that stand in comments only', () => {
    const evidence = param('POST /v1/disputes/{id}', 'evidence')?.properties
    expect(evidence?.['uncategorized_text']).toEqual({ type: 'string', maxLength: 20_000 })
    expect(evidence?.['customer_name']).toEqual({ type: 'string' })
  })
  it('ties every event to an object that is described', () => {
    for (const [type, object] of Object.entries(description.events)) {
      expect(Object.hasOwn(description.components, object), type).toBe(true)
    }
    expect(description.events).toMatchObject({
      'charge.dispute.created': 'dispute',
      'checkout.session.completed': 'checkout.session',
      'customer.subscription.trial_will_end': 'subscription',
    })
  })
  it('refers to described objects only', () => {
    const references = new Set(JSON.stringify(description).match(/#\/components\/[\w.]+/g))
    for (const reference of references) {
      expect(description.components).toHaveProperty([reference.replace('#/components/', '')])
    }
  })
})
