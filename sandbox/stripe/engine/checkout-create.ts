import type { CheckoutRecord, CheckoutSession, IntentFacts } from './checkout-sessions.ts'
import type { LineItem } from './line-items.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { HOUR_MS, MINUTE_MS } from '../durations.ts'
import { shippingOf } from './addresses.ts'
import { checkChargeable, formatMoney } from './currencies.ts'
import { liveCustomer } from './customers.ts'
import { lineItemsOf } from './line-items.ts'
import { debitTypeFor } from './test-banks.ts'

const LONGEST_MS = 24 * HOUR_MS
const SHORTEST_MS = 30 * MINUTE_MS

/** Refused whatever their value. */
const NOT_SERVED = [
  'custom_fields',
  'customer_account',
  'discounts',
  'managed_payments',
  'name_collection',
  'optional_items',
  'payment_method_configuration',
  'payment_method_data',
  'permissions',
  'redirect_on_completion',
  'return_url',
  'saved_payment_method_options',
  'setup_intent_data',
  'shipping_address_collection',
  'shipping_options',
  'subscription_data',
  'wallet_options',
]

const NOT_SERVED_OF_INTENT = ['application_fee_amount', 'on_behalf_of', 'transfer_data']

/** Opens a checkout session for a one-time payment and plans its end. */
export async function createSession(work: Work, params: Params): Promise<CheckoutSession> {
  refuseWhatIsNotServed(params)
  const successUrl = redirectUrl(params, 'success_url')
  if (successUrl === null)
    throw invalidRequest('Missing required param: success_url.', {
      code: 'parameter_missing',
      param: 'success_url',
    })
  const customer = params.text('customer')
  const email = params.text('customer_email')
  if (customer !== undefined && email !== undefined)
    throw invalidRequest(
      'You may only specify one of these parameters: customer, customer_email.',
      { param: 'customer_email' },
    )
  if (customer !== undefined && params.has('customer_creation'))
    throw invalidRequest(
      'You may only specify one of these parameters: customer, customer_creation.',
      { param: 'customer_creation' },
    )
  if (customer === undefined && params.has('customer_update'))
    throw invalidRequest('`customer_update` can only be used with `customer`.', {
      param: 'customer_update',
    })
  if (email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
    throw invalidRequest(`Invalid email address: ${email}`, {
      code: 'email_invalid',
      param: 'customer_email',
    })
  const known = customer === undefined ? undefined : await liveCustomer(work, customer, 'customer')
  const lineItems = await lineItemsOf(work, params)
  const intent = intentFacts(params.group('payment_intent_data'))
  const session = newSession(work, params, {
    lineItems,
    successUrl,
    customerDetails:
      known !== undefined || email !== undefined
        ? {
            address: null,
            business_name: null,
            email: known?.email ?? email ?? null,
            individual_name: null,
            name: known?.name ?? null,
            phone: known?.phone ?? null,
            tax_exempt: 'none',
            tax_ids: [],
          }
        : null,
  })
  const update = params.group('customer_update')
  return openSession(work, session, {
    lineItems,
    intent,
    customerUpdate: {
      address: update?.choice('address', ['auto', 'never'] as const) ?? 'never',
      name: update?.choice('name', ['auto', 'never'] as const) ?? 'never',
    },
    buyer: null,
  })
}

function openSession(
  work: Work,
  session: CheckoutSession,
  record: Omit<CheckoutRecord, 'id' | 'object' | 'created'>,
): CheckoutSession {
  work.put('checkout.session', session)
  work.put('_checkout', {
    id: session.id,
    object: '_checkout',
    created: session.created,
    ...record,
  })
  work.later(session.expires_at * 1000, 'session.expire', session.id)
  return session
}

/** A session like an expired one, for the buyer who comes back. Prices stay those of then. */
export async function recoverSession(
  work: Work,
  expired: CheckoutSession,
): Promise<CheckoutSession> {
  const record = await work.get('_checkout', expired.id)
  if (record === undefined) throw new Error(`${expired.id} has no record`)
  const id = work.id('cs_test')
  return openSession(
    work,
    {
      ...expired,
      id,
      after_expiration:
        expired.after_expiration?.recovery == null
          ? null
          : {
              recovery: { ...expired.after_expiration.recovery, expires_at: null, url: null },
            },
      created: work.now,
      expires_at: Math.floor((work.nowMs + LONGEST_MS) / 1000),
      payment_intent: null,
      recovered_from: expired.id,
      status: 'open',
      url: pageUrl(work, id),
    },
    {
      lineItems: record.lineItems,
      intent: record.intent,
      customerUpdate: record.customerUpdate,
      buyer: null,
    },
  )
}

function refuseWhatIsNotServed(params: Params): void {
  const mode = params.needText('mode')
  if (mode !== 'payment') throw notInSandbox(`Checkout mode \`${mode}\``, 'mode')
  const uiMode = params.text('ui_mode') ?? 'hosted_page'
  if (uiMode !== 'hosted_page') throw notInSandbox(`\`ui_mode=${uiMode}\``, 'ui_mode')
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a Checkout Session`, refused)
  const enabled = (name: string): boolean => params.group(name)?.flag('enabled') === true
  for (const name of [
    'automatic_tax',
    'invoice_creation',
    'tax_id_collection',
    'phone_number_collection',
  ])
    if (enabled(name)) throw notInSandbox(`\`${name}\` of a Checkout Session`, `${name}[enabled]`)
  if (params.flag('allow_promotion_codes') === true)
    throw notInSandbox('Promotion codes', 'allow_promotion_codes')
  const consent = params.group('consent_collection')
  if (consent?.text('terms_of_service') === 'required' || consent?.text('promotions') === 'auto')
    throw notInSandbox('`consent_collection` of a Checkout Session', 'consent_collection')
  if (params.text('payment_method_collection') !== undefined)
    throw invalidRequest('You can only set `payment_method_collection` in `subscription` mode.', {
      param: 'payment_method_collection',
    })
}

