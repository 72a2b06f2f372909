import type { Address } from './addresses.ts'
import type { Operation } from './operation.ts'
import type { Metadata, Params } from './params.ts'
import type { TestBank } from './test-banks.ts'
import type { Decline, TestCard } from './test-cards.ts'
import type { Reading, Work } from './work.ts'
import { createHash } from 'node:crypto'
import { ApiError, invalidRequest, noSuchObject, notInSandbox } from '../api-error.ts'
import { addressOf, NO_ADDRESS } from './addresses.ts'
import { checkCardNumber } from './card-entry.ts'
import { liveCustomer } from './customers.ts'
import { declineBody } from './declines.ts'
import { equals, limitOf, listPage } from './lists.ts'
import { pathParam } from './operation.ts'
import { bankOfAccount, bankOfToken } from './test-banks.ts'
import { cardOfNumber, cardOfToken, DECLINES } from './test-cards.ts'

export type BillingDetails = {
  address: Address
  email: string | null
  name: string | null
  phone: string | null
  tax_id: null
}

export type CardFacts = {
  brand: string
  checks: {
    address_line1_check: null
    address_postal_code_check: 'pass' | null
    cvc_check: 'pass' | 'fail' | null
  }
  country: string
  display_brand: string
  exp_month: number
  exp_year: number
  fingerprint: string
  funding: string
  generated_from: null
  last4: string
  networks: { available: readonly string[]; preferred: null }
  regulated_status: 'unregulated'
  three_d_secure_usage: { supported: boolean }
  wallet: null
}

export type PaymentMethod = {
  id: string
  object: 'payment_method'
  allow_redisplay: 'always' | 'limited' | 'unspecified'
  billing_details: BillingDetails
  card?: CardFacts
  created: number
  customer: string | null
  customer_account: null
  livemode: false
  metadata: Metadata
  sepa_debit?: {
    bank_code: string
    branch_code: string
    country: string
    fingerprint: string
    generated_from: null
    last4: string
  }
  type: 'card' | 'us_bank_account' | 'sepa_debit'
  us_bank_account?: {
    account_holder_type: 'individual'
    account_type: 'checking'
    bank_name: string
    financial_connections_account: null
    fingerprint: string
    last4: string
    networks: { preferred: 'ach'; supported: readonly ['ach'] }
    routing_number: string
    status_details: null
  }
}

/** What is really behind a payment method: the sandbox's own record, under the method's id. */
export type InstrumentRecord = {
  id: string
  object: '_instrument'
  created: number
  /** A card's number, or a bank account. */
  number: string
  /** Authenticated for later use, so that `until_set_up` cards need no 3D Secure any more. */
  isSetUp: boolean
}

