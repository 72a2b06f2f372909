import type { Params } from './params.ts'
import type { BillingDetails, PaymentMethod } from './objects/payment-method.ts'
import type { Work } from './work.ts'
import { ApiError, invalidRequest, noSuchObject, notInSandbox } from '../api-error.ts'
import { addressOf } from './addresses.ts'
import { checkCardNumber } from './card-entry.ts'
import { knownCard } from './instruments.ts'
import { NO_BILLING_DETAILS, bankMethod, cardMethod } from './payment-method.ts'
import { bankOfAccount, bankOfToken } from './test-banks.ts'
import { cardOfToken } from './test-cards.ts'

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

export function billingOf(given: Params | undefined, before = NO_BILLING_DETAILS): BillingDetails {
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
