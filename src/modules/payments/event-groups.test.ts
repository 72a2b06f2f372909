import { describe, expect, test } from 'vitest'
import {
  customerEvents,
  groupKeyOf,
  isHandled,
  isOfOffer,
  isOfSubscription,
  subjectOf,
} from './event-groups.ts'

const group = (type: string, object: Record<string, unknown>) =>
  groupKeyOf(subjectOf(type, object), 'evt_1')

describe('an event leads to the object that is fetched for it', () => {
  test.each([
    ['customer.subscription.updated', { id: 'sub_1' }, 'sub_1'],
    [
      'invoice.paid',
      { id: 'in_1', parent: { subscription_details: { subscription: 'sub_1' } } },
      'sub_1',
    ],
    [
      'invoice.paid',
      { id: 'in_1', parent: { subscription_details: { subscription: { id: 'sub_1' } } } },
      'sub_1',
    ],
    // As backends of before 2025-03-31 tell it.
    ['invoice.paid', { id: 'in_1', subscription: 'sub_1', parent: null }, 'sub_1'],
    [
      'checkout.session.completed',
      { id: 'cs_1', mode: 'subscription', subscription: 'sub_1' },
      'sub_1',
    ],
    ['checkout.session.expired', { id: 'cs_1', mode: 'subscription', subscription: null }, 'cs_1'],
    ['checkout.session.completed', { id: 'cs_1', mode: 'payment' }, 'cs_1'],
    ['price.updated', { id: 'price_1' }, 'price_1'],
    ['product.deleted', { id: 'prod_1' }, 'prod_1'],
    ['product.updated', { id: 7 }, 'evt_1'],
    ['customer.updated', { id: 'cus_1' }, 'cus_1'],
    ['payment_method.attached', { id: 'pm_1', customer: 'cus_1' }, 'cus_1'],
    ['payment_method.attached', { id: 'pm_1', customer: { id: 'cus_1' } }, 'cus_1'],
    ['payment_method.attached', { id: 'pm_1', customer: null }, 'evt_1'],
    // An invoice of no subscription, one without an id, and nonsense: a group of their own, which is ended without a look.
    ['invoice.paid', { id: 'in_1', parent: null }, 'evt_1'],
    ['invoice.payment_failed', { parent: 'x', subscription: 5 }, 'evt_1'],
    ['customer.subscription.deleted', { id: 'sub 1' }, 'evt_1'],
  ])('%s %o to %s [payments 65, 66]', (type, object, key) => {
    expect(group(type, object)).toBe(key)
  })

  test('a group is of a subscription by what its events are, not by how ids look', () => {
    const of = (key: string, type: string, objectId: string | undefined) =>
      isOfSubscription(key, [{ type, objectId }])
    expect(of('sub_1', 'customer.subscription.created', 'sub_1')).toBe(true)
    expect(of('sub_1', 'invoice.paid', 'in_1')).toBe(true)
    expect(of('sub_1', 'checkout.session.completed', 'cs_1')).toBe(true)
    expect(of('cs_1', 'checkout.session.completed', 'cs_1')).toBe(false)
    expect(of('evt_1', 'invoice.paid', 'in_1')).toBe(false)
    expect(of('pi_1', 'charge.refunded', 'ch_1')).toBe(false)
  })

  test('a group is of an offer when its events are of the price or product itself', () => {
    const of = (key: string, type: string, objectId: string | undefined) =>
      isOfOffer(key, [{ type, objectId }])
    expect(of('price_1', 'price.updated', 'price_1')).toBe(true)
    expect(of('evt_1', 'price.updated', undefined)).toBe(false)
    expect(of('sub_1', 'customer.subscription.updated', 'sub_1')).toBe(false)
  })

  test('of a customer only what may tell of another card leads to them', () => {
    const of = (previous: Record<string, unknown>) =>
      groupKeyOf(subjectOf('customer.updated', { id: 'cus_1' }, previous), 'evt_1')
    expect(of({ delinquent: false })).toBe('evt_1')
    expect(of({ invoice_settings: { default_payment_method: null } })).toBe('cus_1')
    expect(of({ default_source: null, balance: 0 })).toBe('cus_1')
  })

  test('a group is of a customer’s cards by what its events are', () => {
    const of = (key: string, type: string, objectId: string | undefined) =>
      customerEvents(key, [{ type, objectId }])
    expect(of('cus_1', 'customer.updated', 'cus_1')).toEqual({ areThey: true, hasDefault: true })
    expect(of('cus_1', 'payment_method.attached', 'pm_1')).toEqual({
      areThey: true,
      hasDefault: false,
    })
    expect(of('evt_1', 'customer.updated', 'cus_1').areThey).toBe(false)
    expect(of('evt_1', 'payment_method.attached', 'pm_1').areThey).toBe(false)
    expect(of('sub_1', 'customer.subscription.updated', 'sub_1').areThey).toBe(false)
  })

  test('what changes nothing here is not handled', () => {
    expect(isHandled('invoice.upcoming')).toBe(false)
    expect(isHandled('customer.subscription.updated')).toBe(true)
  })
})