function intentFacts(given: Params | undefined): IntentFacts {
  const refused = NOT_SERVED_OF_INTENT.find((name) => given?.has(name) === true)
  if (refused !== undefined)
    throw notInSandbox(`\`${refused}\` of a payment`, `payment_intent_data[${refused}]`)
  return {
    capture_method:
      given?.choice('capture_method', ['automatic', 'automatic_async', 'manual'] as const) ??
      'automatic_async',
    description: given?.text('description') ?? null,
    metadata: given?.metadata() ?? {},
    receipt_email: given?.text('receipt_email') ?? null,
    setup_future_usage:
      given?.choice('setup_future_usage', ['off_session', 'on_session'] as const) ?? null,
    shipping: shippingOf(given?.group('shipping')) ?? null,
    statement_descriptor: given?.text('statement_descriptor') ?? null,
    statement_descriptor_suffix: given?.text('statement_descriptor_suffix') ?? null,
    transfer_group: given?.text('transfer_group') ?? null,
  }
}

function newSession(
  work: Work,
  params: Params,
  facts: {
    lineItems: readonly LineItem[]
    successUrl: string
    customerDetails: CheckoutSession['customer_details']
  },
): CheckoutSession {
  const id = work.id('cs_test')
  const currency = facts.lineItems[0]?.currency ?? 'usd'
  const total = facts.lineItems.reduce((sum, line) => sum + line.amount_total, 0)
  if (total > 0) checkTotal(total, currency)
  const recovery = params.group('after_expiration')?.group('recovery')
  const excluded = params.texts('excluded_payment_method_types')
  const text = params.group('custom_text')
  const note = (name: string): { message: string } | null => {
    const message = text?.group(name)?.text('message')
    return message === undefined ? null : { message }
  }
  const customer = params.text('customer') ?? null
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: params.group('adaptive_pricing')?.flag('enabled') ?? false },
    after_expiration:
      recovery === undefined
        ? null
        : {
            recovery: {
              allow_promotion_codes: recovery.flag('allow_promotion_codes') ?? false,
              enabled: recovery.flag('enabled') ?? false,
              expires_at: null,
              url: null,
            },
          },
    allow_promotion_codes: params.flag('allow_promotion_codes') ?? null,
    allowed_payment_method_types: params.texts('allowed_payment_method_types') ?? null,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection:
      params.choice('billing_address_collection', ['auto', 'required'] as const) ?? null,
    cancel_url: redirectUrl(params, 'cancel_url'),
    client_reference_id: clientReference(params),
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: work.now,
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: note('after_submit'),
      shipping_address: note('shipping_address'),
      submit: note('submit'),
      terms_of_service_acceptance: note('terms_of_service_acceptance'),
    },
    customer,
    customer_account: null,
    customer_creation:
      customer === null
        ? (params.choice('customer_creation', ['always', 'if_required'] as const) ?? 'if_required')
        : null,
    customer_details: facts.customerDetails,
    customer_email: params.text('customer_email') ?? null,
    discounts: [],
    ...(excluded === undefined ? {} : { excluded_payment_method_types: excluded }),
    expires_at: expiresAt(work, params),
    integration_identifier: params.text('integration_identifier') ?? null,
    invoice: null,
    invoice_creation: {
      enabled: false,
      invoice_data: {
        account_tax_ids: null,
        custom_fields: null,
        description: null,
        footer: null,
        issuer: null,
        metadata: {},
        rendering_options: null,
      },
    },
    livemode: false,
    locale: params.text('locale') ?? null,
    managed_payments: null,
    metadata: params.metadata(),
    mode: 'payment',
    origin_context: params.choice('origin_context', ['mobile_app', 'web'] as const) ?? null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        request_three_d_secure:
          params.group('payment_method_options')?.group('card')?.text('request_three_d_secure') ??
          'automatic',
      },
    },
    payment_method_types: methodTypes(params, currency),
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.text('submit_type') ?? null,
    subscription: null,
    success_url: facts.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: pageUrl(work, id),
    wallet_options: null,
  }
}

