import type { AppliedDiscount } from './objects/discount.ts'
import type { CheckoutRecord, CheckoutSession } from './objects/checkout-session.ts'
import type { LineItem } from './objects/line-item.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { isEmail } from './email.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { assertCurrency } from './billing/invoice.ts'
import {
  checkTotal,
  clientReference,
  expiresAt,
  intentFacts,
  methodTypes,
  modeOf,
  redirectUrl,
  refuseWhatIsNotServed,
} from './checkout-params.ts'
import { isTrialWished, subscriptionWish } from './checkout-subscription.ts'
import { currencyOf } from './currencies.ts'
import { liveCustomer } from './customer.ts'
import { discounted, discountsShown } from './discounts.ts'
import { lineItemsOf } from './line-items.ts'
import { newSetup } from './setup-intent.ts'

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
  if (email !== undefined && !isEmail(email))
    throw invalidRequest(`Invalid email address: ${email}`, {
      code: 'email_invalid',
      param: 'customer_email',
    })
  const known = customer === undefined ? undefined : await liveCustomer(work, customer, 'customer')
  const mode = modeOf(params)
  const wish =
    mode === 'subscription' ? subscriptionWish(work, params.group('subscription_data')) : undefined
  const { lines: lineItems, discount } = await discounted(
    work,
    params,
    mode === 'setup' ? [] : await lineItemsOf(work, params, mode, isTrialWished(wish)),
    customer ?? null,
  )
  if (mode === 'subscription' && known !== undefined)
    assertCurrency(known, lineItems[0]?.currency ?? 'usd')
  const session = newSession(work, params, {
    mode,
    lineItems,
    discount,
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
  return openSession(work, mode === 'setup' ? withSetup(work, session, params) : session, {
    lineItems,
    ...(discount === undefined ? {} : { discount }),
    ...(wish === undefined ? {} : { subscription: wish }),
    intent: intentFacts(params.group('payment_intent_data')),
    customerUpdate: {
      address: update?.choice('address', ['auto', 'never'] as const) ?? 'never',
      name: update?.choice('name', ['auto', 'never'] as const) ?? 'never',
    },
    buyer: null,
  })
}

/** A session that saves a card has the intent for it from the beginning. */
function withSetup(work: Work, session: CheckoutSession, params: Params): CheckoutSession {
  const data = params.group('setup_intent_data')
  if (data?.has('on_behalf_of') === true)
    throw notInSandbox('`on_behalf_of`', 'setup_intent_data[on_behalf_of]')
  const setup = newSetup(
    work,
    {
      customer: session.customer,
      description: data?.text('description') ?? null,
      metadata: data?.metadata() ?? {},
    },
    { session: session.id },
  )
  return { ...session, setup_intent: setup.id }
}

export function openSession(
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

function newSession(
  work: Work,
  params: Params,
  facts: {
    mode: CheckoutSession['mode']
    lineItems: readonly LineItem[]
    discount: AppliedDiscount | undefined
    successUrl: string
    customerDetails: CheckoutSession['customer_details']
  },
): CheckoutSession {
  const id = work.id('cs_test')
  const { mode } = facts
  const isSetup = mode === 'setup'
  const wanted = params.text('currency')
  const currency =
    facts.lineItems[0]?.currency ?? (wanted === undefined ? 'usd' : currencyOf(wanted, 'currency'))
  const sumOf = (part: 'amount_discount' | 'amount_subtotal' | 'amount_total'): number =>
    facts.lineItems.reduce((sum, line) => sum + line[part], 0)
  const total = sumOf('amount_total')
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
    amount_subtotal: isSetup ? null : sumOf('amount_subtotal'),
    amount_total: isSetup ? null : total,
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
    currency: isSetup && wanted === undefined ? null : currency,
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
        ? mode === 'subscription'
          ? 'always'
          : (params.choice('customer_creation', ['always', 'if_required'] as const) ??
            'if_required')
        : null,
    customer_details: facts.customerDetails,
    customer_email: params.text('customer_email') ?? null,
    discounts: discountsShown(facts.discount),
    ...(excluded === undefined ? {} : { excluded_payment_method_types: excluded }),
    expires_at: expiresAt(work, params),
    integration_identifier: params.text('integration_identifier') ?? null,
    invoice: null,
    invoice_creation:
      mode !== 'payment'
        ? null
        : {
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
    mode,
    origin_context: params.choice('origin_context', ['mobile_app', 'web'] as const) ?? null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection:
      mode === 'payment'
        ? 'if_required'
        : (params.choice('payment_method_collection', ['always', 'if_required'] as const) ??
          'always'),
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        request_three_d_secure:
          params.group('payment_method_options')?.group('card')?.text('request_three_d_secure') ??
          'automatic',
      },
    },
    payment_method_types: isSetup ? ['card'] : methodTypes(params, currency),
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
    total_details: isSetup
      ? null
      : {
          amount_discount: sumOf('amount_discount'),
          amount_shipping: 0,
          amount_tax: 0,
        },
    ui_mode: 'hosted_page',
    url: pageUrl(work, id),
    wallet_options: null,
  }
}

export function pageUrl(work: Work, id: string): string {
  return `${work.settings.publicUrl}/c/pay/${id}`
}