export const NO_BILLING_DETAILS: BillingDetails = {
  address: NO_ADDRESS,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

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

/** Makes a payment method from `type` and its hash, as PaymentMethods and PaymentIntents take it. */
export function methodFromParams(work: Work, params: Params): PaymentMethod {
  const billing = billingOf(params.group('billing_details'))
  const type = params.text('type') ?? (params.has('card') ? 'card' : undefined)
  const extra = {
    allow_redisplay:
      params.choice('allow_redisplay', ['always', 'limited', 'unspecified'] as const) ??
      'unspecified',
    metadata: params.metadata(),
  }
  if (type === 'card') {
    const given = params.group('card')
    if (given === undefined)
      throw invalidRequest('Missing required param: card.', {
        code: 'parameter_missing',
        param: params.path('card'),
      })
    return { ...cardMethodFromParams(work, given, billing), ...extra }
  }
  if (type === 'us_bank_account' || type === 'sepa_debit') {
    const given = params.group(type)
    const account = given?.text('account_number') ?? given?.text('iban') ?? ''
    const bank = bankOfAccount(account)
    if (bank === undefined || bank.type !== type)
      throw invalidRequest(`The bank account ${account} is not one of the test accounts.`, {
        param: params.path(type),
      })
    return work.put('payment_method', { ...bankMethod(work, bank, billing), ...extra })
  }
  throw notInSandbox(`The payment method type \`${type ?? ''}\``, params.path('type'))
}

function cardMethodFromParams(work: Work, given: Params, billing: BillingDetails): PaymentMethod {
  const token = given.text('token')
  if (token !== undefined) {
    const card = cardOfToken(token)
    if (card === undefined) throw noSuchObject('token', token, given.path('token'))
    return cardMethod(work, card, { billing })
  }
  const number = given.needText('number').replaceAll(/\s/g, '')
  const expMonth = given.integer('exp_month') ?? 0
  const expYear = given.integer('exp_year') ?? 0
  const fault = checkCardNumber({
    number,
    expMonth,
    expYear,
    cvc: given.text('cvc'),
    now: work.now,
  })
  if (fault !== undefined)
    throw new ApiError(402, {
      type: 'card_error',
      code: fault.code,
      message: fault.message,
      param: fault.param,
    })
  return cardMethod(work, knownCard(number), {
    billing,
    expMonth,
    expYear,
    hasCvc: given.has('cvc'),
  })
}

/** The test card of a number, or for any other number one that is declined. */
export function knownCard(number: string): TestCard {
  const card = cardOfNumber(number)
  if (card !== undefined && card !== 'real') return card
  return {
    number,
    brand: 'visa',
    funding: 'credit',
    country: 'US',
    charge: 'generic',
    attachDeclined: true,
    authentication: 'never',
  }
}

/** Makes and keeps the payment method of a card. */
export function cardMethod(
  work: Work,
  card: TestCard,
  entered: {
    billing?: BillingDetails
    expMonth?: number
    expYear?: number
    hasCvc?: boolean
  } = {},
): PaymentMethod {
  const method: PaymentMethod = {
    ...blankMethod(work, 'card', entered.billing ?? NO_BILLING_DETAILS),
    card: {
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check:
          entered.hasCvc === false ? null : card.charge === 'incorrect_cvc' ? 'fail' : 'pass',
      },
      country: card.country,
      display_brand: card.brand === 'amex' ? 'american_express' : card.brand,
      exp_month: entered.expMonth ?? 12,
      exp_year: entered.expYear ?? new Date(work.nowMs).getUTCFullYear() + 4,
      fingerprint: fingerprintOf(card.number),
      funding: card.funding,
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  }
  keepInstrument(work, method.id, card.number)
  return work.put('payment_method', method)
}

/** Makes and keeps the payment method of a bank account. */
export function bankMethod(work: Work, bank: TestBank, billing: BillingDetails): PaymentMethod {
  const blank = blankMethod(work, bank.type, billing)
  const fingerprint = fingerprintOf(bank.account)
  const last4 = bank.account.slice(-4)
  keepInstrument(work, blank.id, bank.account)
  return work.put(
    'payment_method',
    bank.type === 'us_bank_account'
      ? {
          ...blank,
          us_bank_account: {
            account_holder_type: 'individual',
            account_type: 'checking',
            bank_name: 'STRIPE TEST BANK',
            financial_connections_account: null,
            fingerprint,
            last4,
            networks: { preferred: 'ach', supported: ['ach'] },
            routing_number: '110000000',
            status_details: null,
          },
        }
      : {
          ...blank,
          sepa_debit: {
            bank_code: bank.account.slice(4, 12),
            branch_code: '',
            country: bank.account.slice(0, 2),
            fingerprint,
            generated_from: null,
            last4,
          },
        },
  )
}

function blankMethod(
  work: Work,
  type: PaymentMethod['type'],
  billing: BillingDetails,
): PaymentMethod {
  return {
    id: work.id('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billing,
    created: work.now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
  }
}

function keepInstrument(work: Work, id: string, number: string): void {
  work.put('_instrument', { id, object: '_instrument', created: work.now, number, isSetUp: false })
}

function fingerprintOf(number: string): string {
  return createHash('sha256').update(`fingerprint ${number}`).digest('hex').slice(0, 16)
}

function billingOf(given: Params | undefined, before = NO_BILLING_DETAILS): BillingDetails {
  if (given === undefined) return before
  const part = (name: 'email' | 'name' | 'phone'): string | null => {
    const value = given.settable(name)
    return value === undefined ? before[name] : value
  }
  return {
    address: addressOf(given.group('address'), before.address) ?? before.address,
    email: part('email'),
    name: part('name'),
    phone: part('phone'),
    tax_id: null,
  }
}

/**
 * The payment method a parameter names. A ready-made name (`pm_card_visa`) makes a new one each
 * time, as in Stripe's test mode.
 */
export async function methodNamed(work: Work, id: string, param: string): Promise<PaymentMethod> {
  const card = cardOfToken(id)
  if (card !== undefined && id.startsWith('pm_')) return cardMethod(work, card)
  const bank = bankOfToken(id)
  if (bank !== undefined) return bankMethod(work, bank, NO_BILLING_DETAILS)
  return work.named('payment_method', id, param)
}

/** What a payment method really is: a test card, or a test bank account. */
export async function instrumentOf(
  reading: Reading,
  method: PaymentMethod,
): Promise<{ card: TestCard; isSetUp: boolean } | { bank: TestBank }> {
  const record = await reading.get('_instrument', method.id)
  if (record === undefined) throw new Error(`Payment method ${method.id} has no instrument`)
  if (method.type === 'card') return { card: knownCard(record.number), isSetUp: record.isSetUp }
  const bank = bankOfAccount(record.number)
  if (bank === undefined) throw new Error(`${record.number} is not a test bank`)
  return { bank }
}

/** Remembers that a card was authenticated for later use. */
export async function markSetUp(work: Work, method: string): Promise<void> {
  const record = await work.get('_instrument', method)
  if (record !== undefined) work.put('_instrument', { ...record, isSetUp: true })
}

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
