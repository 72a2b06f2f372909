import type { Answer, Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { CaptureMethod, PaymentIntent } from './objects/payment-intent.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { shippingOf } from './addresses.ts'
import { conclude } from './billing/invoice-collection.ts'
import { cancelIntent, captureIntent } from './authorizations.ts'
import { checkChargeable, currencyOf } from './currencies.ts'
import { liveCustomer } from './customer.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { attemptPayment } from './payment-attempt.ts'
import { assertAllowed, newIntent, newIntentRecord } from './payment-intent.ts'
import { methodFromParams, methodNamed } from './payment-method-params.ts'
import { searchOperation } from './search.ts'
import { debitTypeFor } from './test-banks.ts'

const NOT_SERVED = [
  'application_fee_amount',
  'amount_details',
  'confirmation_token',
  'hooks',
  'mandate',
  'mandate_data',
  'on_behalf_of',
  'payment_details',
  'payment_method_configuration',
  'transfer_data',
]

export const paymentIntentOperations: readonly Operation[] = [
  { route: 'POST /v1/payment_intents', write: (work, params) => createFromParams(work, params) },
  {
    route: 'GET /v1/payment_intents/{intent}',
    read: (reading, _params, path) =>
      reading.atPath('payment_intent', pathParam(path, 'intent'), 'intent'),
  },
  {
    route: 'POST /v1/payment_intents/{intent}',
    write: (work, params, path) => updateIntent(work, params, pathParam(path, 'intent')),
  },
  {
    route: 'POST /v1/payment_intents/{intent}/confirm',
    async write(work, params, path) {
      const intent = await work.atPath('payment_intent', pathParam(path, 'intent'), 'intent')
      return confirm(work, intent, params)
    },
  },
  {
    route: 'POST /v1/payment_intents/{intent}/cancel',
    async write(work, params, path) {
      const intent = await work.atPath('payment_intent', pathParam(path, 'intent'), 'intent')
      return cancelByRequest(work, intent, params)
    },
  },
  {
    route: 'POST /v1/payment_intents/{intent}/capture',
    write: (work, params, path) =>
      captureIntent(work, pathParam(path, 'intent'), params.integer('amount_to_capture')),
  },
  listOperation('/v1/payment_intents', 'payment_intent', [equals('customer')]),
  searchOperation('/v1/payment_intents', 'payment_intent', {
    amount: 'number',
    created: 'number',
    currency: 'exact',
    customer: 'exact',
    status: 'exact',
  }),
]

async function createFromParams(work: Work, params: Params): Promise<Answer> {
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a PaymentIntent`, refused)
  const currency = currencyOf(params.needText('currency'), 'currency')
  const amount = params.integer('amount') ?? 0
  checkChargeable(amount, currency, 'amount')
  const isConfirmed = params.flag('confirm') ?? false
  for (const only of ['off_session', 'return_url', 'error_on_requires_action'])
    if (!isConfirmed && params.has(only))
      throw invalidRequest(`You cannot set \`${only}\` unless \`confirm\` is true.`, {
        param: only,
      })
  const customer = params.text('customer')
  if (customer !== undefined) await liveCustomer(work, customer, 'customer')
  const intent = newIntent(work, {
    amount,
    currency,
    customer: customer ?? null,
    capture_method: captureMethodOf(params) ?? 'automatic_async',
    description: params.text('description') ?? null,
    metadata: params.metadata(),
    receipt_email: params.text('receipt_email') ?? null,
    setup_future_usage:
      params.choice('setup_future_usage', ['off_session', 'on_session'] as const) ?? null,
    shipping: shippingOf(params.group('shipping')) ?? null,
    statement_descriptor: params.text('statement_descriptor') ?? null,
    statement_descriptor_suffix: params.text('statement_descriptor_suffix') ?? null,
    transfer_group: params.text('transfer_group') ?? null,
    confirmation_method:
      params.choice('confirmation_method', ['automatic', 'manual'] as const) ?? 'automatic',
    automatic_payment_methods: automaticMethods(params),
    allowed_payment_method_types: params.texts('allowed_payment_method_types') ?? null,
    excluded_payment_method_types: params.texts('excluded_payment_method_types') ?? null,
  })
  const method = await methodOf(work, params, intent)
  const started = work.put('payment_intent', {
    ...intent,
    payment_method: method?.id ?? null,
    status: method === undefined ? 'requires_payment_method' : 'requires_confirmation',
  })
  work.put('_intent', {
    ...newIntentRecord(started, null),
    asksAuthentication: asksAuthentication(params),
  })
  work.emit('payment_intent.created', started)
  return isConfirmed ? confirm(work, started, params) : started
}

function captureMethodOf(params: Params): CaptureMethod | undefined {
  return params.choice('capture_method', ['automatic', 'automatic_async', 'manual'] as const)
}

function automaticMethods(params: Params): PaymentIntent['automatic_payment_methods'] {
  const given = params.group('automatic_payment_methods')
  return {
    allow_redirects: given?.choice('allow_redirects', ['always', 'never'] as const) ?? 'always',
    enabled: given?.flag('enabled') ?? true,
  }
}

function asksAuthentication(params: Params): boolean {
  const how = params.group('payment_method_options')?.group('card')?.text('request_three_d_secure')
  return how === 'any' || how === 'challenge'
}

