import type { Answer, Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { SetupIntent } from './objects/setup-intent.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { liveCustomer } from './customer.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { methodFromParams, methodNamed } from './payment-method-params.ts'
import { attemptSetup, cancelSetup, newSetup } from './setup-intent.ts'

const NOT_SERVED = [
  'attach_to_self',
  'confirmation_token',
  'customer_account',
  'flow_directions',
  'mandate_data',
  'on_behalf_of',
  'payment_method_configuration',
  'single_use',
]

const CLOSED: readonly SetupIntent['status'][] = ['succeeded', 'canceled']

export const setupIntentOperations: readonly Operation[] = [
  {
    route: 'POST /v1/setup_intents',
    async write(work, params) {
      refuse(params)
      const customer = params.text('customer')
      if (customer !== undefined) await liveCustomer(work, customer, 'customer')
      const isConfirmed = params.flag('confirm') ?? false
      if (!isConfirmed && params.has('return_url'))
        throw invalidRequest('You cannot set `return_url` unless `confirm` is true.', {
          param: 'return_url',
        })
      const method = await methodOf(work, params, customer ?? null)
      const setup = newSetup(
        work,
        {
          customer: customer ?? null,
          description: params.text('description') ?? null,
          metadata: params.metadata(),
          payment_method: method?.id ?? null,
          status: method === undefined ? 'requires_payment_method' : 'requires_confirmation',
          usage: params.choice('usage', ['off_session', 'on_session'] as const) ?? 'off_session',
        },
        { returnUrl: params.text('return_url') ?? null },
      )
      return isConfirmed ? confirm(work, setup, params) : setup
    },
  },
  {
    route: 'GET /v1/setup_intents/{setup}',
    read: (reading, _params, path) =>
      reading.atPath('setup_intent', pathParam(path, 'setup'), 'intent'),
  },
  {
    route: 'POST /v1/setup_intents/{setup}',
    async write(work, params, path) {
      refuse(params)
      const before = await open(work, pathParam(path, 'setup'), 'update')
      const customer = params.text('customer')
      if (customer !== undefined) await liveCustomer(work, customer, 'customer')
      const method = await methodOf(work, params, customer ?? before.customer)
      // Stripe has no setup_intent.updated event, so only the object changes.
      return work.put('setup_intent', {
        ...before,
        customer: customer ?? before.customer,
        description: orKeep(params.settable('description'), before.description),
        metadata: params.metadata(before.metadata),
        payment_method: method?.id ?? before.payment_method,
        status:
          method !== undefined && before.status === 'requires_payment_method'
            ? 'requires_confirmation'
            : before.status,
      })
    },
  },
  {
    route: 'POST /v1/setup_intents/{setup}/confirm',
    async write(work, params, path) {
      refuse(params)
      return confirm(work, await open(work, pathParam(path, 'setup'), 'confirm'), params)
    },
  },
  {
    route: 'POST /v1/setup_intents/{setup}/cancel',
    async write(work, params, path) {
      const setup = await open(work, pathParam(path, 'setup'), 'cancel')
      const record = await work.get('_setup', setup.id)
      const session =
        record?.session == null ? undefined : await work.get('checkout.session', record.session)
      if (session?.status === 'open')
        throw invalidRequest(
          'You cannot cancel the SetupIntent of a Checkout Session. Expire the Checkout Session instead.',
          { code: 'setup_intent_unexpected_state' },
        )
      return cancelSetup(
        work,
        setup,
        params.choice('cancellation_reason', [
          'abandoned',
          'duplicate',
          'requested_by_customer',
        ] as const) ?? null,
      )
    },
  },
  listOperation('/v1/setup_intents', 'setup_intent', [
    equals('customer'),
    equals('payment_method'),
  ]),
]

function refuse(params: Params): void {
  const refused = NOT_SERVED.find((name) => params.has(name) && !params.isCleared(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a SetupIntent`, refused)
}

async function open(work: Work, id: string, deed: string): Promise<SetupIntent> {
  const setup = await work.atPath('setup_intent', id, 'intent')
  if (CLOSED.includes(setup.status))
    throw invalidRequest(
      `You cannot ${deed} this SetupIntent because it has already ${setup.status === 'canceled' ? 'been canceled' : 'succeeded'}.`,
      { code: 'setup_intent_unexpected_state' },
    )
  return setup
}

async function methodOf(
  work: Work,
  params: Params,
  customer: string | null,
): Promise<PaymentMethod | undefined> {
  const data = params.group('payment_method_data')
  if (data !== undefined) return methodFromParams(work, data)
  const id = params.text('payment_method')
  if (id === undefined) return undefined
  const method = await methodNamed(work, id, 'payment_method')
  if (method.customer !== null && method.customer !== customer)
    throw invalidRequest(`The provided PaymentMethod ${method.id} belongs to another customer.`, {
      param: 'payment_method',
    })
  return method
}

async function confirm(work: Work, setup: SetupIntent, params: Params): Promise<Answer> {
  const method =
    (await methodOf(work, params, setup.customer)) ??
    (setup.payment_method === null
      ? undefined
      : await work.get('payment_method', setup.payment_method))
  if (method === undefined)
    throw invalidRequest(
      'You cannot confirm this SetupIntent because it is missing a payment method.',
      { code: 'setup_intent_unexpected_state' },
    )
  const returnUrl = params.text('return_url')
  if (returnUrl !== undefined) {
    const record = await work.named('_setup', setup.id, 'intent')
    work.put('_setup', { ...record, returnUrl })
  }
  const outcome = await attemptSetup(work, { ...setup, payment_method: method.id }, method)
  return outcome.result === 'declined'
    ? { declined: { status: 402, body: outcome.error } }
    : outcome.setup
}
