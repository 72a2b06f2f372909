import type { PaymentMethod } from './objects/payment-method.ts'

export function methodDetails(
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

export function authenticatedDetails(
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