function pageUrl(work: Work, id: string): string {
  return `${work.settings.publicUrl}/c/pay/${id}`
}

function checkTotal(total: number, currency: string): void {
  try {
    checkChargeable(total, currency, 'line_items')
  } catch (error) {
    if (!(error instanceof Error && 'body' in error)) throw error
    throw invalidRequest(
      `The Checkout Session's total amount due must add up to what can be charged. It adds up to ${formatMoney(total, currency)}. ${error.message}`,
      { code: 'amount_too_small', param: 'line_items' },
    )
  }
}

function clientReference(params: Params): string | null {
  const reference = params.text('client_reference_id')
  if (reference !== undefined && reference.length > 200)
    throw invalidRequest('`client_reference_id` can have up to 200 characters.', {
      param: 'client_reference_id',
    })
  return reference ?? null
}

function expiresAt(work: Work, params: Params): number {
  const given = params.integer('expires_at')
  if (given === undefined) return Math.floor((work.nowMs + LONGEST_MS) / 1000)
  // Stripe allows a few seconds for the way here.
  if (given * 1000 < work.nowMs + SHORTEST_MS - 5_000)
    throw invalidRequest(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      { param: 'expires_at' },
    )
  if (given * 1000 > work.nowMs + LONGEST_MS + 5_000)
    throw invalidRequest(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      { param: 'expires_at' },
    )
  return given
}

function methodTypes(params: Params, currency: string): readonly string[] {
  const allowed = params.texts('allowed_payment_method_types')
  const excluded = params.texts('excluded_payment_method_types') ?? []
  const types = ['card', debitTypeFor(currency)].filter(
    (type) => (allowed === undefined || allowed.includes(type)) && !excluded.includes(type),
  )
  if (types.length === 0)
    throw notInSandbox(
      'A checkout without cards and bank debits',
      allowed === undefined ? 'excluded_payment_method_types' : 'allowed_payment_method_types',
    )
  return types
}

/** An address to send the buyer to: absolute and of the web. */
function redirectUrl(params: Params, name: string): string | null {
  const given = params.text(name)
  if (given === undefined) return null
  const tried = given.replaceAll('{CHECKOUT_SESSION_ID}', 'id')
  const url = URL.canParse(tried) ? new URL(tried) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', {
      code: 'url_invalid',
      param: name,
    })
  if (given.length > 5_000)
    throw invalidRequest('Invalid URL: URL must be 5000 characters or less.', {
      code: 'url_invalid',
      param: name,
    })
  return given
}