async function methodOf(
  work: Work,
  params: Params,
  intent: PaymentIntent,
): Promise<PaymentMethod | undefined> {
  const id = params.text('payment_method')
  const data = params.group('payment_method_data')
  if (data !== undefined) return methodFromParams(work, data)
  if (id === undefined) return undefined
  const method = await methodNamed(work, id, 'payment_method')
  if (method.customer !== null && method.customer !== intent.customer)
    throw invalidRequest(
      `The provided PaymentMethod ${method.id} belongs to another customer. Set \`customer\` to the customer it is attached to.`,
      { param: 'payment_method' },
    )
  return method
}

async function confirm(work: Work, intent: PaymentIntent, params: Params): Promise<Answer> {
  assertAllowed(intent, 'confirmed')
  const given = await methodOf(work, params, intent)
  const method =
    given ??
    (intent.payment_method === null
      ? undefined
      : await work.get('payment_method', intent.payment_method))
  if (method === undefined)
    throw invalidRequest(
      'You cannot confirm this PaymentIntent because it is missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.',
      { code: 'payment_intent_unexpected_state' },
    )
  const record = await work.get('_intent', intent.id)
  const returnUrl = params.text('return_url') ?? record?.returnUrl ?? null
  work.put('_intent', {
    ...(record ?? newIntentRecord(intent, null)),
    returnUrl,
    asksAuthentication: asksAuthentication(params) || (record?.asksAuthentication ?? false),
  })
  const usage = params.choice('setup_future_usage', ['off_session', 'on_session'] as const)
  const outcome = await attemptPayment(
    work,
    {
      ...intent,
      payment_method: method.id,
      receipt_email: orKeep(params.settable('receipt_email'), intent.receipt_email),
      setup_future_usage: usage ?? intent.setup_future_usage,
      shipping: shippingOf(params.group('shipping')) ?? intent.shipping,
      capture_method: captureMethodOf(params) ?? intent.capture_method,
    },
    method,
    {
      isOffSession: params.has('off_session') && params.raw('off_session') !== false,
      refusesAction: params.flag('error_on_requires_action') ?? false,
    },
  )
  if (record?.invoice !== undefined) await conclude(work, record.invoice, outcome)
  return outcome.result === 'declined'
    ? { declined: { status: 402, body: { ...outcome.error, payment_intent: outcome.intent } } }
    : outcome.intent
}

async function updateIntent(work: Work, params: Params, id: string): Promise<PaymentIntent> {
  const before = await work.atPath('payment_intent', id, 'intent')
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a PaymentIntent`, refused)
  const isMoney = ['amount', 'currency', 'customer', 'payment_method', 'payment_method_data'].some(
    (name) => params.has(name),
  )
  if (isMoney) assertAllowed(before, 'updated')
  const currency = params.has('currency')
    ? currencyOf(params.needText('currency'), 'currency')
    : before.currency
  const amount = params.integer('amount') ?? before.amount
  if (isMoney) checkChargeable(amount, currency, 'amount')
  const customer = params.text('customer')
  if (customer !== undefined) await liveCustomer(work, customer, 'customer')
  const method = await methodOf(work, params, { ...before, customer: customer ?? before.customer })
  const usage = params.choice('setup_future_usage', ['off_session', 'on_session'] as const)
  // Stripe has no payment_intent.updated event, so only the object changes.
  return work.put('payment_intent', {
    ...before,
    amount,
    capture_method: captureMethodOf(params) ?? before.capture_method,
    currency,
    customer: customer ?? before.customer,
    description: orKeep(params.settable('description'), before.description),
    metadata: params.metadata(before.metadata),
    payment_method: method?.id ?? before.payment_method,
    payment_method_types: ['card', debitTypeFor(currency)],
    receipt_email: orKeep(params.settable('receipt_email'), before.receipt_email),
    setup_future_usage: params.isCleared('setup_future_usage')
      ? null
      : (usage ?? before.setup_future_usage),
    shipping: params.isCleared('shipping')
      ? null
      : (shippingOf(params.group('shipping')) ?? before.shipping),
    statement_descriptor: orKeep(
      params.settable('statement_descriptor'),
      before.statement_descriptor,
    ),
    statement_descriptor_suffix: orKeep(
      params.settable('statement_descriptor_suffix'),
      before.statement_descriptor_suffix,
    ),
    status:
      method !== undefined && before.status === 'requires_payment_method'
        ? 'requires_confirmation'
        : before.status,
    transfer_group: params.text('transfer_group') ?? before.transfer_group,
  })
}

async function cancelByRequest(
  work: Work,
  intent: PaymentIntent,
  params: Params,
): Promise<PaymentIntent> {
  const record = await work.get('_intent', intent.id)
  const session =
    record?.session == null ? undefined : await work.get('checkout.session', record.session)
  if (session?.status === 'open')
    throw invalidRequest(
      'You cannot cancel the PaymentIntent for a Checkout Session. To cancel the PaymentIntent, expire the Checkout Session instead.',
      { code: 'payment_intent_unexpected_state' },
    )
  if (record?.invoice !== undefined)
    throw invalidRequest(
      'You cannot cancel the PaymentIntent of an invoice. Void the invoice instead.',
      { code: 'payment_intent_unexpected_state' },
    )
  assertAllowed(intent, 'canceled')
  return cancelIntent(
    work,
    intent,
    params.choice('cancellation_reason', [
      'abandoned',
      'duplicate',
      'fraudulent',
      'requested_by_customer',
    ] as const) ?? null,
  )
}
