import type { BalanceTransaction } from './objects/balance.ts'
import type { Charge } from './objects/charge.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { Decline } from './test-cards.ts'
import type { Work } from './work.ts'
import { feeOf, moveMoney } from './balance.ts'
import { authenticatedDetails, methodDetails } from './charge-method-details.ts'

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
