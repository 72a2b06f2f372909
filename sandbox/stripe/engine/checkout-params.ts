import type { CheckoutSession, IntentFacts } from './objects/checkout-session.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { HOUR_MS, MINUTE_MS } from '../durations.ts'
import { shippingOf } from './addresses.ts'
import { checkChargeable, formatMoney } from './currencies.ts'
import { debitTypeFor } from './test-banks.ts'

export const LONGEST_MS = 24 * HOUR_MS

const SHORTEST_MS = 30 * MINUTE_MS

/** Refused whatever their value. */
const NOT_SERVED = [
  'custom_fields',
  'customer_account',
  'managed_payments',
  'name_collection',
  'optional_items',
  'payment_method_configuration',
  'payment_method_data',
  'permissions',
  'redirect_on_completion',
  'return_url',
  'saved_payment_method_options',
  'shipping_address_collection',
  'shipping_options',
  'wallet_options',
]

const NOT_SERVED_OF_INTENT = ['application_fee_amount', 'on_behalf_of', 'transfer_data']

export function refuseWhatIsNotServed(params: Params): void {
  const mode = modeOf(params)
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
  if (params.has('allow_promotion_codes') && params.has('discounts'))
    throw invalidRequest(
      'You may only specify one of these parameters: allow_promotion_codes, discounts.',
      { param: 'allow_promotion_codes' },
    )
  const consent = params.group('consent_collection')
  if (consent?.text('terms_of_service') === 'required' || consent?.text('promotions') === 'auto')
    throw notInSandbox('`consent_collection` of a Checkout Session', 'consent_collection')
  for (const [name, only] of ONLY_IN)
    if (params.has(name) && !only.includes(mode))
      throw invalidRequest(`You can not pass \`${name}\` in \`${mode}\` mode.`, { param: name })
}

/** Parameters that make sense in some modes only. */
const ONLY_IN: readonly (readonly [string, readonly CheckoutSession['mode'][]])[] = [
  ['after_expiration', ['payment', 'subscription']],
  ['allow_promotion_codes', ['payment', 'subscription']],
  ['customer_creation', ['payment', 'setup']],
  ['discounts', ['payment', 'subscription']],
  ['invoice_creation', ['payment']],
  ['line_items', ['payment', 'subscription']],
  ['payment_intent_data', ['payment']],
  ['payment_method_collection', ['subscription']],
  ['setup_intent_data', ['setup']],
  ['submit_type', ['payment', 'subscription']],
  ['subscription_data', ['subscription']],
]

export function modeOf(params: Params): CheckoutSession['mode'] {
  const mode = params.choice('mode', ['payment', 'setup', 'subscription'] as const)
  if (mode !== undefined) return mode
  params.needText('mode')
  throw new Error('A missing mode was accepted')
}

export function intentFacts(given: Params | undefined): IntentFacts {
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

export function checkTotal(total: number, currency: string): void {
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

export function clientReference(params: Params): string | null {
  const reference = params.text('client_reference_id')
  if (reference !== undefined && reference.length > 200)
    throw invalidRequest('`client_reference_id` can have up to 200 characters.', {
      param: 'client_reference_id',
    })
  return reference ?? null
}

export function expiresAt(work: Work, params: Params): number {
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

export function methodTypes(params: Params, currency: string): readonly string[] {
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
export function redirectUrl(params: Params, name: string): string | null {
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
