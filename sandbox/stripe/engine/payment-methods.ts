import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { Decline, TestCard } from './test-cards.ts'
import type { Work } from './work.ts'
import { ApiError, invalidRequest, notInSandbox } from '../api-error.ts'
import { liveCustomer } from './customer.ts'
import { declineBody } from './declines.ts'
import { instrumentOf } from './instruments.ts'
import { equals, limitOf, listPage } from './lists.ts'
import { pathParam } from './operation.ts'
import { billingOf, methodFromParams, methodNamed } from './payment-method-params.ts'
import { DECLINES } from './test-cards.ts'

export const paymentMethodOperations: readonly Operation[] = [
  {
    route: 'POST /v1/payment_methods',
    async write(work, params) {
      if (params.has('customer') || params.has('payment_method'))
        throw notInSandbox('Cloning a payment method', 'payment_method')
      return methodFromParams(work, params)
    },
  },
  {
    route: 'GET /v1/payment_methods/{payment_method}',
    read: (reading, _params, path) =>
      reading.atPath('payment_method', pathParam(path, 'payment_method'), 'payment_method'),
  },
  {
    route: 'POST /v1/payment_methods/{payment_method}',
    write: (work, params, path) => updateMethod(work, params, pathParam(path, 'payment_method')),
  },
  {
    route: 'GET /v1/payment_methods',
    async read(reading, params) {
      // Without a customer Stripe lists only what is not of this sandbox (Treasury): nothing.
      const customer = params.text('customer') ?? ''
      if (customer !== '') await liveCustomer(reading, customer, 'customer')
      return listPage(
        reading,
        'payment_method',
        '/v1/payment_methods',
        params,
        [equals('type'), equals('allow_redisplay')],
        { limit: limitOf(params), conditions: [{ path: ['customer'], is: customer }] },
      )
    },
  },
  {
    route: 'POST /v1/payment_methods/{payment_method}/attach',
    write: (work, params, path) =>
      attachToCustomer(
        work,
        pathParam(path, 'payment_method'),
        params.needText('customer'),
        'payment_method',
      ),
  },
  {
    route: 'POST /v1/payment_methods/{payment_method}/detach',
    write: (work, _params, path) => detach(work, pathParam(path, 'payment_method')),
  },
]

/** Saves a method for later use by its customer; a card that its bank refuses throws ApiError 402. */
export async function attachToCustomer(
  work: Work,
  id: string,
  customerId: string,
  param: string,
): Promise<PaymentMethod> {
  const customer = await liveCustomer(work, customerId, 'customer')
  const method = await methodNamed(work, id, param)
  if (method.customer === customer.id) return method
  if (method.customer !== null)
    throw invalidRequest(
      'The payment method you provided has already been attached to a customer.',
      { code: 'payment_method_already_attached', param },
    )
  const instrument = await instrumentOf(work, method)
  if ('card' in instrument && instrument.card.attachDeclined === true)
    throw new ApiError(402, declineBody(declineOf(instrument.card)))
  const attached = work.put('payment_method', { ...method, customer: customer.id })
  work.emit('payment_method.attached', attached)
  return attached
}

function declineOf(card: TestCard): Decline {
  return card.charge === 'approved' ? DECLINES.generic : DECLINES[card.charge]
}

async function detach(work: Work, id: string): Promise<PaymentMethod> {
  const method = await work.atPath('payment_method', id, 'payment_method')
  if (method.customer === null)
    throw invalidRequest(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
      { param: 'payment_method' },
    )
  const customer = await work.get('customer', method.customer)
  if (
    customer !== undefined &&
    !('deleted' in customer) &&
    customer.invoice_settings.default_payment_method === id
  )
    work.update('customer', 'customer.updated', customer, {
      ...customer,
      invoice_settings: { ...customer.invoice_settings, default_payment_method: null },
    })
  const detached = work.put('payment_method', { ...method, customer: null })
  work.emit('payment_method.detached', detached, method)
  return detached
}

async function updateMethod(work: Work, params: Params, id: string): Promise<PaymentMethod> {
  const before = await work.atPath('payment_method', id, 'payment_method')
  if (before.customer === null)
    throw invalidRequest(
      'You must save this PaymentMethod to a customer before you can update it.',
      { param: 'payment_method' },
    )
  const card = params.group('card')
  return work.update('payment_method', 'payment_method.updated', before, {
    ...before,
    allow_redisplay:
      params.choice('allow_redisplay', ['always', 'limited', 'unspecified'] as const) ??
      before.allow_redisplay,
    billing_details: billingOf(params.group('billing_details'), before.billing_details),
    metadata: params.metadata(before.metadata),
    ...(before.card !== undefined && card !== undefined
      ? {
          card: {
            ...before.card,
            exp_month: card.integer('exp_month') ?? before.card.exp_month,
            exp_year: card.integer('exp_year') ?? before.card.exp_year,
          },
        }
      : {}),
  })
}
