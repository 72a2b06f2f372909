import type { BillingDetails, PaymentMethod } from './objects/payment-method.ts'
import type { TestBank } from './test-banks.ts'
import type { TestCard } from './test-cards.ts'
import type { Work } from './work.ts'
import { NO_ADDRESS } from './addresses.ts'
import { keepInstrument } from './instruments.ts'
import { createHash } from 'node:crypto'

export const NO_BILLING_DETAILS: BillingDetails = {
  address: NO_ADDRESS,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
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

function fingerprintOf(number: string): string {
  return createHash('sha256').update(`fingerprint ${number}`).digest('hex').slice(0, 16)
}
