import type { Shipping } from './addresses.ts'
import type { BalanceTransaction } from './balance.ts'
import type { Operation } from './operation.ts'
import type { Metadata } from './params.ts'
import type { PaymentIntent } from './payment-intents.ts'
import type { BillingDetails, PaymentMethod } from './payment-methods.ts'
import type { Decline } from './test-cards.ts'
import type { Work } from './work.ts'
import { shippingOf } from './addresses.ts'
import { feeOf, moveMoney } from './balance.ts'
import { liveCustomer } from './customers.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { captureIntent } from './payment-intents.ts'
import { searchOperation } from './search.ts'

export type ChargeOutcome = {
  advice_code: string | null
  network_advice_code: null
  network_decline_code: string | null
  network_status: string
  reason: string | null
  risk_level?: string
  risk_score?: number
  seller_message: string
  type: string
}

export type Charge = {
  id: string
  object: 'charge'
  amount: number
  amount_captured: number
  amount_refunded: number
  application: null
  application_fee: null
  application_fee_amount: null
  balance_transaction: string | null
  billing_details: BillingDetails
  calculated_statement_descriptor: string | null
  captured: boolean
  created: number
  currency: string
  customer: string | null
  description: string | null
  disputed: boolean
  failure_balance_transaction: string | null
  failure_code: string | null
  failure_message: string | null
  fraud_details: { stripe_report?: string; user_report?: string }
  livemode: false
  metadata: Metadata
  on_behalf_of: null
  outcome: ChargeOutcome | null
  paid: boolean
  payment_intent: string | null
  payment_method: string
  payment_method_details: Readonly<Record<string, unknown>> & { type: string }
  receipt_email: string | null
  receipt_number: null
  receipt_url: string | null
  refunded: boolean
  review: null
  shipping: Shipping | null
  source: null
  source_transfer: null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
  status: 'failed' | 'pending' | 'succeeded'
  transfer_data: null
  transfer_group: string | null
}

export const chargeOperations: readonly Operation[] = [
  {
    route: 'GET /v1/charges/{charge}',
    read: (reading, _params, path) => reading.atPath('charge', pathParam(path, 'charge'), 'charge'),
  },
  {
    route: 'POST /v1/charges/{charge}',
    async write(work, params, path) {
      const before = await work.atPath('charge', pathParam(path, 'charge'), 'charge')
      const customer = params.text('customer')
      if (customer !== undefined) await liveCustomer(work, customer, 'customer')
      const report = params.group('fraud_details')?.text('user_report')
      return work.update('charge', 'charge.updated', before, {
        ...before,
        customer: customer ?? before.customer,
        description: orKeep(params.settable('description'), before.description),
        fraud_details:
          report === undefined
            ? before.fraud_details
            : { ...before.fraud_details, user_report: report },
        metadata: params.metadata(before.metadata),
        receipt_email: orKeep(params.settable('receipt_email'), before.receipt_email),
        shipping: shippingOf(params.group('shipping')) ?? before.shipping,
        transfer_group: params.text('transfer_group') ?? before.transfer_group,
      })
    },
  },
  {
    route: 'POST /v1/charges/{charge}/capture',
    async write(work, params, path) {
      const charge = await work.atPath('charge', pathParam(path, 'charge'), 'charge')
      if (charge.payment_intent === null) return charge
      await captureIntent(work, charge.payment_intent, params.integer('amount'))
      return work.atPath('charge', charge.id, 'charge')
    },
  },
  listOperation('/v1/charges', 'charge', [
    equals('customer'),
    equals('payment_intent'),
    equals('transfer_group'),
  ]),
  searchOperation('/v1/charges', 'charge', {
    amount: 'number',
    created: 'number',
    currency: 'exact',
    customer: 'exact',
    disputed: 'boolean',
    refunded: 'boolean',
    status: 'exact',
    'payment_method_details.card.last4': 'exact',
    'payment_method_details.card.brand': 'exact',
  }),
]

/** A charge of an intent's amount with this method, before the bank's answer is filled in. */
export function chargeOf(work: Work, intent: PaymentIntent, method: PaymentMethod): Charge {
  const id = work.id(method.type === 'card' ? 'ch' : 'py')
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: method.type === 'card' ? descriptorOf(intent) : null,
    captured: false,
    created: work.now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(method, intent.amount),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: 'pending',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  }
}

/** The charge when the bank said yes. Captured money gets its balance transaction at once. */
export async function approved(
  work: Work,
  charge: Charge,
  options: { captured: boolean; isAuthenticated: boolean },
): Promise<Charge> {
  const isCard = charge.payment_method_details.type === 'card'
  const yes: Charge = {
    ...charge,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: isCard ? 'normal' : 'not_assessed',
      ...(isCard ? { risk_score: 20 } : {}),
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
    paid: true,
    payment_method_details: options.isAuthenticated
      ? authenticatedDetails(charge.payment_method_details)
      : charge.payment_method_details,
    receipt_url: `${work.settings.publicUrl}/receipts/${charge.id}`,
    status: 'succeeded',
  }
  return options.captured ? captured(work, yes, charge.amount) : yes
}

/** The charge with this much of it taken. */
export async function captured(work: Work, charge: Charge, amount: number): Promise<Charge> {
  const isCard = charge.payment_method_details.type === 'card'
  const transaction: BalanceTransaction = await moveMoney(work, {
    amount,
    fee: feeOf(amount, isCard),
    currency: charge.currency,
    type: isCard ? 'charge' : 'payment',
    reportingCategory: 'charge',
    source: charge.id,
    description: charge.description,
  })
  return {
    ...charge,
    amount_captured: amount,
    balance_transaction: transaction.id,
    captured: true,
  }
}

/** The charge when the bank said no. */
export function declined(charge: Charge, decline: Decline, adviceCode: string | null): Charge {
  const isBlocked = decline.isBlocked === true
  return {
    ...charge,
    failure_code: decline.code,
    failure_message: decline.message,
    outcome: {
      advice_code: adviceCode,
      network_advice_code: null,
      network_decline_code: null,
      network_status: isBlocked ? 'not_sent_to_network' : 'declined_by_network',
      reason: isBlocked ? 'highest_risk_level' : (decline.decline_code ?? decline.code),
      risk_level: isBlocked ? 'highest' : 'normal',
      risk_score: isBlocked ? 92 : 20,
      seller_message: isBlocked
        ? 'Stripe blocked this payment as too risky.'
        : 'The bank did not return any further details with this decline.',
      type: isBlocked ? 'blocked' : 'issuer_declined',
    },
    status: 'failed',
  }
}

function descriptorOf(intent: PaymentIntent): string {
  const suffix = intent.statement_descriptor_suffix
  const own = intent.statement_descriptor ?? 'SANDBOX SHOP'
  return (suffix === null ? own : `${own}* ${suffix}`).slice(0, 22)
}

function methodDetails(
  method: PaymentMethod,
  amount: number,
): Readonly<Record<string, unknown>> & { type: string } {
  if (method.card !== undefined) {
    const { card } = method
    return {
      card: {
        amount_authorized: amount,
        authorization_code: '123456',
        brand: card.brand,
        checks: card.checks,
        country: card.country,
        electronic_commerce_indicator: null,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        extended_authorization: { status: 'disabled' },
        fingerprint: card.fingerprint,
        funding: card.funding,
        incremental_authorization: { status: 'unavailable' },
        installments: null,
        last4: card.last4,
        mandate: null,
        multicapture: { status: 'unavailable' },
        network: card.brand,
        network_token: { used: false },
        network_transaction_id: null,
        overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
        regulated_status: card.regulated_status,
        three_d_secure: null,
        transaction_link_id: null,
        wallet: null,
      },
      type: 'card',
    }
  }
  if (method.us_bank_account !== undefined) {
    const bank = method.us_bank_account
    return {
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type: bank.account_holder_type,
        account_type: bank.account_type,
        bank_name: bank.bank_name,
        fingerprint: bank.fingerprint,
        last4: bank.last4,
        payment_reference: null,
        routing_number: bank.routing_number,
      },
    }
  }
  const bank = method.sepa_debit
  return {
    sepa_debit: {
      bank_code: bank?.bank_code ?? null,
      branch_code: bank?.branch_code ?? null,
      country: bank?.country ?? null,
      fingerprint: bank?.fingerprint ?? null,
      last4: bank?.last4 ?? null,
      mandate: null,
    },
    type: 'sepa_debit',
  }
}

function authenticatedDetails(
  details: Readonly<Record<string, unknown>> & { type: string },
): Readonly<Record<string, unknown>> & { type: string } {
  const card = details['card']
  if (typeof card !== 'object' || card === null) return details
  return {
    ...details,
    card: {
      ...card,
      electronic_commerce_indicator: '05',
      three_d_secure: {
        authentication_flow: 'challenge',
        electronic_commerce_indicator: '05',
        exemption_indicator: null,
        result: 'authenticated',
        result_reason: null,
        transaction_id: '00000000-0000-4000-8000-000000000000',
        version: '2.2.0',
      },
    },
  }
}
